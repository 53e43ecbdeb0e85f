"""Everything known of a case, fact by fact, with its source; what is personal is masked until somebody says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from features.causes import cause_name
from features.register import Field, Privacy, Register, Stage
from serving.pages import formats
from serving.pages.codes import code_words
from serving.pages.intake import APPLICATION
from serving.pages.language import Language
from serving.pages.stored_words import source_words
from serving.record.case_files import CaseFile

WHY: Final = ("identity", "service", "assets", "other")
"""Why somebody looks at personal facts: 核对身份, 联系送达, 核查财产, 其他办案需要."""

NEVER_SHOWN: Final = frozenset({"id_token"})
"""Tokens by which cases are joined; nobody can read anything from them."""

_MASK: Final = "＊＊＊"
_FROM_NUMBER: Final = "derived from ID"


@dataclass(frozen=True, kw_only=True)
class KnownFact:
    """One fact; `masked` where it is personal and was not asked for, `correctable` where it can be put right here."""

    field: str
    name: str
    text: str
    source: str
    observed: str
    masked: bool
    personal: bool
    correctable: bool


@dataclass(frozen=True, kw_only=True)
class KnownPage:
    """Every fact, what is missing and why, and whether personal facts are shown."""

    id: str
    application: str
    facts: tuple[KnownFact, ...]
    missing: tuple[tuple[str, str], ...]
    personal: int
    revealed: bool
    may_reveal: bool
    may_correct: bool
    why: tuple[tuple[str, str], ...]
    simulated: bool


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the reader may do on the page, and whether he has asked for what is personal."""

    revealed: bool
    may_reveal: bool
    may_correct: bool


def known_page(found: CaseFile, register: Register, rights: Rights, say: Language) -> KnownPage:
    """Return the page of a file."""
    facts = tuple(_fact(field, found, rights, say) for field in register.fields if field.name in found.facts)
    missing = ((register[name], why) for name, why in found.missing.items() if name in register)
    return KnownPage(
        id=found.answer["id"],
        application=found.answer["application_id"],
        facts=facts,
        missing=tuple((say.pick(field.zh, field.en), missing_words(why, say)) for field, why in missing),
        personal=sum(1 for fact in facts if fact.personal),
        revealed=rights.revealed,
        may_reveal=rights.may_reveal,
        may_correct=rights.may_correct,
        why=_whys(say),
        simulated=found.answer["simulated"],
    )


def correctable(field: Field, stage: Stage) -> bool:
    """Whether a person can put the fact right by hand: what is worked out from a number or other facts is not typed."""
    typed = field.type in {"string", "enum", "bool", "int", "float", "decimal", "date"}
    follows = field.computed or field.source == _FROM_NUMBER
    return typed and field.allowed_at(stage) and not follows and field.name not in BESIDE


BESIDE: Final = frozenset({*APPLICATION, *NEVER_SHOWN})
"""What identifies the case: a correction is about the same one."""


def fact_text(field: Field, value: object, say: Language) -> str:
    """Return a fact as a person reads it."""
    if field.name in NEVER_SHOWN:
        return say("已转为代号，任何人不可见")
    if field.type == "bool":
        return say("是") if value else say("否")
    if field.type == "decimal":
        return formats.money(str(value), say) if field.unit == "CNY" else str(value)
    if field.type == "datetime":
        return formats.instant(str(value))
    if field.type == "set" and isinstance(value, list):
        return say.listed(code_words(field, str(one), say) for one in value)
    return code_words(field, str(value), say)


def _fact(field: Field, found: CaseFile, rights: Rights, say: Language) -> KnownFact:
    observed = found.document.get("observed_at", {}).get(field.name, "")
    personal = field.privacy is not Privacy.NONE
    masked = personal and not rights.revealed
    text = fact_text(field, found.facts[field.name], say)
    if field.name == "cause_code":
        text = " ".join(filter(None, (text, cause_name(found.facts))))
    return KnownFact(
        field=field.name,
        name=say.pick(field.zh, field.en),
        text=say.pick(_MASK, "***") if masked else text,
        source=source_words(field.source_zh, say),
        observed=str(observed)[:10],
        masked=masked,
        personal=personal,
        correctable=rights.may_correct and correctable(field, Stage(found.answer["stage"])),
    )


def missing_words(why: str, say: Language) -> str:
    """Return why a fact is missing; a reason that is not known stands as it is."""
    return _reasons(say).get(why, why)


def _reasons(say: Language) -> Mapping[str, str]:
    return {
        "not_provided": say("未提供"),
        "not_asked": say("未询问"),
        "not_applicable": say("不适用"),
        "source_timeout": say("来源未返回"),
        "source_unavailable": say("来源不可用"),
    }


def _whys(say: Language) -> tuple[tuple[str, str], ...]:
    words = (say("核对身份"), say("联系、送达"), say("核查财产"), say("其他办案需要"))
    return tuple(zip(WHY, words, strict=True))
