"""Which declared pulls hold: those that later cases do not speak against, reason by reason."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from features.feature import Pull
from features.known import Array
from features.register import Stage
from models.bundle.canaries import canaries_json
from models.bundle.files import FEATURES, features_json, files_of, models_of
from models.bundle.manifest import DamagedBundleError, canonical
from models.estimators.boosters import Binned, BoosterSettings, Lesson
from models.estimators.hazard import sigmoid
from models.stage_models import StageModels
from tests.builders_models import tiny_stage
from tests.builders_training import settings, small_history
from training.learning.pulling import Later, Pulls, holding
from training.learning.stage_data import StageData, find_periods, score_data
from training.learning.train_score import fit_score, pulls_of
from training.learning.watching import ByDay

N = 4_000
UP, DOWN = 1.0, -1.0
SMALL = BoosterSettings(trees=40, leaves=6, min_rows=40)
REASONS = np.array([0, 0, 1, 2])


def rows(seed: int) -> Array:
    """Return four features; the second says the same as the first, coarser."""
    values = np.random.default_rng(seed).normal(size=(N, 4)).astype(np.float32)
    values[:, 1] = np.round(values[:, 0])
    values[::5, 2] = np.nan
    return values


def odds(values: Array, *, first: float = UP, third: float = UP) -> Array:
    """Return log-odds in which the first and the third feature, where it is known, count in these directions."""
    return np.asarray(-0.5 + first * values[:, 0] + third * np.nan_to_num(values[:, 2]))


def happened(log_odds: Array, seed: int) -> Array:
    """Return what came of each case."""
    return (np.random.default_rng(seed).random(len(log_odds)) < sigmoid(log_odds)).astype(np.float64)


def held_after(pulls: Pulls, *, before: Array, after: Array, known: Array | None = None) -> Pulls:
    """Return the pulls that hold where earlier and later cases have these log-odds."""
    label, taught = happened(before, 3), rows(1)

    def learn(tried: Pulls) -> Array:
        return sigmoid(Binned(taught, settings=SMALL).learn(Lesson(label=label, pulls=tried)).raw(rows(2)))

    found = ByDay(happened(after, 4), np.ones(N) if known is None else known)
    return holding(pulls, REASONS, (learn, learn), Later(rows(2), found, ["浙1021"] * N))


@pytest.mark.parametrize("pull", [1, -1])
def test_a_pull_that_the_cases_bear_out_holds(pull: int) -> None:
    """What is true is never given up, whichever way it goes."""
    pulls = (pull, pull, pull, 0)
    before, after = (odds(rows(seed), first=pull, third=pull) for seed in (1, 2))

    assert held_after(pulls, before=before, after=after) == pulls


@pytest.mark.parametrize("pull", [1, -1])
def test_a_pull_that_all_cases_contradict_is_given_up_with_its_whole_reason(pull: int) -> None:
    """Both features of the contradicted reason are freed, another reason keeps its pull."""
    before, after = (odds(rows(seed), first=-pull, third=pull) for seed in (1, 2))

    assert held_after((pull, pull, pull, 0), before=before, after=after) == (0, 0, pull, 0)


def test_a_pull_that_is_wrong_in_the_middle_only_is_given_up() -> None:
    """More is better at both ends, and worse between: the promise does not hold as it was given."""

    def bent(values: Array) -> Array:
        return np.asarray(np.where(np.abs(values[:, 0]) < 1.0, -2.0 * values[:, 0], values[:, 0]))

    assert held_after((1, 1, 1, 0), before=bent(rows(1)), after=bent(rows(2)))[:2] == (0, 0)


def test_what_earlier_cases_alone_contradict_is_not_given_up() -> None:
    """A free model would follow the past; later cases, which neither model has met, decide."""
    before, after = odds(rows(1), first=DOWN), odds(rows(2))

    assert held_after((1, 1, 1, 0), before=before, after=after) == (1, 1, 1, 0)


def test_what_only_one_look_tells_is_not_given_up() -> None:
    """Trees that are not done learning gain by every freedom: those of full size must gain, too."""
    label, taught, pulls = happened(odds(rows(1), first=DOWN), 3), rows(1), (1, 1, 1, 0)

    def learn(tried: Pulls) -> Array:
        return sigmoid(Binned(taught, settings=SMALL).learn(Lesson(label=label, pulls=tried)).raw(rows(2)))

    later = Later(rows(2), ByDay(happened(odds(rows(2), first=DOWN), 4), np.ones(N)), ["浙1021"] * N)

    assert holding(pulls, REASONS, (learn,), later) == (0, 0, 1, 0)
    assert holding(pulls, REASONS, (learn, lambda _tried: learn(pulls)), later) == pulls


def test_a_level_that_moved_contradicts_no_pull() -> None:
    """Later cases that end far less often, and are told apart half as well, bear the same pulls out."""
    before, after = odds(rows(1)), 0.5 * odds(rows(2)) - 1.5

    assert held_after((1, 1, 1, 0), before=before, after=after) == (1, 1, 1, 0)


def test_cases_of_which_nobody_knows_the_end_say_nothing() -> None:
    """The same contradiction among cases without weight is not seen."""
    seen = rows(2)[:, 0] > 0
    crossed = np.where(seen, odds(rows(2)), odds(rows(2), first=-3.0))

    assert held_after((1, 1, 1, 0), before=odds(rows(1)), after=crossed, known=seen.astype(np.float64)) == (1, 1, 1, 0)


@runs(max_examples=12, deadline=None)
@given(
    pulls=st.tuples(*[st.sampled_from((-1, 0, 1))] * 4),
    first=st.sampled_from((-1.0, 0.0, 1.0)), third=st.sampled_from((-1.0, 0.0, 1.0)),
)  # fmt: skip
def test_a_pull_is_kept_or_given_up_and_never_made(pulls: Pulls, first: float, third: float) -> None:
    """Whatever cases say: every pull is as declared or none, reason by reason, and noise takes nothing away."""
    before, after = (odds(rows(seed), first=first, third=third) for seed in (1, 2))
    held = np.array(held_after(pulls, before=before, after=after))
    declared = np.array(pulls)

    assert ((held == declared) | (held == 0)).all()
    for reason in np.unique(REASONS):
        there = reason == REASONS
        assert (held[there] == declared[there]).all() or (held[there] == 0).all()
    if third == 0.0:
        assert held[2] == declared[2]
    assert held[3] == declared[3]


def contradicted() -> tuple[StageData, str]:
    """Return a small court in which the feature that may only lower a share raises it, and its name."""
    history = small_history()
    data = StageData.of(history, Stage.A)
    score = score_data(history, "recovery", data=data, at=find_periods(history, settings()), settings=settings())
    column = next(i for i, feature in enumerate(data.features) if feature.pull is Pull.DOWN)
    values = data.rows.copy()
    for cases in (score.train, score.calibrate):
        values[data.place[cases.row], column] = cases.share
    return replace(data, rows=values), data.features[column].name


@pytest.mark.parametrize("tested", [True, False])
def test_a_score_names_what_was_freed_and_a_court_may_forbid_it(tested: bool) -> None:
    """What lowers a share by its declaration and raises it in all cases is freed, unless pulls are not to be tested."""
    (data, name), chosen = contradicted(), settings(f"test_pulls={str(tested).lower()}", "lines=false")
    at = find_periods(small_history(), chosen)
    score = score_data(small_history(), "recovery", data=data, at=at, settings=chosen)

    fitted = fit_score(data, score, settings=chosen).score

    assert (name in fitted.freed) is tested
    pull = dict(zip((feature.name for feature in data.features), pulls_of(data), strict=True))
    assert all(pull[one] for one in fitted.freed)


def files_freeing(said: object) -> dict[str, bytes]:
    """Return the files of a stage whose willingness says that these features are freed."""
    models = tiny_stage(Stage.A)
    files = {**dict(files_of(models)), FEATURES: canonical(features_json({Stage.A: models}, ()))}
    document = json.loads(files["A/willingness/score.json"])
    assert "freed" not in document
    return files | {"A/willingness/score.json": canonical(document | {"freed": said})}


def read(files: dict[str, bytes]) -> StageModels:
    """Read a stage from its files."""
    return models_of(files, Stage.A, canaries_json({"A": tiny_stage(Stage.A)})["A"])  # type: ignore[arg-type]


def test_freed_features_travel_with_the_bundle() -> None:
    """They are named in the file of the score and read back, and written again as they were."""
    name = tiny_stage(Stage.A).features[0].name
    files = files_freeing([name])

    models = read(files)

    assert {one: score.freed for one, score in models.scores.items() if score.freed} == {"willingness": (name,)}
    assert dict(files_of(models))["A/willingness/score.json"] == files["A/willingness/score.json"]


@pytest.mark.parametrize("said", ["q_bank", ["no_such_feature"], [1], {"q_bank": True}])
def test_a_file_that_frees_what_is_no_feature_is_damaged(said: object) -> None:
    """Refused in words."""
    with pytest.raises(DamagedBundleError, match="freed names features"):
        read(files_freeing(said))
