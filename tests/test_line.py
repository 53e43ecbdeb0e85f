"""Lines beside trees: true to the declared pulls, held back where cases say little, the same alone and among others."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Stage
from models.bundle.canaries import canaries_json
from models.bundle.files import FEATURES, features_json, files_of, models_of
from models.bundle.manifest import DamagedBundleError, canonical
from models.estimators.hazard import logit, sigmoid
from models.estimators.line import Lines
from models.estimators.line_fit import Learned, Watched, learn_lines
from models.estimators.person_period import FollowUp
from tests.builders_models import tiny_stage
from training.learning.lining import Lining
from training.learning.watching import ByDay

GRID = (30.0, 60.0)


@cache
def rows(n: int = 3000) -> np.ndarray:
    """Return four features: two numbers, a yes or no, and a number that is missing in a third of the cases."""
    rng = np.random.default_rng(8)
    out = rng.normal(size=(n, 4)).astype(np.float32)
    out[:, 2] = out[:, 2] > 0
    out[rng.random(n) < 1 / 3, 3] = np.nan
    return out


def learned(log_odds: np.ndarray, *, pulls: tuple[int, ...] = (0, 0, 0, 0), causes: int = 1) -> Learned:
    """Return lines of cases that end early with these log-odds; the others stay open or end in another way."""
    rng = np.random.default_rng(9)
    first = rng.random(len(log_odds)) < sigmoid(log_odds)
    follow = FollowUp(time=np.where(first, 10.0, 60.0), cause=np.where(first, 1, causes - 1))
    watched = Watched.of(follow, causes=causes, grid=GRID)
    return learn_lines(rows(), watched, pulls=pulls, seed=1)


@cache
def contradicted() -> Lines:
    """Return lines of two causes whose cases contradict the pull of feature 0: what should help seems to harm."""
    return learned(-1.0 - rows()[:, 0] + rows()[:, 1], pulls=(1, 0, 0, 1), causes=2).lines


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 3]))
def test_what_may_only_help_never_lowers_a_line(seed: int, feature: int) -> None:
    """Whatever the cases say: a known value that rises never lowers the first cause, and never raises the other."""
    rng = np.random.default_rng(seed)
    row = rng.normal(scale=2.0, size=(1, 4)).astype(np.float32)
    higher = row.copy()
    higher[0, feature] += abs(rng.normal(scale=2.0))
    change = contradicted().of(higher, 2) - contradicted().of(row, 2)

    assert (change[:, 0] >= -1e-12).all()
    assert (change[:, 1] <= 1e-12).all()


def test_a_line_follows_a_bend() -> None:
    """What rises up to the middle value and no further is not drawn on as a straight line would be."""
    truth = -1.0 + 2.0 * np.minimum(rows()[:, 0], 0.0)
    line = learned(truth).lines
    asked = np.zeros((4, 4), dtype=np.float32)
    asked[:, 0] = (-1.5, -0.75, 0.2, 1.5)
    low, middle, flat, high = line.of(asked, 1)[:, 0, 0]

    assert middle - low > 0.8
    assert abs(high - flat) < 0.5 < middle - low


def test_beyond_what_was_seen_a_line_is_flat() -> None:
    """An absurd value counts as the largest one that taught."""
    line = learned(-1.0 + rows()[:, 0]).lines
    asked = np.zeros((2, 4), dtype=np.float32)
    asked[:, 0] = (rows()[:, 0].max(), 1e12)
    seen, absurd = line.of(asked, 2)

    assert np.array_equal(seen, absurd)


def test_effects_that_are_not_there_are_held_back() -> None:
    """Where ends have nothing to do with the facts, slopes are held more strongly, and say next to nothing."""
    nothing, much = learned(np.full(3000, -1.0)), learned(-1.0 + rows()[:, 0] - rows()[:, 1])

    assert nothing.holds[0] > 10 * much.holds[0]
    assert nothing.lines.of(rows(), 1).std() < 0.15
    assert much.lines.of(rows(), 1).std() > 1.0


def test_missing_values_speak_for_themselves() -> None:
    """Whether a value is missing may count; the cases say how much."""
    line = learned(np.where(np.isnan(rows()[:, 3]), 1.0, -2.0)).lines
    asked = np.zeros((2, 4), dtype=np.float32)
    asked[1, 3] = np.nan
    known, missing = line.of(asked, 1)[:, 0, 0]

    assert missing - known == pytest.approx(3.0, abs=0.4)


def test_an_end_in_an_interval_is_met_on_average() -> None:
    """Hazards of the lines have the frequency of the cases at risk, interval by interval."""
    line = learned(-1.0 + rows()[:, 0]).lines
    rng = np.random.default_rng(9)
    first = rng.random(3000) < sigmoid(-1.0 + rows()[:, 0].astype(float))

    assert sigmoid(line.of(rows(), 1)).mean() == pytest.approx(first.mean(), abs=0.002)


def test_one_row_gets_the_same_bits_alone_and_among_others() -> None:
    """The number of rows changes no bit of a line."""
    line = contradicted()
    among = line.of(rows(), 2)

    for i in (0, 7, 2999):
        assert np.array_equal(line.of(rows()[i : i + 1], 2)[0], among[i])


def test_contributions_and_level_are_the_line() -> None:
    """Levels and what every feature adds sum to the log-odds, at the share at which the lines count."""
    line = replace(contradicted(), share=0.25)
    parts, row = line.contributions(rows()[:1]), rows()[:1]

    assert np.allclose(parts.sum(axis=1) + 0.25 * line.levels[:, 0], 0.25 * line.of(row, 1)[0, :, 0], atol=1e-12)


def test_learning_twice_gives_the_same_lines() -> None:
    """Training is repeatable to the last bit."""
    first, second = (learned(-1.0 + rows()[:, 0]).lines.to_json() for _ in range(2))

    assert first == second


def test_more_cases_than_a_line_needs_are_drawn_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many cases so many teach; the seed says which."""
    monkeypatch.setattr("models.estimators.line_fit.MOST_CASES", 1000)
    watched = Watched(np.ones((3000, 1)), sigmoid(rows()[:, :1].astype(float)), causes=0)
    slopes = [learn_lines(rows(), watched, pulls=(0,) * 4, seed=seed).lines.slopes for seed in (1, 1, 2)]

    assert np.array_equal(slopes[0], slopes[1])
    assert not np.array_equal(slopes[0], slopes[2])


