"""Every action on the audit trail has words in both languages, from one table that holds nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.access.action_words import ACTION_TEXT, action_text
from serving.access.actions import Action

ROOT = Path(__file__).parent.parent / "serving"

COMPOSED = {
    "hold.{}": ("place", "lift"), "decision.{}": ("decide", "withdraw"), "score.{}": ("reveal", "opinion"),
    "{}.{}": ("reason.mark", "reason.unmark", "similar.mark", "similar.unmark"),
    "batch.{}": ("look", "except", "include"), "{}.exchange": ("model", "rules", "shadow", "window"),
    "window.{}": ("ask", "sign", "decline", "withdraw", "take_back"),
    "review.{}": ("take", "tell"), "model.{}": ("request", "sign", "decline", "lapse", "promote", "rollback"),
}  # fmt: skip
"""Actions that are put together where they are written, and of what."""

TRIAL = "service.rehearse"
"""Written and undone at once, to see whether it could be written."""


def calls() -> Iterator[tuple[str, ast.expr]]:
    """Yield what stands for the action wherever an event is written, with the name of the file."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                given = [node.args[1]] if name == "event_of" and len(node.args) > 1 else []
                named = [one.value for one in node.keywords if one.arg == "action" and name in {"put", "Event", "end"}]
                for one in (*given, *named):
                    yield path.name, one


def spelt() -> set[str]:
    """Return the actions that are written whole, wherever they stand: at the event, or handed to what writes it."""
    subjects = {action.partition(".")[0] for action in ACTION_TEXT}
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        if path.name not in {"action_words.py", "actions.py"}:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    word = re.fullmatch(r"([a-z_]+)\.[a-z_]+", node.value)
                    found |= {node.value} if word and word[1] in subjects else set()
    return found


def composed() -> set[str]:
    """Return the actions that are put together."""
    return {
        part if pattern == "{}.{}" else pattern.format(part) for pattern, parts in COMPOSED.items() for part in parts
    }


def test_every_action_that_is_written_has_words() -> None:
    """At each place where an event is made, whole or put together."""
    whole = {one.value for _, one in calls() if isinstance(one, ast.Constant)}
    patterns = {
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in one.values)
        for _, one in calls()
        if isinstance(one, ast.JoinedStr)
    }
    assert len(whole) > 40
    assert patterns == set(COMPOSED)
    assert (whole | composed()) - set(ACTION_TEXT) == set()


def test_every_permission_that_can_be_denied_has_words() -> None:
    """What is denied is on the trail under the name of the permission."""
    assert {action.value for action in Action} - set(ACTION_TEXT) == set()


def test_no_words_stand_for_what_is_never_written() -> None:
    """A table with dead words misleads whoever filters by them."""
    assert set(ACTION_TEXT) - spelt() - composed() - {action.value for action in Action} - {"open"} == set()


@pytest.mark.parametrize("action", sorted(ACTION_TEXT))
def test_words_are_of_their_language(action: str) -> None:
    """Chinese first, English second."""
    zh, en = ACTION_TEXT[action]
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert en.isascii()


def test_an_action_of_another_version_is_shown_as_it_stands() -> None:
    """An old trail is read by a newer program."""
    assert action_text("case.vanish") == ("case.vanish", "case.vanish")
