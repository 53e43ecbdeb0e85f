"""What the queue says of a case besides its lane: the flags of its answer, by codes that stand for short words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from features.register import Stage
from models.abstention import Abstain, missing_keys

_URGING: Final = re.compile(r"不足督促期 (\d+) 日加 (\d+) 日")
"""How a line of H06 names the window and its margin: the days that must be left before limitation."""


@dataclass(frozen=True)
class Flag:
    """One flag: its code, empty where only its words are known; its whole words; and the number that belongs to it."""

    code: str
    zh: str
    en: str
    number: int | None = None


def flags_of(answer: Mapping[str, Any], case: Mapping[str, Any]) -> list[Flag]:
    """Return what to say of an answer and the case it was given on, each code once, in the order of the answer."""
    advised = answer["advice"]
    met = {rule["id"]: _met(rule) for rule in answer["rules"]}
    found = [*_lacking(answer, case), *_priority(advised["priority"])]
    for flag in advised["flags"]:
        lines = met.get(flag["rule"], {})
        found += [Flag(code, flag["text"], flag["text_en"], n) for code, n in _finer(flag["code"], lines)]
    kept: dict[str, Flag] = {}
    for one in found:
        kept.setdefault(one.code, one)
    return list(kept.values())


def written(flags: Sequence[Flag]) -> str:
    """Return flags as the queue's row keeps them."""
    return orjson.dumps([vars(flag) for flag in flags]).decode()


def read(text: str) -> list[Flag]:
    """Return the flags of a row; rows of before hold pairs of words without a code."""
    return [Flag("", *one) if isinstance(one, list) else Flag(**one) for one in orjson.loads(text)]


def _priority(priority: Mapping[str, Any]) -> list[Flag]:
    return [Flag(priority["rule"], priority["text"], priority["text_en"])] if priority["rule"] else []


def _lacking(answer: Mapping[str, Any], case: Mapping[str, Any]) -> list[Flag]:
    """Return that no score was given because key facts are missing, and how many."""
    for reason in answer.get("abstain_reasons", ()):
        missing = missing_keys(case, Stage(answer["stage"]))
        if reason["code"] == Abstain.KEY_FIELD_MISSING and missing:
            return [Flag("lacking", reason["text"], reason["text_en"], len(missing))]
    return []


def _met(rule: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines of a rule that are met: which fact they are about, and their words."""
    lines = (rule, *rule.get("conditions", ()))
    return {str(line.get("field")): line["text"] for line in lines if line["result"] == "met"}


def _finer(code: str, met: Mapping[str, str]) -> Iterator[tuple[str, int | None]]:
    """Yield what a flag says more exactly by the lines that raised it, with a number where the word has one."""
    by_field = _BY_FIELD.get(code, {})
    finer = [name for field, name in by_field.items() if field in met]
    least = _URGING.search(met.get("limitation_days_left", ""))
    if code == "limitation_near" and least is not None:
        yield "limitation_below", int(least[1]) + int(least[2])
    else:
        yield from ((name, None) for name in (finer[:1] if code == "preservation_lapsing" else finer) or [code])


_BY_FIELD: Final[Mapping[str, Mapping[str, str]]] = {
    "preservation_lapsing": {"pres_stage": "pre_enforcement_lapsing", "pres_expiry": "preservation_over"},
    "keep_together": {"open_enf_n": "same_debtor", "batch_size": "batch"},
    "priority": {"intake_channel": "P04", "livelihood": "P01"},
}
"""Which line of a rule makes its flag say more exactly what is meant."""

FINER: Final = frozenset({"limitation_below", *(name for names in _BY_FIELD.values() for name in names.values())})
"""The codes that say more exactly what a flag means."""
