"""Abstention: when no number is shown, and that the reason is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from features.known import Known
from features.register import Stage
from models.abstention import KEY_FIELDS, WORDS, Abstain, Ranges, expired, key_fields_of, outside
from models.bundle import Bundle
from models.estimators.boosters import Binned, Lesson
from models.estimators.calibration import Courts
from models.estimators.comparable import Comparable
from models.scores import score, score_rows
from models.stage_models import Propensity, Reading, StageModels
from tests.builders_models import SETTINGS, assembled, random_known, random_rows, tiny_about, tiny_stage

BUNDLE = assembled()
COURT = Courts.of(["浙1022"])


def complete_case(stage: Stage = Stage.A) -> Known:
    """Return one case in which every column that random cases know holds a value."""
    known = random_known(stage, 400, seed=3)
    usual = {name: column[~np.isnan(column)][:1] for name, column in known.columns.items()}
    return Known(stage, known.as_of[:1], {name: v if len(v) else np.array([np.nan]) for name, v in usual.items()})


def stage_with(**changes: object) -> StageModels:
    """Return the tiny stage A with some parts replaced."""
    return replace(tiny_stage(Stage.A), **changes)  # type: ignore[arg-type]


def test_a_usual_case_is_scored() -> None:
    """With all key fields, a known court and a model in date there is no reason to abstain."""
    assert score(BUNDLE, complete_case(), ["浙1022"]).row(0).abstain == ()


def test_each_missing_key_field_withholds_the_score() -> None:
    """Without the claim, the debtor's kind or the cause no score is given; after the query, not without the query."""
    for stage in Stage:
        for name in KEY_FIELDS[stage]:
            case = complete_case(stage)
            columns = {**case.columns, name: np.array([np.nan])}
            found = score(BUNDLE, Known(stage, case.as_of, columns), ["浙1022"]).row(0).abstain
            assert Abstain.KEY_FIELD_MISSING in found


def test_a_court_whose_cases_never_have_a_field_is_not_asked_for_it() -> None:
    """Key fields are those that at least half of the training cases have."""
    known = random_known(Stage.B, 50)
    without = {name: column for name, column in known.columns.items() if name != "q_bank"}

    assert "q_bank" in key_fields_of(known)
    assert "q_bank" not in key_fields_of(Known(Stage.B, known.as_of, without))


def test_an_unknown_court_is_withheld() -> None:
    """A court without cases in training gets no number."""
    table = score(BUNDLE, random_known(Stage.A, 2), ["浙1022", "浙9999"])

    assert table.reasons[Abstain.UNKNOWN_COURT].tolist() == [False, True]


def test_a_value_beyond_training_is_withheld() -> None:
    """A claim larger than any seen in training gets no number; a missing one is no such value."""
    ranges = Ranges.of(np.array([[0.0, np.nan], [5.0, np.nan]], dtype=np.float32))
    rows = np.array([[5.0, 1.0], [5.1, 1.0], [np.nan, 1.0]], dtype=np.float32)

    assert outside(rows, ranges.lower, ranges.upper).tolist() == [False, True, False]


def test_a_feature_that_no_tree_asks_for_never_withholds() -> None:
    """What the model does not look at cannot be outside what it saw."""
    rows = random_rows(tiny_stage(Stage.A).features, Stage.A, 50)
    models = stage_with(ranges=Ranges.of(rows[:1]))
    used = np.zeros(rows.shape[1], dtype=bool)
    for part in models.scores.values():
        for booster in part.boosters.values():
            used |= booster.used()[: len(used)]
        if part.model.lines is not None:
            used[part.model.lines.used()] = True

    assert np.isneginf(models.watched[0][~used]).all()
    assert np.isfinite(models.watched[0][used & ~np.isnan(rows[0])]).all()


def test_few_comparable_cases_withhold() -> None:
    """Forty comparable cases are too few for a number."""
    willingness = tiny_stage(Stage.A).scores["willingness"]
    usual = willingness.readings[0]
    p = np.full(40, 0.5)
    thin = Reading(usual.day, usual.calibrator, Comparable.fit(p, p.round(), ["浙1022"] * 40))
    models = stage_with(scores={"willingness": replace(willingness, readings=(thin,))})
    table = score_rows(models, random_rows(models.features, Stage.A, 1), COURT)

    assert table.reasons[Abstain.FEW_COMPARABLE].tolist() == [True]


def test_the_models_last_day_still_counts() -> None:
    """A model valid until 1 January answers on that day to its last minute and not the next."""
    day = float(date(2027, 1, 1).toordinal() - date(1970, 1, 1).toordinal())

    assert expired(np.array([day + 0.999, day + 1.0]), date(2027, 1, 1)).tolist() == [False, True]


def test_an_expired_bundle_withholds() -> None:
    """Past its date the bundle abstains for every case."""
    old = Bundle.assemble(BUNDLE.stages.values(), about=tiny_about(valid_until=date(2020, 1, 1)))

    assert Abstain.MODEL_EXPIRED in score(old, complete_case(), ["浙1022"]).row(0).abstain


def test_poor_overlap_withholds_where_the_bundle_knows_it() -> None:
    """Where people hardly ever urged such a case, or always did, there is nothing to compare with."""
    models = tiny_stage(Stage.A)
    rows = random_rows(models.features, Stage.A, 300)
    urged = (np.nan_to_num(rows[:, 0]) > np.nanmedian(rows[:, 0])).astype(float)
    booster = Binned(rows, settings=SETTINGS.at_scale(300)).learn(Lesson(label=urged))
    narrow = stage_with(propensity=Propensity(booster, 0.45, 0.55))
    table = score_rows(narrow, rows, Courts.of(["浙1022"] * 300))

    assert table.reasons[Abstain.POOR_OVERLAP].mean() > 0.5


def test_every_reason_has_words() -> None:
    """A judge reads why, in both languages."""
    assert set(WORDS) == set(Abstain)


def test_ranges_round_trip() -> None:
    """Saved ranges are the ranges, to the last bit."""
    ranges = Ranges.of(random_rows(tiny_stage(Stage.A).features, Stage.A, 30))
    again = Ranges.from_json(ranges.to_json())

    assert np.array_equal(again.lower, ranges.lower, equal_nan=True)
    assert np.array_equal(again.upper, ranges.upper, equal_nan=True)
