"""Comparing two bundles: the same unseen cases, paired intervals, words for verdicts, and every changed lane."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from models.bundle import Bundle
from models.rules.table import RuleTable
from tests.builders_training import NOW, Small, settings, silent, small_history, small_rival, small_training
from training.commands.comparing import compare as compare_command
from training.commands.session import Session
from training.comparing.comparison import Comparison, compare
from training.comparing.paired import Verdict, paired, verdict
from training.comparing.unseen import unseen
from training.errors import CommandError
from training.evaluation.evaluate import periods_of
from training.evaluation.measures import CHANCE, Estimate, Judged, intervals, resamples
from training.learning.labels import outcomes
from training.provenance import Home
from training.scoring import Scorer
from training.scoring.input import batches_of_history

RNG = np.random.default_rng(5)
CHANCES = RNG.uniform(0.05, 0.95, 600)
OUTCOME = (RNG.uniform(size=600) < CHANCES).astype(np.float64)
GROUP = np.arange(600) // 2
DRAWS = resamples(GROUP, count=60, seed=1)


def judged(score: np.ndarray) -> Judged:
    """Return 600 cases scored so."""
    return Judged(score, OUTCOME, np.ones(600))


def loaded(small: Small) -> Bundle:
    """Return a saved bundle with its hash."""
    return Bundle.load(small.bundle)


@cache
def compared() -> Comparison:
    """Return the small bundle held against its weaker rival."""
    chosen = settings("comparison.resamples=40")
    return compare(loaded(small_training()), loaded(small_rival()), small_history(), chosen, console=silent())


@pytest.mark.parametrize(
    ("lower", "upper", "more_is_better", "said"),
    [
        (0.001, 0.01, True, Verdict.BETTER),
        (0.001, 0.01, False, Verdict.WORSE),
        (-0.01, -0.001, True, Verdict.WORSE),
        (-0.01, -0.001, False, Verdict.BETTER),
        (-0.01, 0.01, True, Verdict.SAME),
        (0.0, 0.01, True, Verdict.SAME),
        (float("nan"), float("nan"), True, Verdict.SAME),
    ],
)
def test_a_verdict_follows_the_interval(lower: float, upper: float, more_is_better: bool, said: Verdict) -> None:
    """What holds zero decides nothing, and neither does what cannot be worked out."""
    assert verdict(Estimate(0.0, lower, upper), more_is_better=more_is_better) is said


def test_equal_scores_cannot_be_told_apart() -> None:
    """Every difference is zero, with no width."""
    for held in paired(judged(CHANCES), judged(CHANCES.copy()), CHANCE, draws=DRAWS):
        assert held.difference == Estimate(0.0, 0.0, 0.0)
        assert held.verdict is Verdict.SAME


def test_a_blunted_score_is_worse_and_pairing_sees_it_where_intervals_overlap() -> None:
    """The paired difference is certain though the two intervals, taken alone, overlap."""
    blunt = np.clip(CHANCES + np.random.default_rng(2).normal(0, 0.12, 600), 0.01, 0.99)
    held = {one.measure: one for one in paired(judged(CHANCES), judged(blunt), CHANCE, draws=DRAWS)}
    assert held["brier"].verdict is Verdict.WORSE
    alone = [intervals(judged(score), CHANCE, draws=DRAWS)["brier"] for score in (CHANCES, blunt)]
    assert alone[0].upper > alone[1].lower


def test_nobody_is_compared_on_what_one_of_them_has_learned() -> None:
    """Cases entered after both calibrations, and none whose debtor or batch was met before."""
    small = small_training()
    own = periods_of(loaded(small))
    found, met = unseen(small.history, Stage.A, "ability", at=(own, own), settings=small.settings)
    target, labels = small.settings.targets[Stage.A]["ability"], small.settings.labels
    every = outcomes(small.history, "ability", stage=Stage.A, target=target, settings=labels)
    learned = every.group[every.entered_at < own.test_from]
    assert met > 0
    assert found.entered_at.min() >= own.test_from
    assert not np.isin(found.group, learned).any()


def test_the_weaker_bundle_is_found_out() -> None:
    """What was trained without the facts that matter is worse, for certain."""
    held = {(one.label, part.measure): part for one in compared().scores for part in one.measures}
    assert held["B.ability", "log_loss"].verdict is Verdict.WORSE
    assert any(one.label == "B.ability" for one, _ in compared().worse)


def test_a_tolerated_loss_fails_no_comparison() -> None:
    """Worse for certain, but by less than the court said it would bear."""
    lenient = replace(compared(), tolerated=dict.fromkeys(("auc", "log_loss", "brier", "ece"), 1.0))
    assert not [one for one, held in lenient.worse if held.measure in lenient.tolerated]


def test_courts_with_few_cases_get_no_verdict() -> None:
    """Small samples are named, not judged."""
    chosen = settings("comparison.resamples=2", "evaluation.slice_min=100000").only(["B"], ["ability"])
    old, new = loaded(small_training()), loaded(small_rival())
    (one,) = compare(old, new, small_history(), chosen, console=silent()).scores
    assert one.courts
    assert all(part.paired is None for part in one.courts)


def test_too_few_unseen_cases_are_refused() -> None:
    """No verdict from a handful."""
    old, new = loaded(small_training()), loaded(small_rival())
    with pytest.raises(CommandError, match="至少需要 250000 件") as caught:
        compare(old, new, small_history(), settings("min_cases=1000000"), console=silent())
    assert caught.value.exit == 3


@dataclass(frozen=True)
class Ran:
    """A call of the command: its status, what was said, and the folder of its run."""

    status: int
    said: tuple[str, ...]
    run: Path


def command(home: Path, *, fail_on: str = "worse", old: Path, new: Path) -> Ran:
    """Compare two bundles by the command."""
    changed = ("mlflow.enabled=false", "comparison.resamples=4", "booster.threads=1", "min_cases=60")
    session = Session(silent(), Home(home), NOW, overrides=changed, data=small_history().path)
    status = compare_command(session, old=str(old), new=str(new), fail_on=fail_on, changed=None, rules=None, since=None)
    (run,) = (home / "runs").glob("*-compare")
    return Ran(status, tuple(str(line["zh"]) for line in session.console.heard), run)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return what the command left of the small bundle and its rival."""
    return command(tmp_path_factory.mktemp("home"), old=small_training().bundle, new=small_rival().bundle)


