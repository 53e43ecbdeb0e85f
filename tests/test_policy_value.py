"""Values of policies: figures beside baselines, refusal with the reason, no outcome seen by a policy, truth apart."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.policy_value import World, coverage
from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import Codes
from models.utility import Utility
from tests.builders_policy_value import Known, changed_history, reading, small_cases, small_settings
from tests.builders_training import small_history, small_training
from tests.builders_utility import free_utility
from tests.test_cli import run
from training.errors import CommandError
from training.history import History
from training.policies import Policy, amount_rule, asset_rule, one_judge
from training.policy_value.open_cases import OpenCases, open_cases
from training.policy_value.outcome_models import cross_fitted, folds_of
from training.policy_value.propensity import chances
from training.policy_value.valuing import (
    LOGGED,
    Learned,
    PolicyValue,
    Question,
    Valuation,
    booster_of,
    learn,
    value_policies,
)
from training.simulate import CourtSettings, simulate

FAST, COMPLEX = LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX]


@cache
def learned(stage: Stage = Stage.B) -> Learned:
    """Return what is learned of the open cases of the small history."""
    return learn(small_cases(stage), small_settings())


def valued(*policies: Policy, what: Learned | None = None, utility: Utility | None = None) -> Valuation:
    """Value policies on the small history at stage B, beside the amount rule and all complex."""
    asked = Question(policies=policies, baselines=(amount_rule(), one_judge()), utility=utility or Utility.load())
    return value_policies(what or learned(), asked, settings=small_settings(), advance=lambda: None)


def given(lanes: Codes, cases: OpenCases) -> Known:
    """Return the policy that gives these lanes."""
    return Known("given", dict(zip(cases.batch.ids, lanes.tolist(), strict=True)))


def figures(one: PolicyValue) -> dict[str, float]:
    """Return the doubly robust figures."""
    return {name: estimate.value for name, estimate in one.by["dr"].items()}


def test_what_was_decided_is_worth_what_came_of_it() -> None:
    """The logged policy's figures are the plain means over its cases, by every estimator that uses them."""
    cases, found = small_cases(Stage.B), valued().of(LOGGED)
    assert found.by["dr"]["days"].value == pytest.approx(cases.course.days.mean())
    assert found.by["snipw"]["hours"].value == pytest.approx(cases.course.hours.mean())
    assert not found.beside


def test_leaving_every_case_to_a_person_is_the_logged_policy() -> None:
    """A policy without a lane for any case is worth what was decided, and differs from it by nothing."""
    cases = small_cases(Stage.B)
    found = valued(given(np.full(len(cases), UNDECIDED, dtype=np.int8), cases))
    nobody = found.of("given")
    assert nobody.followed == len(cases)
    assert figures(nobody) == pytest.approx(figures(found.of(LOGGED)))
    assert nobody.beside[LOGGED]["value"].value == pytest.approx(0.0, abs=1e-6)


def test_all_policies_stand_on_the_same_cases() -> None:
    """Asked for or baseline, every policy gives each of the cases a lane, and is compared with every baseline."""
    found = valued(asset_rule())
    assert [one.name for one in found.policies] == [LOGGED, "amount", "one_judge", "asset"]
    assert found.baselines == (LOGGED, "amount", "one_judge")
    for one in found.policies:
        assert sum(one.chosen) + one.followed == len(small_cases(Stage.B))
    assert set(found.of("asset").beside) == {LOGGED, "amount", "one_judge"}


def test_a_difference_turned_round_is_its_negative() -> None:
    """A minus B and B minus A are paired on the same cases and resamples."""
    found = valued()
    there, back = found.of("amount").beside["one_judge"]["value"], found.of("one_judge").beside["amount"]["value"]
    assert there.value == pytest.approx(-back.value)
    assert there.lower == pytest.approx(-back.upper)


def test_the_utility_decides_what_is_better_and_needs_no_new_models() -> None:
    """Where only hours count, a policy is worth its hours at their price: all complex eight to sixteen of them."""
    found = valued(utility=free_utility(yuan_per_hour=10.0)).of("one_judge").by["dr"]
    assert found["value"].value == pytest.approx(-10.0 * found["hours"].value)
    assert 8.0 < found["hours"].value < 16.0


