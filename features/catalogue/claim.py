"""Features of the claim: its size, its make-up, its cause and what secures it.

None of them can make a larger claim look better: what divides by the claim
pulls up, what grows with it pulls down, and what may pull either way does not
read it.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from features.catalogue.formulas import full_sum, logged, magnitude, share, to_claim
from features.causes import FAMILIES
from features.feature import NAN, Declaration, Feature, IsIndex, Pull, Unit, Words, declare, feature, index_of, taken
from features.known import Array, Known

APPLICATION = ("申请执行书未载明该项", "not stated in the application")
UNRECORDED = ("执行依据的该项内容未登记", "this part of the basis is not recorded")

CAUSES: dict[str, Words] = {
    "financial_loan": ("金融借款合同纠纷", "a financial loan"),
    "credit_card": ("信用卡纠纷", "a credit card"),
    "private_loan": ("民间借贷纠纷", "a private loan"),
    "sale": ("买卖合同纠纷", "a sale"),
    "labour": ("劳动争议或者劳务合同纠纷", "wages or services"),
    "traffic": ("机动车交通事故责任纠纷", "a traffic accident"),
    "property_heating": ("物业服务或者供用合同纠纷", "property management or utilities"),
    "construction": ("建设工程或者承揽合同纠纷", "construction or contract work"),
    "recourse_guarantee": ("追偿权或者保证合同纠纷", "recourse or a guarantee"),
    "family": ("婚姻家庭、继承纠纷", "family or inheritance"),
}

REALTY = ("dwelling", "shop", "factory", "land")


def _cause(family: str) -> Feature:
    zh, en = CAUSES[family]
    said: Declaration = {
        "asks": (f"案由是否属于{zh}？", f"Does the case concern {en}?"),
        "unit": Unit.YES_NO,
        "pull": Pull.NONE,
        "code": "C01",
        "missing": ("案由未登记或者不能归类", "the cause is not recorded or not recognised"),
    }
    column = "cause_code.family"
    return declare(f"cause_{family}", (column,), IsIndex(column, float(FAMILIES.index(family))), said)


@feature(
    "claim_amount",
    "n_debtors",
    asks=("申请执行标的额按被执行人人数平均，每人为多少？", "How large is the claim for each debtor?"),
    unit=Unit.LOG_YUAN,
    pull=Pull.DOWN,
    code="A01",
    missing=APPLICATION,
)
def claim_per_debtor_log10(known: Known) -> Array:
    """Return the order of size of the claim shared evenly among its debtors."""
    return magnitude(share(known["claim_amount"], known["n_debtors"]))


@feature(
    "paid_before",
    "claim_amount",
    asks=(
        "执行依据生效后已履行的金额，占其与申请执行标的额之和的比例是多少？",
        "What share of the debt was paid after the basis took effect and before the application?",
    ),
    unit=Unit.SHARE,
    pull=Pull.UP,
    code="W06",
    missing=APPLICATION,
)
def paid_share(known: Known) -> Array:
    """Return what was paid before the application against paid and claimed together; one minus the unpaid share."""
    return share(known["paid_before"], full_sum(known["paid_before"], known["claim_amount"]))


@feature(
    "ordinary_interest",
    "principal",
    asks=("一般债务利息相当于本金的比例是多少？", "How large is the ordinary interest against the principal?"),
    unit=Unit.SHARE,
    pull=Pull.NONE,
    code="D08",
    missing=APPLICATION,
)
def interest_to_principal(known: Known) -> Array:
    """Return interest against principal, not against the claim, so that it cannot reward a larger claim."""
    return share(known["ordinary_interest"], known["principal"])


_REALTY = tuple(np.array(index_of("collateral_type", code)) for code in REALTY)


@feature(
    "collateral_type",
    asks=("担保物是否为不动产？", "Is the security land or a building?"),
    unit=Unit.YES_NO,
    pull=Pull.NONE,
    code="A07",
    missing=UNRECORDED,
)
def collateral_realty(known: Known) -> Array:
    """Tell whether a dwelling, shop, factory or land secures the claim: worth much, and slow to sell."""
    kind = known["collateral_type"]
    return np.where(np.isnan(kind), NAN, reduce(np.logical_or, [kind == code for code in _REALTY]))


FEATURES = (
    logged(
        "claim_amount",
        asks=("申请执行标的额有多大？", "How large is the claim?"),
        unit=Unit.LOG_YUAN,
        pull=Pull.DOWN,
        code="A01",
        missing=APPLICATION,
    ),
    claim_per_debtor_log10,
    paid_share,
    taken(
        "any_post_judgment_payment",
        asks=("执行依据生效后被执行人是否已部分履行？", "Did the debtor pay anything after the basis took effect?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W06",
        missing=APPLICATION,
    ),
    interest_to_principal,
    logged(
        "delay_interest_est",
        asks=("加倍部分债务利息估算有多大？", "How large is the estimated doubled interest for delay?"),
        unit=Unit.LOG_YUAN,
        pull=Pull.DOWN,
        code="D08",
        missing=("履行期限或者本金未登记，无法估算", "cannot be estimated: performance period or principal unknown"),
    ),
    taken(
        "priority_right",
        asks=("申请执行人是否享有优先受偿权？", "Does the applicant have a right to be paid first?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A07",
        missing=UNRECORDED,
    ),
    collateral_realty,
    to_claim(
        "collateral_value",
        asks=(
            "担保物评估值相当于申请执行标的额的多少倍？",
            "How large is the value of the security against the claim?",
        ),
        unit=Unit.LOG_RATIO,
        pull=Pull.UP,
        code="A07",
        missing=("无担保物，或者评估值未填写", "no security, or its value was not given"),
    ),
    taken(
        "joint_liability",
        asks=("各被执行人是否承担连带责任？", "Are the debtors jointly and severally liable?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="D03",
        missing=UNRECORDED,
    ),
    taken(
        "n_debtors",
        asks=("执行依据确定的被执行人有多少人？", "How many debtors does the basis name?"),
        unit=Unit.PERSON,
        pull=Pull.NONE,
        code="D03",
        missing=UNRECORDED,
    ),
    taken(
        "n_guarantors",
        asks=("承担保证责任的被执行人有多少人？", "How many of the debtors are guarantors?"),
        unit=Unit.PERSON,
        pull=Pull.NONE,
        code="D04",
        missing=UNRECORDED,
    ),
    *(_cause(family) for family in CAUSES),
)
