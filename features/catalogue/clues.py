"""Features of the asset clues that the applicant, the trial division or a grid worker handed in."""

from __future__ import annotations

from features.feature import Pull, Unit, Words, taken

CLUE_FORM = ("申请执行人未填写财产调查表", "the applicant did not fill in the asset form")

KINDS: dict[str, tuple[str, Words]] = {
    "deposit": ("A08", ("存款", "a deposit")),
    "real_estate": ("A08", ("不动产", "land or buildings")),
    "vehicle": ("A08", ("车辆", "a vehicle")),
    "wage": ("A02", ("工资收入", "wages")),
    "equity": ("A08", ("股权", "equity")),
    "business": ("A02", ("经营收入", "business income")),
}

FEATURES = (
    taken(
        "clue_n",
        asks=("申请执行人提供了多少条财产线索？", "How many asset clues did the applicant give?"),
        unit=Unit.ITEM,
        pull=Pull.UP,
        code="A08",
        missing=CLUE_FORM,
    ),
    *(
        taken(
            f"clue_types.{kind}",
            asks=(f"财产线索是否包括{zh}？", f"Do the clues include {en}?"),
            unit=Unit.YES_NO,
            pull=Pull.UP,
            code=code,
            missing=CLUE_FORM,
        )
        for kind, (code, (zh, en)) in KINDS.items()
    ),
    taken(
        "clue_specific",
        asks=("财产线索是否具体、可供核实？", "Are the clues specific enough to be checked?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A08",
        missing=("财产线索未经审核", "the clues were not reviewed"),
    ),
    taken(
        "applicant_view_ability",
        asks=(
            "申请执行人对被执行人偿还能力的自评为几级？",
            "How does the applicant rate the debtor's ability to pay, 1 to 5?",
        ),
        unit=Unit.GRADE,
        pull=Pull.UP,
        code="A15",
        missing=("申请执行人未作自评", "the applicant gave no view"),
    ),
    taken(
        "trial_clue",
        asks=("审判部门是否移送财产线索？", "Did the trial division hand over an asset clue?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A08",
        missing=("审判卷宗未记载该项", "not recorded in the trial file"),
    ),
    taken(
        "grid_clue",
        asks=("网格员是否提供财产线索？", "Did a grid worker report an asset clue?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="A08",
        missing=("未向网格员核实", "grid workers were not asked"),
    ),
)
