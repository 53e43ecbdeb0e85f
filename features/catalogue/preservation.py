"""Features of what was preserved before the application: an asset held never counts against payment."""

from __future__ import annotations

from features.catalogue.formulas import days_since, known_sum, share, to_claim
from features.feature import Pull, Unit, feature, taken
from features.known import Array, Known

RECEIPT = ("未采取保全措施，或者保全回执未登记", "nothing was preserved, or the receipt is not recorded")


@feature(
    "pres_cash",
    "pres_other_value",
    "claim_amount",
    asks=(
        "已保全的存款与其他财产估值合计相当于申请执行标的额的比例是多少？",
        "What share of the claim do the preserved money and other property cover?",
    ),
    unit=Unit.SHARE,
    pull=Pull.UP,
    code="A06",
    missing=RECEIPT,
)
def pres_total_cover(known: Known) -> Array:
    """Return preserved money and valued property against the claim; land and vehicles are counted apart."""
    return share(known_sum(known["pres_cash"], known["pres_other_value"]), known["claim_amount"])


@feature(
    "pres_expiry",
    asks=("距最早一项保全期限届满还有多少日？", "In how many days does the earliest preservation expire?"),
    unit=Unit.DAY,
    pull=Pull.UP,
    code="A05",
    missing=RECEIPT,
)
def pres_days_left(known: Known) -> Array:
    """Return the days until the earliest expiry; negative once a measure has lapsed and holds nothing."""
    return -days_since(known, "pres_expiry")


FEATURES = (
    taken(
        "preserved",
        asks=("申请执行前是否已采取保全措施？", "Was anything preserved before the application?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    taken(
        "pres_cash_cover",
        asks=("实际冻结存款相当于申请执行标的额的比例是多少？", "What share of the claim does the frozen money cover?"),
        unit=Unit.SHARE,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    to_claim(
        "pres_cash",
        asks=("实际冻结存款相当于申请执行标的额的多少倍？", "How large is the frozen money against the claim?"),
        unit=Unit.LOG_RATIO,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    pres_total_cover,
    taken(
        "pres_realty_n",
        asks=("已查封不动产多少处？", "How many pieces of land or buildings are sealed?"),
        unit=Unit.ITEM,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    taken(
        "pres_vehicle_n",
        asks=("已查封车辆多少辆？", "How many vehicles are sealed?"),
        unit=Unit.ITEM,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    taken(
        "vehicle_in_custody",
        asks=("已查封车辆是否实际扣押？", "Is a sealed vehicle actually held?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A06",
        missing=RECEIPT,
    ),
    taken(
        "first_seal",
        asks=("本案保全是否为首先查封、扣押、冻结？", "Is this preservation first in rank?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A05",
        missing=RECEIPT,
    ),
    taken(
        "seal_rank",
        asks=("本案保全的轮候顺位是第几位？", "What is the rank of this preservation?"),
        unit=Unit.PLACE,
        pull=Pull.DOWN,
        code="A05",
        missing=RECEIPT,
    ),
    pres_days_left,
)
