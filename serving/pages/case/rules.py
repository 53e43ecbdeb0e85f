"""Rules as a judge checks them: what each found, where the fact comes from, and the article it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from serving.pages.language import Language
from serving.pages.stored_words import source_words

Mark = Literal["pass", "hit", "notice", "idle", "open"]

_GUARDS: Final = frozenset({"hard_stop", "hard_lane", "block_urge"})
"""Kinds that stand in the way of a lane when they are met, and are passed when they are not."""


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule; `state` says in words what `mark` shows, `decides` that the lane follows from it."""

    id: str
    mark: Mark
    state: str
    text: str
    basis: str
    source: str
    decides: bool


@dataclass(frozen=True)
class RuleBlock:
    """The rules that matter in this case first, and all others that were looked at, so that nothing is left out."""

    main: tuple[RuleLine, ...]
    others: tuple[RuleLine, ...]


def rules_of(stored: Sequence[Mapping[str, Any]], deciding: str | None, say: Language) -> RuleBlock:
    """Return the rules; those that decide or act come first, then what is unknown, then what was passed."""
    lines = [_line(one, deciding, say) for one in stored]
    main = [line for line in lines if line.decides or line.mark in {"hit", "open", "notice", "pass"}]
    main.sort(key=lambda line: (not line.decides, _ORDER[line.mark]))
    kept = {line.id for line in main}
    return RuleBlock(tuple(main), tuple(line for line in lines if line.id not in kept))


_ORDER: Final[dict[Mark, int]] = {"hit": 0, "open": 1, "notice": 2, "pass": 3, "idle": 4}


def _line(one: Mapping[str, Any], deciding: str | None, say: Language) -> RuleLine:
    mark = _mark(one)
    seen = one["observed_at"]
    source = source_words(one["source"], say) + (f"　{seen}" if seen else "")
    return RuleLine(
        id=one["id"],
        mark=mark,
        state=_state(mark, say),
        text=say.pick(one["text"], one["text_en"]),
        basis=one["basis"],
        source=source,
        decides=one["id"] == deciding,
    )


def _mark(one: Mapping[str, Any]) -> Mark:
    if one["result"] == "unknown":
        return "open"
    if one["kind"] in _GUARDS:
        return "hit" if one["result"] == "met" else "pass"
    if one["result"] == "met":
        return "notice"
    return "idle"


def _state(mark: Mark, say: Language) -> str:
    return {
        "pass": say("通过"),
        "hit": say("触发"),
        "notice": say("适用"),
        "idle": say("不适用"),
        "open": say("情况不明"),
    }[mark]
