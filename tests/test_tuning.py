"""The search for settings: begins with what is there, gives up early, goes on after a kill, writes the best down."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders_training import NOW, OVERRIDES, settings, small_history
from training.commands.session import Session
from training.commands.tuning import tune
from training.config import BoosterChange, Settings, load_settings
from training.console import Console
from training.errors import CommandError
from training.provenance import Home
from training.tuning import plan
from training.tuning.judging import FoldJudge
from training.tuning.search import Search
from training.tuning.trials import Budget, Tried

SPACE = ("tuning.folds=2", "tuning.startup=3", "tuning.trees=[2,20]", "tuning.leaves=[3,12]")
SMALL = ("evaluation.slice_min=20", "backtest.calibrate_months=9", "min_cases=20", *SPACE)


def asked() -> Settings:
    """Return settings for quick closings on the small history."""
    return settings(*SMALL).only(["B"], ["quick_close"])


def deeper(changes: Sequence[BoosterChange], fold: int) -> Iterator[tuple[int, float]]:
    """Judge trials by their leaves alone: nine are best."""
    for place, change in enumerate(changes):
        assert change.leaves is not None
        yield place, 0.5 + abs(change.leaves - 9) / 100 + fold / 10


def searched(folder: Path, trials: int) -> list[Tried]:
    """Go on with the search of a folder and return what it told on the way."""
    told: list[Tried] = []
    Search(folder, asked()).run(deeper, Budget(trials), folds=2, told=told.append)
    return told


def test_the_first_trial_is_the_settings_as_they_are(tmp_path: Path) -> None:
    """Everything is compared with them; what lies outside the space is held to it."""
    (first,) = searched(tmp_path, 1)
    assert (first.number, first.change.trees, first.change.leaves) == (0, 12, 7)
    assert first.folds == pytest.approx((0.52, 0.62))
    assert first.mean == pytest.approx(0.57)


def test_the_search_finds_what_is_better(tmp_path: Path) -> None:
    """Over thirty trials the leaves come near nine, and the best is never worse than the first."""
    searched(tmp_path, 30)
    best = Search(tmp_path, asked()).best
    assert best.mean is not None
    assert best.mean < 0.57
    assert abs((best.change.leaves or 0) - 9) <= 1


def test_a_trial_that_lags_behind_is_given_up(tmp_path: Path) -> None:
    """After the first fold, when it is worse than the middle of the others; it has no mean and is never the best."""
    told = searched(tmp_path, 30)
    lost = [one for one in told if one.mean is None]
    assert lost
    assert {(one.state, len(one.folds)) for one in lost} == {("given_up", 1)}


def test_a_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A second call tries what is left of the budget; nothing is tried again."""
    assert [one.number for one in searched(tmp_path, 3)] == [0, 1, 2]
    assert [one.number for one in searched(tmp_path, 5)] == [3, 4]
    assert searched(tmp_path, 5) == []


