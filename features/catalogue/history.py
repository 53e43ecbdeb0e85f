"""Features of the debtor's enforcement history as of the application, this case excluded.

One more earlier case closed by 终本 can only pull down: shares count this case
in their denominator so that they exist from the first case on, and a debtor
without 终本 counts as clear for the whole five years.
"""

from __future__ import annotations

import numpy as np

from features.catalogue.formulas import ONE, ZERO, both, full_sum, known_sum, magnitude, share
from features.feature import NAN, IsIndex, Pull, Unit, feature, index_of, taken
from features.known import Array, Known

RECORDS = (
    "执行信息库、终本库未查询或者未反馈",
    "the enforcement registers were not queried or did not answer",
)
LISTS = (
    "失信被执行人名单、限制消费信息未查询或者未反馈",
    "the lists of dishonest and restricted debtors were not queried or did not answer",
)
LINKER = ("关联案件未检索", "linked cases were not searched")

FIVE_YEARS: Array = np.array(1826.0)
"""Days for which the court itself goes on querying after 终本 (终本规定第9条)."""

TWO_YEARS: Array = np.array(730.0)


@feature(
    "open_enf_amount",
    "claim_amount",
    asks=(
        "被执行人在执案件与本案的标的总额有多大？",
        "How large are the open cases against the debtor and this claim together?",
    ),
    unit=Unit.LOG_YUAN,
    pull=Pull.DOWN,
    code="D01",
    missing=("在执标的总额与申请执行标的额均未知", "neither the open amount nor the claim is known"),
)
def open_and_claimed_log10(known: Known) -> Array:
    """Return the order of size of all that is being enforced against the debtor; this claim is the least it can be."""
    return magnitude(known_sum(known["open_enf_amount"], known["claim_amount"]))


@feature(
    "prior_full_n",
    "prior_enf_n",
    asks=(
        "被执行人的执行案件（含本案）中，已执行完毕的占多大比例？",
        "What share of the debtor's cases, this one included, was fully enforced?",
    ),
    unit=Unit.SHARE,
    pull=Pull.UP,
    code="D07",
    missing=RECORDS,
)
def prior_full_share(known: Known) -> Array:
    """Return earlier cases closed as 执行完毕 among all cases of the debtor."""
    return share(known["prior_full_n"], known["prior_enf_n"] + ONE)


@feature(
    "prior_zhongben_n",
    "prior_enf_n",
    asks=(
        "被执行人的执行案件（含本案）中，以终结本次执行程序方式结案的占多大比例？",
        "What share of the debtor's cases, this one included, was closed for lack of assets?",
    ),
    unit=Unit.SHARE,
    pull=Pull.DOWN,
    code="D02",
    missing=RECORDS,
)
def prior_zhongben_share(known: Known) -> Array:
    """Return earlier cases closed by 终本 among all cases of the debtor."""
    return share(known["prior_zhongben_n"], known["prior_enf_n"] + ONE)


@feature(
    "last_zhongben_days",
    "prior_zhongben_n",
    asks=(
        "距被执行人最近一次终结本次执行程序已有多少日（满五年及无此记录的，按五年计）？",
        "How many days ago was the debtor last found to lack assets (five years at most, and where never)?",
    ),
    unit=Unit.DAY,
    pull=Pull.UP,
    code="D02",
    missing=RECORDS,
)
def zhongben_clear_days(known: Known) -> Array:
    """Return the days since the latest 终本, five years at most; five years where there was none."""
    clear = np.minimum(np.maximum(known["last_zhongben_days"], ZERO), FIVE_YEARS)
    return np.where(known["prior_zhongben_n"] == ZERO, FIVE_YEARS, clear)


_no_assets = IsIndex("last_zhongben_reason", index_of("last_zhongben_reason", "no_assets"))


@feature(
    "last_zhongben_days",
    "last_zhongben_reason",
    "prior_zhongben_n",
    asks=(
        "近二年内，被执行人是否有案件因未发现可供执行的财产而终结本次执行程序？",
        "Was a case of the debtor closed because no assets were found within the last two years?",
    ),
    unit=Unit.YES_NO,
    pull=Pull.DOWN,
    code="D02",
    missing=RECORDS,
)
def no_asset_zhongben_2y(known: Known) -> Array:
    """Tell whether the latest 终本 was for want of assets and is at most two years old."""
    days = known["last_zhongben_days"]
    recent = np.where(np.isnan(days), NAN, days <= TWO_YEARS)
    return np.where(known["prior_zhongben_n"] == ZERO, ZERO, both(recent, _no_assets(known)))


