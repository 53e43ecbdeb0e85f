"""The facts at the head of a case page: who against whom (by kind, never by name), about what, for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.causes import cause_name
from features.register import Register
from serving.pages import formats
from serving.pages.codes import code_words
from serving.pages.language import Language


@dataclass(frozen=True)
class Fact:
    """One fact with its name; `foreign` says that its text stays Chinese on an English page."""

    name: str
    text: str
    foreign: bool = False


def facts_of(case: Mapping[str, Any], stage: str, register: Register, say: Language) -> tuple[Fact, ...]:
    """Return what a reader needs to know which case this is; what was not reported is said to be unknown.

    Before filing nobody is called 被执行人 yet.
    """
    owing = say("义务人") if stage == "A" else say("被执行人")
    return (
        _coded("applicant_type", say("申请人"), case, register, say),
        _coded("debtor_type", owing, case, register, say),
        Fact(say("案由"), cause_name(case) or say("未知"), foreign=cause_name(case) is not None),
        Fact(say("标的额"), formats.money(case.get("claim_amount"), say)),
        Fact(say("执行依据"), str(case.get("basis_no") or say("未知")), foreign="basis_no" in case),
        _coded("consent_urge", say("督促意愿"), case, register, say),
        Fact(say("收到申请"), formats.instant(case["received_at"]) if "received_at" in case else say("未知")),
    )


def _coded(field: str, name: str, case: Mapping[str, Any], register: Register, say: Language) -> Fact:
    code = case.get(field)
    if code is None:
        return Fact(name, say("未知"))
    return Fact(name, code_words(register[field], str(code), say))
