"""Questions by which a batch is parted: each answered by what a clerk can read off the case, with words for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.causes import FAMILIES, FAMILIES_ZH
from features.columns import code_index
from features.english import english_of
from features.known import Array, Columns
from features.register import Register
from models.lanes import LANE_CODE, Lane

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Words = tuple[tuple[str, str], tuple[str, str], tuple[str, str]]

AMOUNTS = (10_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000)
"""Amounts at which people part cases, in yuan."""

AMOUNT, LANE = "claim_amount", "lane"
WEIGHTS: Mapping[str, float] = {AMOUNT: 6.0, LANE: 3.0}
"""What weighs more than any other thing asked about: a batch is decided by amount and lane first."""


@dataclass(frozen=True, eq=False)
class Question:
    """One question about n cases: answered yes for the rows `yes`, and unanswered for those not `known`.

    `about` names what is asked about and `upto` the limit of a question about
    an amount (NaN for others); `words` are those for yes, for no, and for
    nobody knowing, in Chinese and English.
    """

    about: str
    words: Words
    yes: Bools
    known: Bools
    upto: float = float("nan")

    def answer(self, rows: Rows) -> tuple[str, str]:
        """Return what is true of all these rows, in words; who does not know is on the side of no, and is named."""
        if self.yes[rows].all():
            return self.words[0]
        if not self.known[rows].any():
            return self.words[2]
        zh, en = self.words[1]
        return (zh, en) if self.known[rows].all() else (f"{zh}或不详", f"{en} or unknown")


def questions(columns: Columns, lane: npt.NDArray[np.int8], register: Register) -> tuple[Question, ...]:
    """Return every question that parts n cases at all, answered; protected facts of a person are never asked about."""
    asked = [*_amounts(columns), _urged(lane), *_families(columns), *_kinds(columns, register), *_facts(columns)]
    return tuple(one for one in asked if one.yes.any() and not one.yes.all())


def _amounts(columns: Columns) -> list[Question]:
    claim = _numbers(columns, AMOUNT)
    if claim is None:
        return []
    return [
        Question(
            AMOUNT,
            (
                (f"金额≤{limit / 10_000:g} 万", f"claim up to {limit:,}"),
                (f"金额>{limit / 10_000:g} 万", f"claim above {limit:,}"),
                ("金额不详", "claim unknown"),
            ),
            claim <= limit,
            ~np.isnan(claim),
            limit,
        )
        for limit in AMOUNTS
    ]


def _urged(lane: npt.NDArray[np.int8]) -> Question:
    words = (("建议督促", "urging proposed"), ("不建议督促", "urging not proposed"), ("", ""))
    return Question(LANE, words, lane == LANE_CODE[Lane.URGE], np.ones(len(lane), dtype=bool))


def _families(columns: Columns) -> list[Question]:
    family = _numbers(columns, "cause_code.family")
    if family is None:
        return []
    return [
        Question(
            "cause",
            (
                (FAMILIES_ZH[name], english_of(name)),
                (f"非{FAMILIES_ZH[name]}", f"not {english_of(name)}"),
                _UNKNOWN_CAUSE,
            ),
            family == place,
            ~np.isnan(family),
        )
        for place, name in enumerate(FAMILIES)
    ]


_UNKNOWN_CAUSE = ("案由不详", "cause unknown")
_WHO = ("主体类型不详", "debtor unknown")
_NO_COLLATERAL = (("无担保", "unsecured"), ("有担保", "secured"), ("有无担保不详", "security unknown"))
_KINDS: tuple[tuple[str, str, Words], ...] = (
    ("debtor_type", "person", (("自然人", "person"), ("非自然人", "no person"), _WHO)),
    (
        "debtor_type",
        "company",
        (("企业法人", "company"), ("非企业法人", "no company"), _WHO),
    ),
    (
        "trial_outcome",
        "mediation",
        (("调解结案", "mediated"), ("非调解结案", "not mediated"), ("审结不详", "unknown")),
    ),
    (
        "consent_urge",
        "agree",
        (("同意督促", "consents"), ("未同意督促", "no consent"), ("同意与否不详", "unknown")),
    ),
    ("collateral_type", "none", _NO_COLLATERAL),
)
"""Enum field, code asked for, and the words."""


def _kinds(columns: Columns, register: Register) -> list[Question]:
    found = []
    for name, code, words in _KINDS:
        values = _numbers(columns, name)
        if values is not None:
            found.append(Question(name, words, values == code_index(register[name])[code], ~np.isnan(values)))
    return found


_FACTS: Mapping[str, tuple[float, str, str, str, str]] = {
    "phone_provided": (0, "有联系方式", "无联系方式", "contact given", "no contact"),
    "served_by_notice": (0, "公告送达", "非公告送达", "served by notice", "not served by notice"),
    "default_judgment": (0, "缺席判决", "非缺席判决", "default judgment", "no default judgment"),
    "any_post_judgment_payment": (0, "判后有履行", "判后未履行", "paid in part", "nothing paid"),
    "preserved": (0, "已保全", "未保全", "preserved", "not preserved"),
    "n_guarantors": (0, "有保证人", "无保证人", "guaranteed", "not guaranteed"),
    "open_enf_n": (0, "另有在执案件", "无其他在执案件", "other open cases", "no other open case"),
    "prior_zhongben_n": (
        0,
        "曾有终本",
        "无终本记录",
        "once closed for lack of assets",
        "never closed for lack of assets",
    ),
    "days_since_due": (365, "履行期满逾一年", "期满未逾一年", "due over a year", "due within a year"),
}
"""Column -> what its number must exceed for a yes (NaN never does), and the words for yes and no."""


def _facts(columns: Columns) -> list[Question]:
    found = []
    for name, (beyond, zh, no_zh, en, no_en) in _FACTS.items():
        values = _numbers(columns, name)
        if values is not None:
            words = ((zh, en), (no_zh, no_en), (f"{zh}与否不详", f"{en}: unknown"))
            found.append(Question(name, words, values > beyond, ~np.isnan(values)))
    return found


def _numbers(columns: Columns, name: str) -> Array | None:
    column = columns.get(name)
    return None if column is None or np.isnan(column.astype(np.float64)).all() else column.astype(np.float64)
