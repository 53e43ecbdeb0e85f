"""Training: complete, repeatable, within its own past, and honest about what it cannot learn from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from features import history_tables as tables
from features.catalogue import catalogue
from features.feature import Pull
from features.register import Stage
from models.bundle import Bundle, verify
from models.estimators.boosters import Booster, BoosterSettings
from models.estimators.hazard import HazardLessons, HazardTarget
from models.estimators.person_period import FollowUp
from models.stage_models import HazardScore
from tests.builders_training import NOW, settings, silent, small_history, small_training
from training.errors import CommandError
from training.evaluation.evaluate import evaluate
from training.history import History
from training.learning import train_score
from training.learning.losses import Losses
from training.learning.overlap import Overlap
from training.learning.stage_data import StageData, find_periods, score_data
from training.learning.train import train
from training.learning.train_score import booster_settings, fit_score
from training.learning.watching import by_day


def test_a_bundle_holds_every_score_that_was_asked_for() -> None:
    """Willingness, ability and recovery before filing; ability, quick close and recovery after the query."""
    stages = small_training().trained.bundle.stages
    assert {stage: sorted(models.scores) for stage, models in stages.items()} == {
        Stage.A: ["ability", "recovery", "willingness"],
        Stage.B: ["ability", "quick_close", "recovery"],
    }


def test_what_was_saved_verifies_in_a_process_of_its_own() -> None:
    """The bundle on disk is whole, loads elsewhere and answers its canaries."""
    small = small_training()
    assert verify(small.bundle) == small.sha256


def test_the_same_history_settings_and_instant_give_the_same_bundle(tmp_path: Path) -> None:
    """A bundle can be made again and compared by one hash; another seed is another bundle."""
    only = settings("targets.A.willingness.also=[]")
    only = replace(only, targets={"A": {"ability": only.targets["A"]["ability"]}})
    hashes = [
        train(small_history(), chosen, stages=[Stage.A], created_at=NOW, console=silent()).bundle.save(tmp_path / name)
        for name, chosen in (("one", only), ("two", only), ("three", replace(only, seed=only.seed + 1)))
    ]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


def test_the_bundle_says_that_it_is_simulated_and_when_it_learned() -> None:
    """Nobody can mistake a demonstration for a court's own model, or its test period for its past."""
    about = small_training().trained.bundle.about
    assert about.simulated
    assert about.periods["train"][1] == about.periods["calibrate"][0]
    assert about.periods["calibrate"][1] == about.periods["test"][0]
    assert about.data_sha256 == small_history().data_sha256()


def test_nobody_stands_on_two_sides() -> None:
    """In a real training no debtor or batch is shared between learning, calibration and test."""
    chosen = settings()
    data = StageData.of(small_history(), Stage.A)
    at = find_periods(small_history(), chosen)
    score = score_data(small_history(), "ability", data=data, at=at, settings=chosen)
    sides = [set(part.group.tolist()) for part in (score.train, score.calibrate, score.test)]
    assert sides[0].isdisjoint(sides[1] | sides[2])
    assert sides[1].isdisjoint(sides[2])
    assert score.dropped > 0


def test_no_training_label_knows_what_came_after_training() -> None:
    """No time in the training labels reaches into the calibration period."""
    chosen = settings()
    data = StageData.of(small_history(), Stage.B)
    at = find_periods(small_history(), chosen)
    score = score_data(small_history(), "ability", data=data, at=at, settings=chosen)
    assert (score.train.start + score.train.time <= at.calibrate_from).all()
    assert (score.calibrating.start + score.calibrating.time <= at.test_from).all()
    assert len(score.calibrating) == len(score.calibrate) + len(score.late) > len(score.calibrate)


def test_hazards_learn_from_the_gap_as_it_looked_then_and_shares_do_not() -> None:
    """Cases of the last horizon before calibration are censored on its first day; a share needs its whole horizon."""
    chosen = settings()
    data = StageData.of(small_history(), Stage.B)
    at = find_periods(small_history(), chosen)
    hazard, share = (
        score_data(small_history(), name, data=data, at=at, settings=chosen) for name in ("ability", "recovery")
    )
    late = hazard.train.where(~hazard.settled)
    cut = at.calibrate_from - chosen.labels.recording_lag_days
    assert len(late) > 50
    assert (late.entered_at < cut).all()
    assert late.start + late.time == pytest.approx(np.where(late.cause == 0, cut, late.start + late.time))
    assert (late.start + late.time <= cut).all()
    assert share.settled.all()


