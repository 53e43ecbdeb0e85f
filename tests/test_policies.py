"""Policies: lanes for every case, under the law, blind to outcomes; the oracle alone reads the truth and says so."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from models.lanes import LANE_CODE, LANES, UNDECIDED, Lane
from models.routes import Codes
from models.rules.table import RuleTable
from tests.builders_training import small_history, small_training
from training.history import History
from training.policies import Oracle, Policy, amount_rule, asset_rule, fenliu, one_judge, published_profiles
from training.policies.policy import decided
from training.scoring import Scorer
from training.scoring.input import Batch, batches_of_history

URGE, FAST, COMPLEX, NONE = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX, Lane.NONE))


def batch_of(stage: Stage, path: Path | None = None) -> Batch:
    """Return all cases of the small simulated history at a stage."""
    (batch,) = batches_of_history(path or small_history().path, stage)
    return batch


def blind() -> tuple[Policy, ...]:
    """Return every policy that a court could have."""
    ours = fenliu(small_training().trained.bundle, undecided=amount_rule())
    return (one_judge(), amount_rule(), asset_rule(), *published_profiles(), ours)


def lanes(policy: Policy, stage: Stage, path: Path | None = None) -> Codes:
    """Return what a policy does with the small history."""
    return policy.lanes(batch_of(stage, path))


@cache
def lanes_by_policy(stage: Stage) -> Mapping[str, Codes]:
    """Return what every policy that a court could have does with the small history, worked out once."""
    return {policy.name: lanes(policy, stage) for policy in blind()}


@pytest.mark.parametrize("stage", list(Stage))
def test_every_policy_gives_every_case_a_lane(stage: Stage) -> None:
    """No case is left over, and nothing is urged once it has been filed."""
    for name, found in lanes_by_policy(stage).items():
        assert found.dtype == np.int8
        assert set(np.unique(found)) <= set(range(len(LANES))), name
        assert stage is Stage.A or not (found == URGE).any(), name


@pytest.mark.parametrize("stage", list(Stage))
def test_no_policy_overrules_a_stop_of_the_law(stage: Stage) -> None:
    """Where the rules alone stop a case or send it to a special team, every policy does the same."""
    stopped = lanes_by_policy(stage)[asset_rule().name] == NONE
    assert 0 < stopped.sum() < len(stopped) / 10
    for name, found in lanes_by_policy(stage).items():
        assert ((found == NONE) == stopped).all(), name


def test_no_policy_urges_without_consent_or_a_telephone() -> None:
    """What forbids urging by law or by the court's own rule binds each policy."""
    columns = batch_of(Stage.A).columns
    agreed = columns["consent_urge"] == 0.0
    urged = {name: found == URGE for name, found in lanes_by_policy(Stage.A).items()}
    assert urged["amount"].sum() > 100
    for rows in urged.values():
        assert (columns["phone_provided"][rows] == 1.0).all()
        assert (columns["served_by_notice"][rows] == 0.0).all()
        assert agreed[rows].all()


def test_the_amount_rule_asks_for_the_amount_only() -> None:
    """What the law leaves open is fast under ten thousand yuan and complex from there on."""
    batch, found = batch_of(Stage.B), lanes(amount_rule(), Stage.B)
    small = batch.columns["claim_amount"].astype(float) < 10_000
    free = lanes(one_judge(), Stage.B) == COMPLEX
    special = lanes(asset_rule(), Stage.B) == COMPLEX
    assert (found[small & free] == FAST).sum() > 50
    assert (found[~small & free & special] == COMPLEX).all()


def test_one_judge_neither_urges_nor_hurries() -> None:
    """From start to end there is one lane beside what the law fixes: cash that can be deducted at once."""
    assert set(np.unique(lanes(one_judge(), Stage.A))) <= {FAST, COMPLEX, NONE}
    assert (lanes(one_judge(), Stage.A) == COMPLEX).mean() > 0.95
    assert (lanes(one_judge(), Stage.B) != FAST).all()
    assert one_judge().one_judge


@pytest.mark.parametrize("stage", list(Stage))
def test_fenliu_takes_the_road_of_the_scorer(stage: Stage) -> None:
    """The policy proposes what scoring the same file proposes, lane by lane."""
    bundle, batch = small_training().trained.bundle, batch_of(stage)
    scored = Scorer(bundle=bundle, rules=RuleTable.load()).score(batch)["lane"]
    words = [None if code == UNDECIDED else str(LANES[code]) for code in fenliu(bundle).lanes(batch)]
    assert words == scored.tolist()


def test_a_case_without_a_proposal_goes_where_a_person_sends_it() -> None:
    """Cases left to the judge go as the stated policy would decide, all others are untouched."""
    batch = batch_of(Stage.A)
    alone = fenliu(small_training().trained.bundle).lanes(batch)
    alone[::7] = UNDECIDED
    left, helped = alone == UNDECIDED, decided(alone.copy(), batch, amount_rule())
    assert (helped[left] == amount_rule().lanes(batch)[left]).all()
    assert (helped[~left] == alone[~left]).all()


@pytest.mark.parametrize("stage", list(Stage))
def test_only_the_oracle_reads_the_truth(tmp_path: Path, stage: Stage) -> None:
    """With a poisoned truth beside the same cases, every other policy decides exactly as before."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    truth = pq.read_table(folder / "truth.parquet")
    upside_down = {
        name: pa.array(1.0 - column.to_numpy()) if name.startswith(("p_", "recover")) else column
        for name, column in zip(truth.column_names, truth.columns, strict=True)
    }
    pq.write_table(pa.table(upside_down), folder / "truth.parquet")
    for policy in blind():
        assert not policy.reads_truth
        assert (lanes(policy, stage, folder) == lanes_by_policy(stage)[policy.name]).all(), policy.name
    oracles = [Oracle.of_history(History.open(path), RuleTable.load()) for path in (small_history().path, folder)]
    assert all(one.reads_truth for one in oracles)
    assert (lanes(oracles[0], stage) != lanes(oracles[1], stage)).any()


def test_no_policy_looks_at_outcomes(tmp_path: Path) -> None:
    """Without events after the query and without decisions, the lanes at receipt stay the same."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    for name in ("events", "decisions", "queries"):
        table = pq.read_table(folder / f"{name}.parquet")
        pq.write_table(table.slice(0, 0), folder / f"{name}.parquet")
    for policy in blind():
        assert (lanes(policy, Stage.A, folder) == lanes_by_policy(Stage.A)[policy.name]).all(), policy.name


def test_the_oracle_refuses_a_history_without_its_truth(tmp_path: Path) -> None:
    """Where there is no truth to read, there is no oracle."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    (folder / "truth.parquet").unlink()
    with pytest.raises(ValueError, match="holds no simulated truth"):
        Oracle.of_history(History.open(folder), RuleTable.load())
