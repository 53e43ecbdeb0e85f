"""Lane effects: a planted one is found again, where there is none none is found, and the law binds worth."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.routes import Codes
from models.utility import Utility
from tests.builders_training import settings, small_history, small_training
from training.errors import CommandError
from training.history import History
from training.lane_effects import ByValue, LaneEffects, learn_effects, learning
from training.lane_effects.basis import basis, facts
from training.lane_effects.learning import PARTS, StageEffects
from training.policies import amount_rule, asset_rule, shipped_rules
from training.policies.by_rules import triaged
from training.scoring.input import Batch, batches_of_history

URGE, FAST, COMPLEX, NONE = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX, Lane.NONE))


def planted(effect: float, *, n: int = 20_000) -> tuple[StageEffects, np.ndarray]:
    """Learn from cases in which the action adds `effect` for each unit of x; who got it hangs on x as well."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal(n)
    chance = 1.0 / (1.0 + np.exp(-x))
    action = (rng.random(n) < chance).astype(np.float64)
    outcome = 2.0 * x - 0.5 * x**2 + effect * x * action + rng.standard_normal(n)
    table = np.column_stack([np.ones(n), x])
    return learning._learned(table, np.stack([outcome] * len(PARTS)), action, chance), table


@pytest.mark.parametrize("effect", [0.0, 0.5, -1.0])
def test_a_planted_effect_is_found_again(effect: float) -> None:
    """What the action changes is told apart from who got it and from what would have come anyway."""
    found, table = planted(effect)
    told = found.of(table)[0]
    slope, middle = np.polyfit(table[:, 1], told, 1)
    assert abs(slope - effect) < 0.1
    assert abs(middle) < 0.1


def test_effects_are_read_as_they_were_written() -> None:
    """A file gives back every weight."""
    one, table = planted(0.5, n=2_000)
    other = planted(-1.0, n=2_000)[0]
    both = LaneEffects({Stage.A: one, Stage.B: one}, {Stage.A: other, Stage.B: other})
    again = LaneEffects.from_json(both.to_json())
    assert np.array_equal(again.scored[Stage.B].of(table), one.of(table))
    assert np.array_equal(again.unscored[Stage.A].of(table), other.of(table))


def test_too_few_open_decisions_teach_nothing() -> None:
    """A short history is refused with its count, rather than learned from."""
    history, bundle = small_history(), small_training().trained.bundle
    few = replace(Utility.load().amounts, urge_hours=1.0)
    with pytest.raises(CommandError, match=r"open decisions of stage [AB], fewer than"):
        learn_effects(short(history), bundle, shipped_rules(), hours=few, labels=settings().labels)


def short(history: History) -> History:
    """Return the history with decisions of which nobody logged how likely they were."""
    bare = history.decisions.set_column(
        history.decisions.schema.get_field_index("propensity"), "propensity",
        pa.nulls(history.decisions.num_rows, pa.float64()),
    )  # fmt: skip
    held = {name: getattr(history, name) for name in ("cases", "queries", "events", "debtors")}
    return replace(history, held=held | {"decisions": bare})


def batch_of(stage: Stage, path: Path | None = None) -> Batch:
    """Return the cases of the small history at a stage."""
    (batch,) = batches_of_history(path or small_history().path, stage)
    return batch


def constant(sign: float, *, hours: float = 0.0, unscored: float | None = None) -> LaneEffects:
    """Return effects that bring every case so many days earlier, for so many hours; other days without scores."""
    bare = sign if unscored is None else unscored
    scored_by, unscored_by = {}, {}
    for stage in Stage:
        rows, found = next(triaged(batch_of(stage), shipped_rules(), small_training().trained.bundle))
        scored_by[stage] = flat(basis(batch_of(stage).where(rows), found.table).shape[1], days=-sign, hours=hours)
        unscored_by[stage] = flat(facts(batch_of(stage)).shape[1], days=-bare, hours=hours)
    return LaneEffects(scored_by, unscored_by)


def flat(width: int, *, days: float, hours: float) -> StageEffects:
    """Return one effect for every case."""
    weights = np.zeros((len(PARTS), width))
    weights[PARTS.index("days"), 0], weights[PARTS.index("hours"), 0] = days, hours
    return StageEffects(np.zeros(width), np.ones(width), weights, 1)


def lanes(stage: Stage, effects: LaneEffects, *, price: float = 0.0, path: Path | None = None) -> Codes:
    """Return what the policy does under these effects."""
    policy = ByValue(
        bundle=small_training().trained.bundle, rules=shipped_rules(), effects=effects, utility=Utility.load(),
        claim_cap=1e6, price=price, undecided=amount_rule(),
    )  # fmt: skip
    return policy.lanes(batch_of(stage, path))


def test_what_is_worth_more_is_done_where_the_law_allows_it() -> None:
    """With a gain everywhere whatever may be urged is urged, and whatever is free is fast; stops stay stops."""
    assert ((lanes(Stage.A, constant(9.0)) == URGE) >= (amount_rule().lanes(batch_of(Stage.A)) == URGE)).all()
    for stage in Stage:
        stopped = asset_rule().lanes(batch_of(stage)) == NONE
        assert ((lanes(stage, constant(9.0)) == NONE) == stopped).all()
    assert (lanes(Stage.B, constant(9.0)) == FAST).mean() > 0.8
    assert (lanes(Stage.B, constant(-9.0)) == FAST).mean() < 0.2


def test_where_scores_abstain_the_facts_decide() -> None:
    """Cases that no score may speak of go by what the lane changes for cases with such facts."""
    batch = batch_of(Stage.B)
    abstained = np.zeros(len(batch.ids), dtype=bool)
    for rows, found in triaged(batch, shipped_rules(), small_training().trained.bundle):
        abstained[rows] = found.table.abstained
    free = abstained & (lanes(Stage.B, constant(9.0)) == FAST)
    assert free.any()
    assert (lanes(Stage.B, constant(9.0, unscored=-9.0))[free] == COMPLEX).all()
    assert (lanes(Stage.B, constant(-9.0, unscored=9.0))[free] == FAST).all()


def test_dear_hours_are_spent_on_less() -> None:
    """The same gain in days is no gain once an hour costs more than it brings."""
    effects = constant(9.0, hours=1.0)
    assert (lanes(Stage.B, effects) == FAST).mean() > 0.8
    assert (lanes(Stage.B, effects, price=1000.0) == FAST).mean() < 0.2


def test_the_truth_is_not_read(tmp_path: Path) -> None:
    """With a poisoned truth beside the cases the policy decides as before."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    truth = pq.read_table(folder / "truth.parquet")
    pq.write_table(truth.slice(0, 0), folder / "truth.parquet")
    for stage in Stage:
        assert (lanes(stage, constant(1.0), path=folder) == lanes(stage, constant(1.0))).all()
