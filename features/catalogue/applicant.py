"""Features of the applicant: who asks for enforcement, and how often.

None has a direction: who the creditor is says something about the files that
such creditors send, and must never count for or against a debtor as such.
"""

from __future__ import annotations

from features.feature import Pull, Unit, each_code, taken

APPLICATION = ("申请执行书未载明该项", "not stated in the application")

TYPES = {
    "person": ("自然人", "a natural person"),
    "bank": ("银行", "a bank"),
    "nonbank_financial": (
        "小额贷款、消费金融、保险等非银行金融机构",
        "a small-loan, consumer-finance, insurance or other non-bank financial institution",
    ),
    "distressed_asset_assignee": ("不良资产受让人", "an assignee of distressed assets"),
}

FEATURES = (
    *each_code(
        "applicant_type",
        TYPES,
        asks=("申请执行人是否为{}？", "Is the applicant {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C02",
        missing=APPLICATION,
    ),
    taken(
        "has_lawyer",
        asks=("申请执行人是否委托律师代理？", "Is the applicant represented by a lawyer?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C04",
        missing=APPLICATION,
    ),
    taken(
        "assigned_claim",
        asks=("申请执行的债权是否系受让取得？", "Was the claim acquired by assignment?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="C05",
        missing=APPLICATION,
    ),
    taken(
        "applicant_bulk_12m",
        asks=(
            "申请执行人近十二个月在本院申请执行多少件？",
            "How many applications did the applicant file here in the last twelve months?",
        ),
        unit=Unit.CASE,
        pull=Pull.NONE,
        code="C03",
        missing=("本院案件库未查询或者未反馈", "the court's case register was not queried or did not answer"),
    ),
)