@pytest.mark.parametrize(("refit", "ends"), [("false", "calibrate_from"), ("true", "test_from")])
def test_what_became_known_after_the_cut_does_not_change_what_is_learned(tmp_path: Path, refit: str, ends: str) -> None:
    """Without any payment or closing recorded after learning was over, the trained trees are the same."""
    asked = settings(f"refit={refit}")
    chosen = replace(asked, targets={"A": {"ability": asked.targets["A"]["ability"]}})
    cut = getattr(find_periods(small_history(), chosen), ends)
    blind = tmp_path / "blind"
    shutil.copytree(small_history().path, blind)
    events = pq.read_table(blind / "events.parquet")
    known = tables.days(events["recorded_at"]) <= cut
    steps = pc.is_in(events["kind"].cast("string"), pa.array(["file", "query", "urge_start", "convert"])).to_numpy()
    pq.write_table(events.filter(pa.array(known | steps)), blind / "events.parquet")
    texts = [
        [b.text for b in _boosters(train(h, chosen, stages=[Stage.A], created_at=NOW, console=silent()).bundle)]
        for h in (small_history(), History.open(blind))
    ]
    assert texts[0] == texts[1]


def test_too_few_cases_name_the_score_and_the_least_number() -> None:
    """A court with too short a history is told so instead of getting a number."""
    with pytest.raises(CommandError, match=r"\[TOO_FEW_CASES\] A\.\w+ 的 train 时期只有 \d+ 件，至少需要 100000 件"):
        train(small_history(), settings("min_cases=100000"), stages=[Stage.A], created_at=NOW, console=silent())


def test_labels_that_are_not_ripe_are_told_as_that() -> None:
    """Where cases are many and their follow-up is short, more cases would not help."""
    small = small_history()
    courts = dict.fromkeys(np.unique(small.courts).tolist(), "2022-12-31")
    young = History(small.path, {**small.meta, "observed_until": courts}, small.register, ())
    with pytest.raises(CommandError, match=r"\[LABELS_NOT_RIPE\] 3000 件案件中只有 0 件已观察满 \d+ 天"):
        train(young, settings(), stages=[Stage.A], created_at=NOW, console=silent())


def test_excluded_features_are_in_no_bundle() -> None:
    """A court leaves out features by name, reason code or field; models, ranges and importance know only the rest."""
    chosen = settings('features.exclude=["month_of_year","D01","claim_amount"]')
    chosen = replace(chosen, targets={"A": {"ability": chosen.targets["A"]["ability"]}})
    bundle = train(small_history(), chosen, stages=[Stage.A], created_at=NOW, console=silent()).bundle
    features = catalogue(Stage.A)
    gone = {f.name for f in features if f.name == "month_of_year" or f.code == "D01" or "claim_amount" in f.reads}
    assert len(gone) >= 3
    left = [f.name for f in catalogue(Stage.A) if f.name not in gone]
    assert [f.name for f in bundle.stages[Stage.A].features] == left
    report = evaluate(bundle, small_history(), chosen, console=silent()).reports["A.ability"]
    assert len(report.importance) == len(catalogue(Stage.A)) - len(gone)


def test_excluding_what_is_no_feature_is_refused() -> None:
    """A misspelt name would silently leave the feature in."""
    chosen = settings('features.exclude=["moth_of_year"]')
    with pytest.raises(CommandError, match=r"\[CONFIG\] features.exclude .+ got \['moth_of_year'\]"):
        train(small_history(), chosen, stages=[Stage.A], created_at=NOW, console=silent())


def test_another_grid_and_reading_day_need_only_settings() -> None:
    """A question of another length (a fine paid within a year) is asked by configuration."""
    chosen = settings("targets.A.ability.grid=[60,120,240]", "targets.A.ability.reading=240")
    chosen = replace(chosen, targets={"A": {"ability": chosen.targets["A"]["ability"]}})
    bundle = train(small_history(), chosen, stages=[Stage.A], created_at=NOW, console=silent()).bundle
    score = bundle.stages[Stage.A].scores["ability"]
    assert isinstance(score, HazardScore)
    assert (score.model.grid, score.readings[0].day) == ((60, 120, 240), 240)


def test_another_urging_window_is_calibrated_too() -> None:
    """Willingness is calibrated at 15 days and at the neighbouring windows, so a court can change its own."""
    score = small_training().trained.bundle.stages[Stage.A].scores["willingness"]
    assert [reading.day for reading in score.readings] == [15, 7, 30]


def test_every_window_has_its_map_of_chances_read_on_its_own_day() -> None:
    """On the cases that calibrate, chances meet what came about by the seventh day as well as by the thirtieth."""
    chosen = settings("refit=false")
    data, at = StageData.of(small_history(), Stage.A), find_periods(small_history(), chosen)
    asked = score_data(small_history(), "willingness", data=data, at=at, settings=chosen)
    later, fitted = asked.calibrating, fit_score(data, asked, settings=chosen).score
    courts = data.courts_of(data.place[later.row])
    for reading in fitted.readings:
        raw = fitted.raw(data.rows_of(later), day=reading.day, waited=data.waited_of(later))
        found = by_day(later.time, later.cause, day=reading.day)
        shown = reading.calibrator.apply_at(raw, courts)
        gap = np.average((shown - found.event)[found.known], weights=found.weight[found.known])
        assert abs(gap) < 0.02, reading.day