def test_one_huge_claim_does_not_decide_the_result() -> None:
    """A claim counts with the cap at most, so a billion yuan is worth no more than a million."""
    what = learned()
    huge = what.cases.course.claim.copy()
    huge[0] = 1e9
    larger = replace(what, cases=replace(what.cases, course=replace(what.cases.course, claim=huge)))
    capped = replace(what, cases=replace(what.cases, course=replace(what.cases.course, claim=np.minimum(huge, 1e6))))
    assert figures(valued(what=larger).of(LOGGED)) == pytest.approx(figures(valued(what=capped).of(LOGGED)))


def test_no_policy_sees_what_came_of_a_case() -> None:
    """A policy is handed the columns of its stage, and the same lanes come out whatever became of the cases."""
    what = learned()
    better = replace(what.cases.course, days=np.zeros(len(what.cases)), share=np.ones(len(what.cases)))
    other = replace(what, cases=replace(what.cases, course=better))
    before, after = valued(asset_rule()), valued(asset_rule(), what=other)
    assert [one.chosen for one in before.policies] == [one.chosen for one in after.policies]
    seen = set(what.cases.batch.columns)
    assert seen.isdisjoint({"days", "share", "hours", "failed", "closed_at", "recovered"})


def test_estimates_do_not_read_the_simulated_truth(tmp_path: Path) -> None:
    """Without the truth beside the history every estimate stays the same; only the truth's own column is gone."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    (folder / "truth.parquet").unlink()
    cases = open_cases(History.open(folder), Stage.B, reading())
    found, before = valued(what=learn(cases, small_settings())), valued()
    assert [one.by for one in found.policies] == [one.by for one in before.policies]


def test_cases_that_a_policy_stops_are_counted_and_left_as_decided() -> None:
    """A few open cases without a lane are no action of the stage; more of them than the limit are refused."""
    cases = small_cases(Stage.B)
    few, many = (np.where(np.arange(len(cases)) < n, LANE_CODE[Lane.NONE], COMPLEX) for n in (20, 400))
    found = valued(given(few.astype(np.int8), cases)).of("given")
    assert (found.stopped, found.chosen[1]) == (20, len(cases) - 20)
    assert not found.refused
    refused = valued(given(many.astype(np.int8), cases)).of("given")
    assert "outside" in {one.code for one in refused.overlap.reasons}


def test_the_same_seed_gives_the_same_figures() -> None:
    """Folds, trees and resamples follow from the seed alone."""
    again = learn(small_cases(Stage.B), small_settings())
    assert [one.by for one in valued(what=again).policies] == [one.by for one in valued().policies]


def test_no_prediction_comes_from_a_model_that_saw_the_debtor() -> None:
    """Cases of a debtor or batch are never learned from and predicted at once."""
    group = np.repeat(np.arange(200), 3)
    fold = folds_of(group, count=5, seed=1)
    assert all(len(np.unique(fold[group == one])) == 1 for one in range(200))
    assert np.bincount(fold).min() > 90


def test_what_a_debtor_s_cases_brought_never_predicts_them() -> None:
    """Outcomes that follow from nothing but the debtor cannot be told from other debtors' cases."""
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(80), 10)
    rows, brought = rng.random((80, 3), dtype=np.float32)[group], rng.normal(size=80)[group]
    action = rng.integers(0, 2, len(group))
    boosters = booster_of(small_settings("policy_value.trees=60").policy_value, seed=1, threads=1)
    fold = folds_of(group, count=4, seed=1)
    expected = cross_fitted(rows, action, brought[:, None], actions=2, fold=fold, settings=boosters)
    assert abs(np.corrcoef(expected[:, 0, 0], brought)[0, 1]) < 0.35
    assert np.isfinite(expected).all()


def test_chances_that_were_not_logged_are_learned_and_said_so() -> None:
    """Without logged chances they are learned and calibrated: near the true ones, and the error is told."""
    cases = small_cases(Stage.B)
    boosters = booster_of(small_settings("policy_value.trees=40").policy_value, seed=1, threads=1)
    fold = folds_of(cases.group, count=3, seed=1)
    blind = replace(cases, propensity=np.full(len(cases), np.nan))
    found, known = chances(blind, fold=fold, settings=boosters), chances(cases, fold=fold, settings=boosters)
    assert not found.logged.any()
    assert found.off < 0.03
    assert known.logged.all()
    assert np.isnan(known.off)
    assert np.abs(found.both - known.both).mean() < 0.08
    assert found.both.sum(axis=1) == pytest.approx(1.0)


