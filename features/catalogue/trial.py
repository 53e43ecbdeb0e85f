"""Features of the trial: procedure, service, appearance and contact."""

from __future__ import annotations

from features.feature import Pull, Unit, each_code, taken

TRIAL_FILE = ("审判卷宗未记载该项", "not recorded in the trial file")

PROCEDURES = {
    "small_claims": ("小额诉讼程序", "the small-claims procedure"),
}

FEATURES = (
    *each_code(
        "trial_outcome",
        {"mediation": ("调解", "mediation")},
        asks=("案件审理是否以{}方式结案？", "Did the trial end by {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="W02",
        missing=TRIAL_FILE,
    ),
    *each_code(
        "trial_procedure",
        PROCEDURES,
        asks=("案件审理是否适用{}？", "Was the case tried under {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="P04",
        missing=TRIAL_FILE,
    ),
    taken(
        "trial_days",
        asks=("案件审理历时多少日？", "How many days did the trial take?"),
        unit=Unit.DAY,
        pull=Pull.NONE,
        code="P04",
        missing=TRIAL_FILE,
    ),
    taken(
        "default_judgment",
        asks=("执行依据是否为缺席判决？", "Was the judgment given in the debtor's absence?"),
        unit=Unit.YES_NO,
        pull=Pull.DOWN,
        code="P01",
        missing=TRIAL_FILE,
    ),
    taken(
        "served_by_notice",
        asks=("审判阶段是否对被执行人公告送达？", "Was the debtor served by public notice at trial?"),
        unit=Unit.YES_NO,
        pull=Pull.DOWN,
        code="P02",
        missing=TRIAL_FILE,
    ),
    taken(
        "debtor_appeared",
        asks=("被执行人在审判阶段是否到庭参加诉讼？", "Did the debtor appear in court at trial?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W07",
        missing=TRIAL_FILE,
    ),
    taken(
        "address_confirmed",
        asks=("被执行人是否签署送达地址确认书？", "Did the debtor sign a confirmed address for service?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W04",
        missing=TRIAL_FILE,
    ),
    taken(
        "e_service_ok",
        asks=("被执行人是否同意电子送达？", "Did the debtor agree to electronic service?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W04",
        missing=TRIAL_FILE,
    ),
    taken(
        "trial_contacts_ok",
        asks=("审判阶段与被执行人联系成功多少次？", "How many times was the debtor reached at trial?"),
        unit=Unit.TIME,
        pull=Pull.UP,
        code="W04",
        missing=TRIAL_FILE,
    ),
)