def test_every_case_whose_lane_differs_is_listed(ran: Ran) -> None:
    """The list holds exactly the cases that file-to-file scoring with either bundle gives another lane."""
    with (ran.run / "changed.csv").open(encoding="utf-8-sig") as file:
        listed = {(row["案件编号"], row["阶段"]) for row in csv.DictReader(file)}
    bundles = [loaded(small) for small in (small_training(), small_rival())]
    lanes = [_lanes(bundle, since=periods_of(bundle).test_from) for bundle in bundles]
    words = {"A": "立案前", "B": "查控后"}
    differing = {(case, words[stage]) for (case, stage), lane in lanes[0].items() if lanes[1][case, stage] != lane}
    assert listed == differing
    assert 0 < len(differing) < len(lanes[0])


def _lanes(bundle: Bundle, *, since: float) -> dict[tuple[str, str], str]:
    scorer = Scorer(bundle=bundle, rules=RuleTable.load([]))
    found: dict[tuple[str, str], str] = {}
    for batch in batches_of_history(small_history().path, *Stage):
        late = batch.where(np.flatnonzero(batch.columns["received_at"].astype(float) >= since))
        scored = scorer.score(late)
        found |= {(case, str(batch.stage)): lane for case, lane in zip(scored["case_id"], scored["lane"], strict=True)}
    return found


def test_a_worse_bundle_fails_when_asked_and_is_named(ran: Ran) -> None:
    """Exit 1 with every measure that became worse."""
    assert ran.status == 1
    assert any(line.startswith("未通过：B 偿还能力：对数损失 变差") for line in ran.said)


def test_a_bundle_against_itself_is_not_better(tmp_path: Path) -> None:
    """It fails `not-better`, no case changes its lane, and a warning says that both are one."""
    found = command(tmp_path, fail_on="not-better", old=small_rival().bundle, new=small_rival().bundle)
    assert found.status == 1
    assert {"两者是同一个模型包", "未通过：没有一项指标更好"} <= set(found.said)
    assert json.loads((found.run / "metrics.json").read_text(encoding="utf-8"))["changed"] == 0


def test_the_run_keeps_figures_page_log_and_origin(ran: Ran) -> None:
    """Whoever opens the folder later sees what was found and from which data and code."""
    figures = json.loads((ran.run / "metrics.json").read_text(encoding="utf-8"))
    lock = json.loads((ran.run / "config.lock.json").read_text(encoding="utf-8"))
    page = (ran.run / "report.html").read_text(encoding="utf-8")
    assert figures["new"]["sha256"] == small_rival().sha256
    assert {"cases.parquet", "meta.json"} <= set(lock["history_sha256"])
    assert "模拟数据，不得用于办案" in page
    assert "<script" not in page
    assert (ran.run / "log.jsonl").read_text(encoding="utf-8").count("\n") > 1


def test_a_wrong_gate_is_a_usage_error(tmp_path: Path) -> None:
    """A gate that nobody knows must not pass by silence."""
    with pytest.raises(CommandError, match="收到 'sometimes'") as caught:
        command(tmp_path, fail_on="sometimes", old=small_training().bundle, new=small_rival().bundle)
    assert caught.value.exit == 2