def test_a_decision_by_rule_had_no_chance() -> None:
    """Where a rule decided and nothing was logged, the action counts as certain."""
    cases = small_cases(Stage.B)
    ruled = replace(cases, propensity=np.full(len(cases), np.nan), by_rule=np.ones(len(cases), dtype=bool))
    boosters = booster_of(small_settings().policy_value, seed=1, threads=1)
    found = chances(ruled, fold=folds_of(cases.group, count=3, seed=1), settings=boosters)
    assert found.logged.all()
    assert (found.both[np.arange(len(cases)), cases.action] == 1.0).all()


def deterministic(stage: Stage = Stage.B) -> Learned:
    """Return the small history as if the amount rule had decided every case, with nothing logged of chances."""
    cases = small_cases(stage)
    action = (amount_rule().lanes(cases.batch) == COMPLEX).astype(np.int64)
    return learn(replace(cases, action=action, propensity=np.full(len(cases), np.nan)), small_settings())


def test_decisions_of_one_rule_without_chances_value_no_other_policy() -> None:
    """A log that follows the amount rule cannot tell of all complex; it is refused, the rule itself is not."""
    found = valued(what=deterministic())
    assert found.of("one_judge").refused
    assert not found.of("one_judge").by
    assert not found.of("amount").refused
    assert not found.of(LOGGED).refused


def test_one_lane_only_is_refused() -> None:
    """Where every case went the same way nothing is known of the other."""
    cases = small_cases(Stage.B)
    with pytest.raises(CommandError, match=r"ONE_LANE_ONLY.*全部是“精办”.*decided “complex”"):
        learn(replace(cases, action=np.ones(len(cases), dtype=np.int64)), small_settings())


def test_too_few_cases_are_refused() -> None:
    """Fewer cases than the least number value nothing."""
    with pytest.raises(CommandError, match=r"TOO_FEW_CASES.*只有 50 件，至少需要 100 件"):
        learn(small_cases(Stage.B).where(np.arange(50)), small_settings())


def test_learned_chances_need_more_cases() -> None:
    """Where chances were not logged, a few hundred cases cannot show that something was never done."""
    cases = small_cases(Stage.B).where(np.arange(500))
    chosen = small_settings("policy_value.min_cases_learned=1000")
    assert len(learn(cases, chosen).cases) == 500
    with pytest.raises(CommandError, match=r"TOO_FEW_CASES.*至少需要 1000 件（决定概率未记录）"):
        learn(replace(cases, propensity=np.full(500, np.nan)), chosen)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a simulated court large enough to sample from."""
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, CourtSettings(n=10_000, seed=9, courts=3, workers=1))
    return World.of(folder, Stage.B, small_settings("policy_value.trees=30"))


def test_intervals_hold_the_simulated_truth(world: World) -> None:
    """Of 16 logged samples about nine in ten doubly robust intervals hold the truth (a wide bound: few samples)."""
    tallies = coverage(world, samples=16, size=600, seed=3, estimated=False)
    held = np.mean([tally.held[0] for (_, name, _), tally in tallies.items() if name == "dr"])
    assert 0.75 <= held <= 1.0
    assert tallies["one_judge", "dr", LOGGED].count == 16


def test_planted_poor_overlap_is_refused_in_every_sample(world: World) -> None:
    """Cases under ten thousand yuan always went the fast way; all complex is refused, each time, with the reason."""
    cases = world.cases
    second = np.where(cases.course.claim < 10_000, 0.001, world.second)
    planted = replace(world, cases=replace(cases, action=np.zeros(len(cases), dtype=np.int64), propensity=1.0 - second))
    for number in range(3):
        sample = planted.sample(1_500, np.random.default_rng(number))
        for estimated in (False, True):
            found = planted.valued(sample, estimated=estimated).of("one_judge")
            assert {one.code for one in found.overlap.reasons} >= {"outside"}
            assert not found.by


OPTIONS = tuple(
    word
    for override in (
        "policy_value.trees=8", "policy_value.resamples=100", "policy_value.min_cases=100", "booster.threads=1",
    )
    for word in ("--set", override)
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of its own for the commands of a test."""
    monkeypatch.setenv("FENLIU_HOME", str(tmp_path))
    return tmp_path


