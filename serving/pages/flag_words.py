"""The short words of the queue for what a rule says of a case; the whole sentence stays beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models.lifecycle import ConversionCause
from models.routes import FACTS_MISSING
from serving.pages.language import Language
from serving.repositories.queue_flags import Flag
from serving.repositories.urging.watching import CONVERTED

FLAG_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "P01": ("涉民生", "livelihood"),
        "P02": ("线索限期核查", "clue to be checked"),
        "P03": ("期限紧迫", "time is short"),
        "P03b": ("保全将届满", "preservation lapsing"),
        "P04": ("移送执行", "transferred ex officio"),
        "P05": ("申请人特困", "applicant in hardship"),
        "P06": ("上级督办", "supervised"),
        "priority": ("优先立案", "file first"),
        "livelihood_team": ("涉民生", "livelihood"),
        "pre_enforcement_lapsing": ("执前保全将届满", "pre-enforcement preservation lapsing"),
        "preservation_over": ("保全已届满", "preservation lapsed"),
        "preservation_lapsing": ("保全将届满", "preservation lapsing"),
        "preservation_may_be_released": ("执前保全已逾五日", "pre-enforcement preservation: five days over"),
        "limitation_below": ("时效不足 {n} 日", "limitation under {n} days"),
        "limitation_near": ("时效将届满", "limitation near"),
        "limitation_passed": ("时效已过", "limitation passed"),
        "administrative_period": ("行政非诉期限", "administrative period"),
        "batch": ("批次", "batch"),
        "same_debtor": ("同一被执行人在执", "same debtor's open case"),
        "keep_together": ("集中办理", "keep together"),
        "financial_pool": ("涉金融", "financial"),
        "hand_over": ("移交普通团队", "hand over"),
        "clock_passed": ("快执期限已过", "fast lane over"),
        "zhongben_plan": ("提前调查财产", "survey assets early"),
        "direct_deduction": ("可直接扣划", "direct deduction"),
        "no_asset_certificate": ("预查废条件", "no-asset certificate"),
        "debt_relief": ("个债清理", "debt relief"),
        "bankruptcy_transfer": ("征询移送破产", "ask about bankruptcy"),
        "co_debtors_remain": ("另有被执行人", "other debtors"),
        "lacking": ("缺 {n} 项", "{n} facts missing"),
        FACTS_MISSING: ("事实待补正", "facts to be completed"),
        f"{CONVERTED}.{ConversionCause.CONSENT_WITHDRAWN}": ("撤回同意", "consent withdrawn"),
        f"{CONVERTED}.{ConversionCause.NEW_CLUE}": ("发现财产线索", "assets found"),
        f"{CONVERTED}.{ConversionCause.PROMISE_BROKEN}": ("未按承诺履行", "promise broken"),
        f"{CONVERTED}.{ConversionCause.PRESERVATION_LAPSING}": ("保全将届满", "preservation lapsing"),
        f"{CONVERTED}.{ConversionCause.LIMITATION_NEAR}": ("时效将届满", "limitation near"),
        f"{CONVERTED}.{ConversionCause.WINDOW_OVER}": ("督促期满", "window over"),
    }
)
"""By the code of a flag, or the rule of a priority; a court's own flags have none and keep the words of its table."""

_SAID_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "P03": frozenset(
            {"pre_enforcement_lapsing", "preservation_over", "preservation_lapsing", "limitation_below",
             "limitation_near", "limitation_passed"}
        ),
        "limitation_below": frozenset({"limitation_passed"}),
        "limitation_near": frozenset({"limitation_passed"}),
    }
)  # fmt: skip
"""What is not said again where one of these says it more exactly."""


@dataclass(frozen=True)
class FlagWord:
    """A flag as it stands in a list: its word, and the sentence of the record that it stands for."""

    text: str
    whole: str


def flag_words(flags: Iterable[Flag], say: Language) -> tuple[FlagWord, ...]:
    """Return the words of a case's flags, each once."""
    found = list(flags)
    codes = {flag.code for flag in found}
    words = [_word(flag, say) for flag in found if not _SAID_BY.get(flag.code, frozenset()) & codes]
    return tuple({word.text: word for word in words}.values())


def _word(flag: Flag, say: Language) -> FlagWord:
    whole = str(say.pick(flag.zh, flag.en))
    words = FLAG_WORDS.get(flag.code)
    if words is None or (flag.number is None and "{n}" in words[0]):
        return FlagWord(whole, whole)
    return FlagWord(str(say.pick(*words)).replace("{n}", str(flag.number)), whole)
