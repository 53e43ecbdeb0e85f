"""Repeating a run: the same bundle again, or a plain word on what is not the same any more."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders_training import NOW, OVERRIDES, small_history
from training.commands.bundles import train
from training.commands.session import Session
from training.console import Console
from training.errors import CommandError
from training.learning import train as learning
from training.provenance import Home

DRAWN = ("booster.columns=0.3", "booster.random_splits=true")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session in whose home one score has been trained."""
    console = Console(out=io.StringIO(), err=io.StringIO())
    made = Session(console, Home(tmp_path), NOW, data=small_history().path, overrides=(*OVERRIDES, *DRAWN))
    train(made, stage="A", scores=["willingness"], min_cases=None)
    return replace(made, overrides=(), now=NOW + timedelta(days=3))


def said(session: Session) -> str:
    """Return all that a person was told."""
    return str(session.console.heard)


def test_a_repeated_run_gives_the_same_bundle(session: Session, tmp_path: Path) -> None:
    """Days later, with nothing but the run's name: the same hash, and the command says so."""
    assert train(session, stage=None, scores=None, min_cases=None, from_run="latest") == 0
    assert "与原模型包相同" in said(session)
    manifests = [path.read_bytes() for path in tmp_path.glob("runs/*/bundle/*/manifest.json")]
    assert len(manifests) == 2
    assert manifests[0] == manifests[1]


def test_another_program_is_named_as_the_cause(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the hash differs the command ends with 1 and says what is not the same."""
    monkeypatch.setattr(learning, "code_version", lambda: "another")
    assert train(session, stage=None, scores=None, min_cases=None, from_run="latest") == 1
    assert "程序版本不同" in said(session)


def test_a_repetition_takes_no_settings_of_its_own(session: Session) -> None:
    """What is changed is no repetition."""
    with pytest.raises(CommandError, match="--from-run 沿用原运行的全部设定"):
        train(replace(session, seed=3), stage=None, scores=None, min_cases=None, from_run="latest")
