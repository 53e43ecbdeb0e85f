"""Backtests: only what was ripe, nothing twice, nothing half, and choices by what was known then."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.builders_training import NOW, OVERRIDES, settings, silent, small_history
from training.backtesting import running
from training.backtesting.findings import findings
from training.backtesting.plan import Fold, moved, plan_folds, plan_one_model, with_booster
from training.backtesting.record import Backtest, Piece
from training.backtesting.results import BacktestResults
from training.backtesting.running import run_pieces
from training.commands.backtesting import backtest
from training.commands.session import Session
from training.config import BoosterChange, Settings
from training.console import Console, Lang
from training.errors import CommandError
from training.learning.split import number_of
from training.provenance import Home

CANDIDATES = '[{name="shipped"},{name="tiny",trees=2,leaves=3}]'
ASKED = (
    "backtest.folds=3", f"backtest.candidates={CANDIDATES}", "evaluation.slice_min=20", "booster.trees=6",
    "evaluation.plots=false", "backtest.keeps=0.0", "backtest.calibrate_months=9", "min_cases=20",
)  # fmt: skip


def asked(*more: str) -> Settings:
    """Return settings for recovery of stage B on the small history."""
    return settings(*ASKED, *more).only(["B"], ["quick_close"])


def begun(folder: Path, chosen: Settings | None = None) -> Backtest:
    """Return a planned backtest of the small history."""
    chosen = chosen or asked()
    folds = plan_folds(small_history(), chosen)
    return Backtest.begin(folder, chosen, folds, history=small_history().path, sha256=small_history().data_sha256())


@cache
def finished(folder: Path) -> Backtest:
    """Return a finished backtest."""
    made = begun(folder)
    run_pieces(made, jobs=1, console=silent())
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Backtest:
    """Return a finished backtest that tests read and leave as it is."""
    return finished(tmp_path_factory.mktemp("backtest"))


def test_every_window_is_ripe_and_follows_the_last() -> None:
    """The horizon and the recording lag have passed since the last day of the last window; windows do not overlap."""
    folds = plan_folds(small_history(), asked())
    last = number_of(folds[-1].windows[0][1])
    assert last + 45 - 15 + 14 <= small_history().observed_until.max()
    assert [one.windows[0][1] for one in folds[:-1]] == [one.origin for one in folds[1:]]
    assert folds[0].windows == tuple(one.windows[0] for one in folds)
    assert all(one.calibrate_from == moved(one.origin, -9) for one in folds)


def test_a_longer_horizon_ends_earlier() -> None:
    """Half-year labels are ripe half a year later than monthly ones."""
    long = plan_folds(small_history(), settings(*ASKED).only(["B"], ["ability"]))
    assert long[-1].origin < plan_folds(small_history(), asked())[-1].origin or len(long) == 3


def test_without_a_ripe_period_the_backtest_refuses() -> None:
    """The message says from when and until when, and that nothing fits."""
    with pytest.raises(CommandError, match=r"LABELS_NOT_RIPE.*标签成熟至") as caught:
        plan_folds(small_history(), asked("backtest.calibrate_months=60"))
    assert caught.value.exit == 3
    with pytest.raises(CommandError, match="不早于 2030-01-01"):
        plan_folds(small_history(), asked(), start=date(2030, 1, 1))


def test_months_are_counted_over_years() -> None:
    """Ten months before March is May of the year before."""
    assert moved(date(2025, 3, 1), -10) == date(2024, 5, 1)
    assert moved(date(2025, 11, 30), 3) == date(2026, 2, 1)


def test_a_candidate_changes_only_what_it_names() -> None:
    """The rest of the trees stays as set."""
    before = asked()
    after = with_booster(before, BoosterChange("x", leaves=3))
    assert after == replace(before, booster=replace(before.booster, leaves=3))


@pytest.mark.parametrize("wrong", ["[]", '[{name="a"},{name="a"}]', '[{name="../a"}]', '[{name="a",roots=2}]'])
def test_candidates_need_distinct_plain_names(wrong: str) -> None:
    """Their names become names of files."""
    with pytest.raises(CommandError, match="CONFIG"):
        settings(f"backtest.candidates={wrong}")


def test_each_window_stands_beside_the_constant_and_the_oracle(whole: Backtest) -> None:
    """Loss with its interval, what the constant loses and what nobody can do better than but by chance."""
    (found,) = findings(whole)
    for window in found.of("shipped"):
        assert window["oracle"] < window["loss"]["upper"]
        assert window["loss"]["lower"] <= window["loss"]["value"] <= window["loss"]["upper"]
    assert found.of("shipped")[0]["loss"]["value"] < found.of("tiny")[0]["loss"]["value"]


def test_one_model_is_followed_window_by_window(whole: Backtest) -> None:
    """Each later window says which share of what can be known is explained, and what is left of the first share."""
    (found,) = findings(whole)
    assert [window["age"] for window in found.oldest] == [0, 1, 2]
    first = found.oldest[0]["explained"]
    assert found.oldest[0]["kept_explained"] == {"value": 1.0, "lower": 1.0, "upper": 1.0}
    for window in found.oldest:
        told, kept = window["explained"], window["kept_explained"]
        shared = (window["constant"] - window["loss"]["value"]) / (window["constant"] - window["oracle"])
        assert told["value"] == pytest.approx(shared)
        assert kept["value"] == pytest.approx(told["value"] / first["value"])
        assert told["lower"] < told["value"] < told["upper"]


def test_one_model_alone_is_learned_a_year_before_the_last_ripe_day() -> None:
    """One fold, one candidate, and five windows of a quarter; with less time as many as there are."""
    short, folds = plan_one_model(small_history(), asked("backtest.step_months=6"))
    assert [one.name for one in short.backtest.candidates] == ["shipped"]
    (fold,) = folds
    newest = plan_folds(small_history(), asked("backtest.step_months=6", "backtest.folds=1"))[0]
    assert (len(fold.windows), fold.windows[-1]) == (3, newest.windows[0])
    assert fold.origin == moved(newest.origin, -12)


def test_a_fresh_model_keeps_everything(whole: Backtest) -> None:
    """At age zero the model is compared with itself; older ones are there as far as periods reach."""
    (found,) = findings(whole)
    assert (found.ageing[0].age, found.ageing[0].kept, found.ageing[0].kept_explained) == (0, 1.0, 1.0)
    assert [one.periods for one in found.ageing] == [3, 2, 1]


def test_what_is_finished_is_not_done_again(whole: Backtest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resumed backtest does the missing pieces alone, and the figures are those of one that went through."""
    before = {piece.name: whole.file_of(piece).read_bytes() for piece in whole.pieces}
    gone = next(iter(whole.pieces))
    whole.file_of(gone).unlink()
    done: list[Piece] = []
    work = running.run_piece
    monkeypatch.setattr(running, "run_piece", lambda folder, piece, n: (done.append(piece), work(folder, piece, n)))
    run_pieces(whole, jobs=1, console=silent())
    assert done == [gone]

    def lasting(text: bytes) -> Any:
        return {name: one | {"seconds": 0} for name, one in json.loads(text)["scores"].items()}

    assert lasting(whole.file_of(gone).read_bytes()) == lasting(before[gone.name])


