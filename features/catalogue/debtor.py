"""Features of the debtor and, for an enterprise, of its public registration as of the application.

Sex, age, household registration and address are not among them and cannot be:
the register closes those fields to every feature.
"""

from __future__ import annotations

import numpy as np

from features.catalogue.formulas import bounded, ratio
from features.feature import (
    NAN,
    Declaration,
    Feature,
    IsIndex,
    Pull,
    Unit,
    Words,
    declare,
    each_code,
    feature,
    index_of,
    taken,
)
from features.industries import SECTIONS
from features.known import Array, Known

APPLICATION = ("申请执行书未载明该项", "not stated in the application")
REGISTRY = (
    "非登记主体，或者登记信息未查询、未反馈",
    "not a registered entity, or the registry was not queried or did not answer",
)

TYPES = {
    "person": ("自然人", "a natural person"),
    "individual_business": ("个体工商户", "an individual business"),
    "company": ("企业法人", "a company"),
}

TEN_THOUSAND: Array = np.array(1e4)

INDUSTRIES: dict[str, tuple[str, Words]] = {
    "construction": ("E", ("建筑业", "construction")),
    "real_estate": ("K", ("房地产业", "real estate")),
}
"""Industries that are asked for, with their sections in GB/T 4754."""

BURDENS: dict[str, tuple[Unit, Words]] = {
    "abnormal_list": (
        Unit.YES_NO,
        ("被执行人是否被列入经营异常名录？", "Is the debtor on the list of abnormal operations?"),
    ),
    "serious_illegal": (
        Unit.YES_NO,
        ("被执行人是否被列入严重违法失信名单？", "Is the debtor on the list of serious violations?"),
    ),
    "equity_frozen_n": (
        Unit.ITEM,
        ("被执行人名下登记有多少条股权冻结信息？", "How many freezes of the debtor's equity are registered?"),
    ),
    "tax_arrears": (
        Unit.YES_NO,
        ("税务机关是否公告被执行人欠税？", "Has the tax authority announced that the debtor owes tax?"),
    ),
}

_NO_BANKRUPTCY = np.array(index_of("bankruptcy_case", "none"))


@feature(
    "bankruptcy_case",
    asks=(
        "被执行人是否有已受理的破产、重整案件？",
        "Has a court accepted a bankruptcy or reorganisation case of the debtor?",
    ),
    unit=Unit.YES_NO,
    pull=Pull.DOWN,
    code="D09",
    missing=(
        "不适用破产程序，或者破产案件信息未查询、未反馈",
        "no bankruptcy is possible, or the register of bankruptcies was not queried or did not answer",
    ),
)
def in_bankruptcy(known: Known) -> Array:
    """Tell whether a case of bankruptcy is on record in any state; then all creditors share what there is."""
    state = known["bankruptcy_case"]
    return np.where(np.isnan(state), NAN, state != _NO_BANKRUPTCY)


def _capital(column: str, asks: Words) -> Feature:
    """Capital is registered in units of ten thousand yuan, claims in yuan."""
    said: Declaration = {"asks": asks, "unit": Unit.LOG_RATIO, "pull": Pull.UP, "code": "A10", "missing": REGISTRY}

    def compute(known: Known) -> Array:
        return ratio(bounded(known[column]) * TEN_THOUSAND, known["claim_amount"])

    return declare(f"{column}_to_claim", (column, "claim_amount"), compute, said)


def _industry(name: str) -> Feature:
    section, (zh, en) = INDUSTRIES[name]
    said: Declaration = {
        "asks": (f"被执行人所属行业是否为{zh}？", f"Is the debtor's industry {en}?"),
        "unit": Unit.YES_NO,
        "pull": Pull.NONE,
        "code": "C07",
        "missing": REGISTRY,
    }
    column = "industry_code.section"
    return declare(f"industry_{name}", (column,), IsIndex(column, float(SECTIONS.index(section))), said)


FEATURES = (
    *each_code(
        "debtor_type",
        TYPES,
        asks=("被执行人是否为{}？", "Is the debtor {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C06",
        missing=APPLICATION,
    ),
    taken(
        "public_entity",
        asks=("被执行人是否为党政机关或者国有企业？", "Is the debtor a public body or state-owned enterprise?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C06",
        missing=APPLICATION,
    ),
    taken(
        "phone_provided",
        asks=("申请执行人是否提供被执行人的有效电话？", "Did the applicant give a working telephone of the debtor?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W04",
        missing=APPLICATION,
    ),
    *each_code(
        "reg_status",
        {"active": ("存续", "active")},
        asks=("被执行人的登记状态是否为{}？", "Is the debtor's registration {}?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A09",
        missing=REGISTRY,
    ),
    taken(
        "est_years",
        asks=("被执行人成立已有多少年？", "How many years ago was the debtor established?"),
        unit=Unit.YEAR,
        pull=Pull.NONE,
        code="A09",
        missing=REGISTRY,
    ),
    taken(
        "insured_headcount",
        asks=("被执行人年报所载参保人数有多少？", "How many insured employees does the annual report state?"),
        unit=Unit.PERSON,
        pull=Pull.UP,
        code="A09",
        missing=REGISTRY,
    ),
    _capital(
        "reg_capital",
        ("被执行人的注册资本相当于申请执行标的额的多少倍？", "How large is the registered capital against the claim?"),
    ),
    _capital(
        "paid_in_capital",
        ("被执行人的实缴资本相当于申请执行标的额的多少倍？", "How large is the paid-in capital against the claim?"),
    ),
    *(
        taken(column, asks=asks, unit=unit, pull=Pull.DOWN, code="D06", missing=REGISTRY)
        for column, (unit, asks) in BURDENS.items()
    ),
    in_bankruptcy,
    *(_industry(name) for name in INDUSTRIES),
)