@pytest.mark.parametrize("better", ["lines", "trees"])
def test_lines_count_as_far_as_later_cases_bear_them_out(better: str) -> None:
    """Lines that know more than the trees get the larger share; lines that know nothing are not kept at all."""
    line = learned(-1.0 + 2.0 * rows()[:, 0])
    right = line.lines.of(rows(), 1)
    event = (np.random.default_rng(3).random(3000) < sigmoid(right[:, 0, 0])).astype(float)
    wrong = np.random.default_rng(4).normal(size=right.shape)
    trees = right if better == "trees" else wrong
    if better == "trees":
        line = replace(line, lines=replace(line.lines, slopes=-line.lines.slopes))
    read = lambda both: sigmoid(both[:, 0, 0])  # noqa: E731 - as short as what it reads
    both, lining = Lining.of(trees, line, rows(), read=read, found=ByDay(event, np.ones(3000)))

    assert lining.share == (0.0 if better == "trees" else 0.75)
    assert np.isfinite(logit(sigmoid(both))).all()
    kept = lining.beside(lambda _cases, holds: replace(line, holds=holds or ()), None)  # type: ignore[arg-type]
    assert (kept is None) == (better == "trees")


def stage_files() -> dict[str, bytes]:
    """Return the files of a stage whose scores have lines."""
    models = tiny_stage(Stage.A)
    return {**dict(files_of(models)), FEATURES: canonical(features_json({Stage.A: models}, ()))}


def test_lines_travel_with_the_bundle() -> None:
    """What is read back answers to the last bit as what was saved, and scores without lines have none."""
    models = tiny_stage(Stage.A)
    back = models_of(stage_files(), Stage.A, canaries_json({"A": models})["A"])  # type: ignore[arg-type]

    for name, score in models.scores.items():
        assert (back.scores[name].model.lines is None) == (score.model.lines is None)
    own = models.scores["willingness"].model.lines
    assert own is not None
    again = back.scores["willingness"].model.lines
    assert again is not None
    assert np.array_equal(own.of(models.canaries.rows, 7), again.of(models.canaries.rows, 7))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: lines | {"share": 1.5}, "lines are not whole"),
        (lambda lines: lines | {"slopes": [[1.0]]}, "lines are not whole"),
        (lambda lines: lines | {"levels": [lines["levels"][0]]}, "lines are not whole"),
        (lambda lines: lines | {"levels": [row[:-1] for row in lines["levels"]]}, "do not fit the causes"),
        (lambda lines: lines | {"terms": lines["terms"] | {"column": [10_000] * 3}}, "lines are not whole"),
        (lambda lines: {key: value for key, value in lines.items() if key != "terms"}, "lines are not whole"),
    ],
)
def test_damaged_lines_are_refused(damage: object, says: str) -> None:
    """Lines that do not fit are damage, told in words, never a crash or a silent answer."""
    files = stage_files()
    document = json.loads(files["A/willingness/score.json"])
    document["lines"] = damage(document["lines"])  # type: ignore[operator]
    files["A/willingness/score.json"] = canonical(document)

    with pytest.raises(DamagedBundleError, match=says):
        models_of(files, Stage.A, canaries_json({"A": tiny_stage(Stage.A)})["A"])  # type: ignore[arg-type]