def test_a_backtest_that_is_broken_off_keeps_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the third piece leaves two whole files, no report and nothing in MLflow."""
    made, work, count = begun(tmp_path), running.run_piece, [0]

    def interrupted(folder: Path, piece: Piece, threads: int) -> None:
        count[0] += 1
        if count[0] == 3:
            raise KeyboardInterrupt
        made.keep(piece, {})

    monkeypatch.setattr(running, "run_piece", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_pieces(made, jobs=1, console=silent())
    assert len(made.missing) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folds", "plan.json"]
    assert work is not running.run_piece


def test_several_processes_find_what_one_finds(whole: Backtest, tmp_path: Path) -> None:
    """Two workers, each with its own history: the same figures, whatever the order."""
    chosen = replace(asked(), backtest=replace(asked().backtest, candidates=asked().backtest.candidates[1:]))
    made = begun(tmp_path, chosen)
    run_pieces(made, jobs=2, console=silent())
    for piece in made.pieces:
        mine, theirs = made.read(piece)["B.quick_close"], whole.read(piece)["B.quick_close"]
        assert mine["windows"] == theirs["windows"]


def test_choices_use_only_periods_that_were_ripe(tmp_path: Path) -> None:
    """As of the fourth origin quick closings of the first two periods are known, and the rule may be wrong since."""
    chosen = asked("backtest.folds=4")
    origins = [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1)]
    folds = tuple(Fold(i, moved(o, -9), o, ((o, moved(o, 3)),)) for i, o in enumerate(origins))
    made = Backtest.begin(tmp_path, chosen, folds, history=tmp_path, sha256="")
    losses = {"shipped": [0.5, 0.5, 0.5, 0.5], "tiny": [0.4, 0.6, 0.6, 0.7]}
    for piece in made.pieces:
        window = {"age": 0, "few": False, "constant": 0.8, "loss": {"value": losses[piece.candidate][piece.fold]}}
        made.keep(piece, {"B.quick_close": {"windows": [window]}})
    by_rule = {rule.rule: rule for rule in findings(made)[0].choices}
    assert by_rule["newest"].picks == ("tiny", "shipped")  # as of July: the first period; as of October: the second
    assert by_rule["newest"].regrets == pytest.approx((0.1, 0.0))
    assert by_rule["first"].mean == 0.0


def test_a_model_that_does_not_last_is_named(whole: Backtest) -> None:
    """Both languages, the score, what was found and what was asked."""
    found = findings(whole)
    (score,) = found
    old = replace(score.ageing[0], age=4, kept=0.4)
    strict = Backtest(whole.folder)
    strict.__dict__["settings"] = replace(whole.settings, backtest=replace(whole.settings.backtest, keeps=0.9))
    results = BacktestResults(strict, [replace(score, ageing=(old,))], Lang.ZH, simulated=True)
    (told,) = results.failures()
    assert told.zh == "B.quick_close 满一年只留 0.40 的增益，应 ≥ 0.9"


def test_without_a_fresh_model_the_explained_share_decides(whole: Backtest) -> None:
    """One model alone has nobody to be compared with: what it explains after a year is held to what it did at first."""
    (score,) = findings(whole)
    aged = tuple({**window, "age": age} for window, age in zip(score.oldest, (0, 2, 4), strict=True))
    worn = {**aged[-1], "kept_explained": {"value": 0.5, "lower": 0.4, "upper": 0.6}}
    alone = replace(score, windows={"shipped": ((*aged[:-1], worn),)}, ageing=score.ageing[:1])
    strict = Backtest(whole.folder)
    strict.__dict__["settings"] = replace(whole.settings, backtest=replace(whole.settings.backtest, keeps=0.9))
    strict.__dict__["folds"] = whole.folds[:1]
    (told,) = BacktestResults(strict, [alone], Lang.ZH, simulated=True).failures()
    assert told.zh == "B.quick_close 满一年只留 0.50 的可解释份额，应 ≥ 0.9"


def session(tmp_path: Path, out: io.StringIO) -> Session:
    """Return a session on the small history."""
    console = Console(quiet=True, out=out, err=io.StringIO())
    overrides = (*OVERRIDES, *ASKED, 'backtest.candidates=[{name="shipped",trees=3}]', "backtest.folds=2")
    return Session(
        console=console, home=Home(tmp_path), now=NOW, overrides=overrides, data=small_history().path
    )  # fmt: skip


def test_the_command_reports_and_refuses_other_data(tmp_path: Path) -> None:
    """A run with report, figures and log; going on with another history under it is refused."""
    out = io.StringIO()
    given = {"stage": "B", "scores": ["quick_close"], "start": None, "one_model": False, "jobs": 1}
    assert backtest(session(tmp_path, out), **given, resume=None) == 0
    (run,) = (tmp_path / "runs").iterdir()
    assert {"plan.json", "folds", "metrics.json", "report.html", "log.jsonl"} <= {one.name for one in run.iterdir()}
    assert "http" not in (run / "report.html").read_text(encoding="utf-8")
    assert backtest(session(tmp_path, out), **given, resume="latest") == 0
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    (run / "plan.json").write_text(json.dumps(plan | {"history_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(CommandError, match="与回测开始时的数据不同"):
        backtest(session(tmp_path, out), **given, resume=run.name)
    with pytest.raises(CommandError, match="不是回测记录"):
        backtest(session(tmp_path, out), **given, resume="none")


def test_too_few_cases_leave_nothing_behind(tmp_path: Path) -> None:
    """The message names score, period and number; no run folder stays."""
    asking = session(tmp_path, io.StringIO())
    asking = replace(asking, overrides=(*asking.overrides, "min_cases=1000000"))
    with pytest.raises(CommandError, match=r"TOO_FEW_CASES.*B\.quick_close"):
        backtest(asking, stage="B", scores=["quick_close"], start=None, one_model=False, jobs=1, resume=None)
    assert list((tmp_path / "runs").iterdir()) == []