@feature(
    "settle_default_n",
    "voluntary_n",
    asks=(
        "被执行人的和解违约与自动履行记录中，和解违约占多大比例？",
        "Among the debtor's broken settlements and voluntary performances, what share was broken?",
    ),
    unit=Unit.SHARE,
    pull=Pull.DOWN,
    code="W05",
    missing=(
        "既无和解违约记录又无自动履行记录，或者未查询",
        "neither a broken settlement nor a voluntary performance on record, or not queried",
    ),
)
def settle_default_share(known: Known) -> Array:
    """Return broken settlements against voluntary performances; other cases of the debtor do not dilute it."""
    return share(known["settle_default_n"], full_sum(known["settle_default_n"], known["voluntary_n"]))


FEATURES = (
    taken(
        "prior_enf_n",
        asks=("被执行人此前有多少件执行案件？", "How many earlier enforcement cases did the debtor have?"),
        unit=Unit.CASE,
        pull=Pull.DOWN,
        code="D07",
        missing=RECORDS,
    ),
    taken(
        "open_enf_n",
        asks=("被执行人另有多少件在执案件？", "How many other cases against the debtor are open?"),
        unit=Unit.CASE,
        pull=Pull.DOWN,
        code="D01",
        missing=RECORDS,
    ),
    open_and_claimed_log10,
    prior_full_share,
    taken(
        "prior_recovery_rate",
        asks=(
            "被执行人以往执行案件的平均到位率是多少？",
            "What share of the money was recovered in the debtor's earlier cases?",
        ),
        unit=Unit.SHARE,
        pull=Pull.UP,
        code="D07",
        missing=("此前无已结执行案件，或者未查询", "no earlier closed case, or not queried"),
    ),
    taken(
        "prior_zhongben_n",
        asks=(
            "被执行人此前有多少件案件以终结本次执行程序方式结案？",
            "How many earlier cases of the debtor were closed for lack of assets?",
        ),
        unit=Unit.CASE,
        pull=Pull.DOWN,
        code="D02",
        missing=RECORDS,
    ),
    prior_zhongben_share,
    zhongben_clear_days,
    no_asset_zhongben_2y,
    taken(
        "dishonest_now",
        asks=(
            "收到申请时被执行人是否在失信被执行人名单内？",
            "Was the debtor on the list of dishonest debtors when the application came?",
        ),
        unit=Unit.YES_NO,
        pull=Pull.DOWN,
        code="D05",
        missing=LISTS,
    ),
    taken(
        "dishonest_n",
        asks=("被执行人累计被纳入失信被执行人名单多少次？", "How many times was the debtor listed as dishonest?"),
        unit=Unit.TIME,
        pull=Pull.DOWN,
        code="D05",
        missing=LISTS,
    ),
    taken(
        "restricted_now",
        asks=(
            "收到申请时被执行人是否被限制消费？",
            "Was the debtor under a consumption restriction when the application came?",
        ),
        unit=Unit.YES_NO,
        pull=Pull.DOWN,
        code="D05",
        missing=LISTS,
    ),
    taken(
        "voluntary_n",
        asks=("被执行人此前有多少次自动履行记录？", "How many voluntary performances of the debtor are on record?"),
        unit=Unit.TIME,
        pull=Pull.UP,
        code="W01",
        missing=RECORDS,
    ),
    taken(
        "settle_default_n",
        asks=("被执行人此前有多少次未按执行和解协议履行？", "How many enforcement settlements did the debtor break?"),
        unit=Unit.TIME,
        pull=Pull.DOWN,
        code="W05",
        missing=RECORDS,
    ),
    settle_default_share,
    taken(
        "as_creditor_n",
        asks=("被执行人另有多少件作为申请执行人的在执案件？", "In how many open cases is the debtor the creditor?"),
        unit=Unit.CASE,
        pull=Pull.UP,
        code="A14",
        missing=RECORDS,
    ),
    taken(
        "batch_size",
        asks=("本案所属系列案件共有多少件？", "How many cases are in the series to which this one belongs?"),
        unit=Unit.CASE,
        pull=Pull.NONE,
        code="C03",
        missing=LINKER,
    ),
    taken(
        "group_case",
        asks=("本案是否属于群体性案件？", "Does the case belong to a group of claimants?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C03",
        missing=LINKER,
    ),
)