def test_urged_cases_that_were_sure_to_be_urged_weigh_little() -> None:
    """Overlap weights fall with the chance of having been urged, and average one."""
    chosen, history = settings(), small_history()
    data = StageData.of(history, Stage.A)
    at = find_periods(history, chosen)
    overlap = Overlap.fit(history, data, until=at.calibrate_from, settings=booster_settings(chosen))
    rows = score_data(history, "willingness", data=data, at=at, settings=chosen).train.row
    weights, chances = overlap.weights(data, rows), overlap.chance(data, rows)
    assert weights.mean() == pytest.approx(1)
    assert np.corrcoef(weights, chances)[0, 1] == pytest.approx(-1, abs=1e-6)


def _boosters(bundle: Bundle) -> list[Booster]:
    return [b for m in bundle.stages.values() for score in m.scores.values() for b in score.boosters.values()]


def test_the_same_history_settings_and_seed_give_the_same_bundle(tmp_path: Path) -> None:
    """Trees draw features and thresholds by lot, and two trainings still have one hash; another seed has another."""
    drawn = ("booster.columns=0.3", "booster.random_splits=true")
    hashes = []
    for number, seed in enumerate((1, 1, 2)):
        asked = settings(*drawn, f"seed={seed}")
        chosen = replace(asked, targets={"A": {"willingness": asked.targets["A"]["willingness"]}})
        bundle = train(small_history(), chosen, stages=[Stage.A], created_at=NOW, console=silent()).bundle
        hashes.append(bundle.save(tmp_path / str(number)))
    assert hashes[0] == hashes[1] != hashes[2]


def test_trees_grow_the_way_that_later_cases_bear_out() -> None:
    """A fact that counts within a narrow band asks for the best cuts: drawn ones are tried, too, and not kept."""
    chosen = settings("booster.random_splits=true", "lines=false", "refit=false")
    data, at = StageData.of(small_history(), Stage.A), find_periods(small_history(), chosen)
    score = score_data(small_history(), "recovery", data=data, at=at, settings=chosen)
    rows, rng = data.rows.copy(), np.random.default_rng(1)
    free = next(i for i, feature in enumerate(data.features) if feature.pull is Pull.NONE)
    for cases in (score.train, score.calibrate):
        inside, anywhere = rng.uniform(0.49, 0.51, len(cases)), rng.uniform(0.0, 1.0, len(cases))
        rows[data.place[cases.row], free] = np.where(cases.share > 0.5, inside, anywhere)

    fitted = fit_score(replace(data, rows=rows), score, settings=chosen).score

    assert ["[extra_trees: 0]" in booster.text for booster in fitted.boosters.values()] == [True]


def test_a_large_court_chooses_by_some_cases_and_learns_from_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks learn from cases drawn by lot; the trees that meet the calibrating cases are those of all that teach."""
    chosen = settings("refit=false", "lines=false")
    data, at = StageData.of(small_history(), Stage.A), find_periods(small_history(), chosen)
    score = score_data(small_history(), "ability", data=data, at=at, settings=chosen)
    learned: list[int] = []

    def counted(
        rows: np.ndarray, follow: FollowUp, *, target: HazardTarget, settings: BoosterSettings
    ) -> HazardLessons:
        learned.append(len(rows))
        return made(rows, follow, target=target, settings=settings)

    made = HazardLessons.of
    monkeypatch.setattr(HazardLessons, "of", counted)
    whole = fit_score(data, score, settings=chosen).score
    monkeypatch.setattr(train_score, "MOST_LOOKED", 300)
    drawn = fit_score(data, score, settings=chosen).score

    assert learned == [len(score.train), 300, len(score.train)]
    assert drawn.freed == whole.freed
    assert {name: one.text for name, one in drawn.boosters.items()} == {
        name: one.text for name, one in whole.boosters.items()
    }


def test_a_way_that_is_not_told_apart_is_not_taken() -> None:
    """A hair less in the mean over scattered cases says nothing; the same hair in every case does."""
    as_set = Losses(np.linspace(0.2, 0.8, 100), np.ones(100))
    scattered = Losses(as_set.each + np.where(np.arange(100) % 2, 0.1, -0.101), as_set.weight)

    assert scattered.mean < as_set.mean
    assert not scattered.told_below(as_set)
    assert Losses(as_set.each - 0.0005, as_set.weight).told_below(as_set)


def test_a_curve_is_calibrated_where_its_intervals_end() -> None:
    """Up to the last day of reading each end of an interval has its own map; beyond it nothing is claimed to hold."""
    scores = small_training().trained.bundle.stages[Stage.B].scores
    days = {name: sorted(reading.day for reading in score.readings) for name, score in scores.items()}
    asked = settings().targets["B"]

    for name, score in asked.items():
        wanted = {score.reading, *(day for day in score.grid if day < score.reading)}
        assert days[name] == sorted(wanted)
    assert len(days["ability"]) > 1
