"""Features of the first network query after filing: what was found, against what is owed.

They exist at stage B only. A source that did not answer is missing, never
nothing: sums are lower bounds over the sources that answered.
"""

from __future__ import annotations

import numpy as np

from features.catalogue.formulas import SMALLEST, ZERO, full_sum, known_sum, ratio, share, to_claim
from features.feature import NAN, Pull, Unit, Words, each_code, feature, taken
from features.known import Array, Known

SOURCE = ("该项未查询，或者协查单位未反馈", "this source was not queried or did not answer")
NO_SOURCE = ("各项均未查询或者未反馈", "no source was queried or answered")

CASH = ("q_bank", "q_netpay", "q_wealth", "q_securities")
COUNTS = ("q_realty_n", "q_vehicle_n", "q_equity_n", "q_vessel_n")
KINDS = (*CASH, "q_insurance", "q_hpf", "q_wage", *COUNTS)

MONTHS_AT_MOST: Array = np.array(1200.0)
"""A wage that would take a century counts as this, and so does no wage."""

AMOUNTS: dict[str, tuple[str, Words]] = {
    "q_bank": ("A03", ("银行存款", "bank deposits")),
    "q_netpay": ("A03", ("网络资金", "online payment accounts")),
    "q_wealth": ("A12", ("理财产品", "financial products")),
    "q_securities": ("A12", ("证券、基金", "securities and funds")),
    "q_insurance": ("A12", ("保险现金价值", "insurance cash value")),
    "q_hpf": ("A12", ("住房公积金余额", "housing fund")),
    "q_wage": ("A11", ("月工资", "monthly wage")),
}

FOUND: dict[str, tuple[str, Unit, Words]] = {
    "q_realty_n": (
        "A04",
        Unit.ITEM,
        ("首次查控查得不动产多少处？", "How many pieces of land or buildings did the query find?"),
    ),
    "q_vehicle_n": ("A13", Unit.ITEM, ("首次查控查得车辆多少辆？", "How many vehicles did the query find?")),
    "q_equity_n": ("A13", Unit.ITEM, ("首次查控查得股权投资多少项？", "How many equity holdings did the query find?")),
}


def _all_of(known: Known, columns: tuple[str, ...]) -> list[Array]:
    return [known[column] for column in columns]


@feature(
    *CASH,
    "claim_amount",
    asks=(
        "首次查控查得的存款、网络资金、理财、证券合计相当于申请执行标的额的多少倍？",
        "How large are the deposits, online money, products and securities found, together, against the claim?",
    ),
    unit=Unit.LOG_RATIO,
    pull=Pull.UP,
    code="A03",
    missing=NO_SOURCE,
)
def q_cash_to_claim(known: Known) -> Array:
    """Return what can be deducted without appraisal or auction, against the claim."""
    return ratio(known_sum(*_all_of(known, CASH)), known["claim_amount"])


@feature(
    *CASH,
    "claim_amount",
    "delay_interest_est",
    "fee_est",
    asks=(
        "首次查控查得的存款、网络资金、理财、证券合计占全部应付款项（含加倍利息、执行申请费估算）的比例是多少？",
        "What share of all that is due, estimated interest and fee included, does the money found cover?",
    ),
    unit=Unit.SHARE,
    pull=Pull.UP,
    code="A03",
    missing=NO_SOURCE,
)
def q_cash_cover(known: Known) -> Array:
    """Return the same money against claim, delay interest and fee; 1 or more can be closed at a stroke."""
    extra = full_sum(np.fmax(known["delay_interest_est"], ZERO), np.fmax(known["fee_est"], ZERO))
    return share(known_sum(*_all_of(known, CASH)), full_sum(known["claim_amount"], extra))


@feature(
    "q_wage",
    "claim_amount",
    asks=(
        "以查得的月工资计，多少个月的工资相当于申请执行标的额？",
        "How many months of the wage found equal the claim?",
    ),
    unit=Unit.MONTHS,
    pull=Pull.DOWN,
    code="A11",
    missing=SOURCE,
)
def q_wage_months(known: Known) -> Array:
    """Return how many full wages the claim is; a measure of size, as part of each must be left to the debtor."""
    months = share(known["claim_amount"], np.maximum(known["q_wage"], SMALLEST))
    return np.minimum(months, MONTHS_AT_MOST)


@feature(
    *KINDS,
    asks=("首次查控查得几种财产？", "How many kinds of assets did the query find?"),
    unit=Unit.KIND,
    pull=Pull.UP,
    code="A13",
    missing=NO_SOURCE,
)
def q_kinds_found(known: Known) -> Array:
    """Count the kinds of which anything at all was found, among the sources that answered."""
    table = np.array(_all_of(known, KINDS))
    found = np.count_nonzero(table > ZERO, axis=0)
    return np.where(np.isnan(np.fmax.reduce(table)), NAN, found)


@feature(
    *KINDS,
    asks=("已反馈的各项查控结果是否均为零？", "Did every source that answered report nothing?"),
    unit=Unit.YES_NO,
    pull=Pull.DOWN,
    code="A13",
    missing=NO_SOURCE,
)
def q_nothing_found(known: Known) -> Array:
    """Tell whether nothing was found; that speaks of registers on that day, not of what the debtor has."""
    most = np.fmax.reduce(np.array(_all_of(known, KINDS)))
    return np.where(np.isnan(most), NAN, most <= ZERO)


FEATURES = (
    *(
        to_claim(
            column,
            asks=(
                f"首次查控查得的{zh}相当于申请执行标的额的多少倍？",
                f"How large is what the query found ({en}) against the claim?",
            ),
            unit=Unit.LOG_RATIO,
            pull=Pull.UP,
            code=code,
            missing=SOURCE,
        )
        for column, (code, (zh, en)) in AMOUNTS.items()
    ),
    q_cash_to_claim,
    q_cash_cover,
    q_wage_months,
    *(
        taken(column, asks=asks, unit=unit, pull=Pull.UP, code=code, missing=SOURCE)
        for column, (code, unit, asks) in FOUND.items()
    ),
    *each_code(
        "q_realty_enc",
        {"none": ("无抵押、查封等权利负担", "free of mortgage and seal")},
        asks=("查得的不动产是否{}？", "Is the property found {}?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A04",
        missing=("未查得不动产，或者权属状态未反馈", "no property found, or its state was not reported"),
    ),
    *each_code(
        "q_realty_enc",
        {
            "mortgaged": ("已设立抵押", "mortgaged"),
            "sealed_elsewhere": ("已由其他法院首先查封", "sealed first by another court"),
            "sole_home": ("为被执行人唯一住房", "the debtor's only home"),
        },
        asks=("查得的不动产是否{}？", "Is the property found {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="A04",
        missing=("未查得不动产，或者权属状态未反馈", "no property found, or its state was not reported"),
    ),
    q_kinds_found,
    q_nothing_found,
)