def test_the_command_shows_figures_grounds_and_the_utility(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads policies, intervals, overlap, what was left out, and the table of values; all marked simulated."""
    data = str(small_history().path)
    status, out, err = run(capsys, "policy-value", "asset", "--stage", "B", "--data", data, *OPTIONS)
    assert status == 0
    for words in (
        "分流政策的价值（模拟）",
        "财产规则",
        "一律立案、精办",
        "有效件数",
        "每提前一日计",
        "法律留有选择",
        "模拟真值",
    ):
        assert words in out
    run_folder = Path(err.strip().splitlines()[-1].partition("：")[2])
    document = json.loads((run_folder / "metrics.json").read_text(encoding="utf-8"))
    assert document["data"] == "模拟 / simulated"
    assert document["utility"]["yuan_per_day"] == 20.0
    assert set(document["stages"]["B"]["policies"]) == {"logged", "amount", "complex", "asset"}
    assert "分流政策的价值（模拟）" in (run_folder / "report.md").read_text(encoding="utf-8")


def test_a_policy_that_cannot_be_valued_leaves_with_status_one(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chances that were all but certain tell nothing of another way; no figure, the reason in words, exit 1."""
    sure = changed_history(
        tmp_path, "decisions", propensity=lambda column: pa.array(np.full(len(column), 0.9999), pa.float64())
    )
    status, out, err = run(
        capsys, "policy-value", "one_judge", "--stage", "B", "--data", str(sure), "--format", "json", *OPTIONS
    )
    assert status == 1
    assert "POLICY_NOT_COVERED" in err
    assert "以往几乎没有人作过" in err
    document = json.loads(out)
    assert document["refused"] == ["B.amount", "B.complex", "B.one_judge"]
    assert document["stages"]["B"]["policies"]["one_judge"]["estimates"] == {}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("nonsense",), 4, "没有政策 'nonsense'；可用 fenliu、oracle、amount"),
        (("fenliu",), 4, "没有模型包"),
        (("fenliu", "--model", "none"), 2, "政策 fenliu 需要模型包"),
        (("asset", "--utility", "nowhere.toml"), 4, "没有价值表 nowhere.toml"),
        (("asset", "--court", "京0101"), 4, "没有法院 京0101"),
        (("asset", "--set", "policy_value.clip=0.5"), 2, r"policy_value.clip 应为 1–1e\+06 之间的数，收到 0.5"),
        (("asset", "--from", "2030-01-01"), 3, "只有 0 件"),
    ],
)
def test_wrong_words_are_refused(
    words: tuple[str, ...], status: int, said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown policies, missing bundles, files, courts and impossible limits are named, and nothing is written."""
    found, out, err = run(capsys, "policy-value", *words, "--stage", "B", "--data", str(small_history().path))
    assert (found, out) == (status, "")
    assert re.search(said, err)
    assert not list(home.glob("runs/*"))


def test_a_wrong_utility_file_is_refused_with_every_fault(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt figure and one that is no number are both named."""
    own = tmp_path / "worth.toml"
    text = 'format = "fenliu-utility/1"\nversion = "1"\nset_by = "x"\n[values]\nyuan_per_dya = 1\nyuan_per_hour = "a"\n'
    own.write_text(text, encoding="utf-8")
    status, _, err = run(capsys, "policy-value", "asset", "--utility", str(own), "--data", str(small_history().path))
    assert status == 2
    assert "yuan_per_dya" in err
    assert "yuan_per_hour" in err


def test_cases_from_before_the_rules_are_refused(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Applications older than the rule tables have no law to be held to, and that is said."""
    old = changed_history(
        tmp_path, "cases", received_at=lambda column: pc.subtract(column, pa.scalar(timedelta(days=7_000)))
    )
    status, _, err = run(capsys, "policy-value", "asset", "--stage", "A", "--data", str(old), *OPTIONS)
    assert status == 3
    assert "早于规则表的施行日" in err


def test_the_oracle_needs_a_simulated_truth(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A court's own data has no truth to read."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    (folder / "truth.parquet").unlink()
    status, _, err = run(capsys, "policy-value", "oracle", "--data", str(folder))
    assert status == 2
    assert "没有模拟真值" in err


def test_cases_that_taught_the_scores_are_left_out(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scores are valued on cases that came after their training; asking for earlier ones is warned of."""
    small = small_training()
    first = small.trained.bundle.about.periods["test"][0].isoformat()
    words = ("policy-value", "fenliu", "--model", str(small.bundle), "--stage", "B", "--data", str(small.history.path))
    _, out, err = run(capsys, *words, "--format", "json", *OPTIONS)
    assert json.loads(out)["from"] == first
    assert f"只用 {first} 起收到的案件" in err
    _, out, err = run(capsys, *words, "--from", "2023-01-01", "--format", "json", *OPTIONS)
    assert json.loads(out)["from"] == "2023-01-01"
    assert "其结果会偏于有利" in err