def test_a_search_that_is_broken_off_goes_on_in_the_middle_of_a_trial(tmp_path: Path) -> None:
    """Ctrl-C in the second fold: what was found stays, and in the end the search is the one that went through."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    judged: list[tuple[str, int]] = []

    def interrupted(changes: Sequence[BoosterChange], fold: int) -> Iterator[tuple[int, float]]:
        for place, loss in deeper(changes, fold):
            if len(judged) == 6:
                raise KeyboardInterrupt
            judged.append((changes[place].name, fold))
            yield place, loss

    with pytest.raises(KeyboardInterrupt):
        Search(broken, asked()).run(interrupted, Budget(9), folds=2, told=lambda _: None)
    assert (len(judged), Search(broken, asked()).tried) == (6, ())
    again = [(one.number, one.change, one.folds) for one in searched(broken, 9)]
    assert again == [(one.number, one.change, one.folds) for one in searched(whole, 9)]


def test_trials_that_end_in_another_order_change_nothing(tmp_path: Path) -> None:
    """Four trials are begun together and learned from together, however many processes judge them."""
    other = tmp_path / "other"
    other.mkdir()

    def backwards(changes: Sequence[BoosterChange], fold: int) -> Iterator[tuple[int, float]]:
        return reversed(list(deeper(changes, fold)))

    told: list[Tried] = []
    Search(other, asked()).run(backwards, Budget(14), folds=2, told=told.append)
    assert [(one.change, one.folds) for one in told] == [(one.change, one.folds) for one in searched(tmp_path, 14)]


def test_trials_that_cannot_be_judged_count_nothing(tmp_path: Path) -> None:
    """Too few cases in a fold: the trials are closed as failed, and the next call begins with what is there."""

    def refused(_changes: Sequence[BoosterChange], _fold: int) -> Iterator[tuple[int, float]]:
        raise CommandError("TOO_FEW_CASES", "只有 3 件", "3 cases")

    with pytest.raises(CommandError, match="只有 3 件"):
        Search(tmp_path, asked()).run(refused, Budget(4), folds=2, told=lambda _: None)
    assert searched(tmp_path, 1)[0].change.leaves == 7


def test_a_search_ends_with_its_time(tmp_path: Path) -> None:
    """With no time at all nothing is tried, and there is no best."""
    search = Search(tmp_path, asked())
    search.run(deeper, Budget(9, timedelta(0)), folds=2, told=lambda _: None)
    with pytest.raises(CommandError, match="还没有一次完整的试验"):
        _ = search.best


def test_a_real_trial_is_judged_as_a_part_of_what_the_constant_loses() -> None:
    """Below one is better than the constant; a stump is worse than some trees."""
    judge = FoldJudge.of(small_history(), asked())
    assert [len(one.windows) for one in judge.folds] == [1, 1]
    assert judge(BoosterChange("x", trees=20), 1) < judge(BoosterChange("y", trees=1, leaves=2), 1) < 1.0


def test_the_command_writes_settings_that_train_takes(tmp_path: Path) -> None:
    """Two trials, a report, a file for --config; going on needs nothing but the name."""
    out = io.StringIO()
    session = Session(
        console=Console(quiet=True, out=out, err=io.StringIO()),
        home=Home(tmp_path),
        now=NOW,
        overrides=(*OVERRIDES, *SMALL),
        data=small_history().path,
    )
    given = {"stage": "B", "scores": ["quick_close"], "minutes": None, "jobs": 2}
    assert tune(session, **given, trials=2, resume=None) == 0
    assert tune(session, **given, trials=3, resume="latest") == 0
    (run,) = (tmp_path / "runs").iterdir()
    best = tomllib.loads((run / "tuned.toml").read_text(encoding="utf-8"))["booster"]
    document = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert len(document["trials"]) == 3
    assert load_settings(run / "tuned.toml").booster.trees == best["trees"] == document["best"]["trees"]
    assert (run / "report.html").is_file()
    (tmp_path / "runs" / "20991231T000000-tune").mkdir()  # a folder whose plan the disk had no room for
    assert tune(session, **given, trials=3, resume="latest") == 0
    with pytest.raises(CommandError, match="不是调参记录"):
        tune(session, **given, trials=3, resume="none")


def test_a_plan_that_cannot_be_written_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk before the first trial: `latest` would mean a search that never began."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plan, "write_json", full)
    session = Session(
        console=Console(quiet=True, out=io.StringIO(), err=io.StringIO()), home=Home(tmp_path), now=NOW,
        overrides=(*OVERRIDES, *SMALL), data=small_history().path,
    )  # fmt: skip
    with pytest.raises(OSError, match="No space"):
        tune(session, stage="B", scores=["quick_close"], minutes=None, trials=2, resume=None, jobs=1)
    assert list((tmp_path / "runs").iterdir()) == []


def test_labels_that_are_not_ripe_leave_nothing_behind(tmp_path: Path) -> None:
    """A history that is too short for one fold is refused before a run begins."""
    session = Session(
        console=Console(quiet=True, out=io.StringIO(), err=io.StringIO()), home=Home(tmp_path), now=NOW,
        overrides=(*OVERRIDES, *SMALL, "backtest.calibrate_months=60"), data=small_history().path,
    )  # fmt: skip
    with pytest.raises(CommandError, match="LABELS_NOT_RIPE"):
        tune(session, stage="B", scores=["quick_close"], minutes=None, trials=2, resume=None, jobs=1)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("wrong", ["tuning.trees=[9]", "tuning.leaves=[9,3]", "tuning.l2=[0,3]", "tuning.folds=0"])
def test_a_space_that_is_none_is_refused(wrong: str) -> None:
    """Two growing positive numbers."""
    with pytest.raises(CommandError, match="CONFIG"):
        settings(wrong)
