"""The import of a file: the form, and the page that says what was read before anything is scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from features.register import Field, Register
from serving.pages.formats import count, instant
from serving.pages.language import Language
from serving.repositories.batches.lists import KNOWN, TWIN, Batch, Twin
from serving.repositories.jobs import FAILED, QUEUED
from serving.sheets.template import Column

SHOWN: Final = 200
"""Failed lines that the page shows; the sheet to download has all of them."""

FIELDS: Final = (
    "application_id", "court_code", "received_at", "basis_no", "basis_type", "basis_effective_date", "due_date",
    "cause_code", "claim_amount", "paid_before", "applicant_type", "debtor_type", "id_token", "n_debtors",
    "consent_urge", "phone_provided", "address_confirmed", "preserved", "pres_stage", "pres_expiry",
    "collateral_type", "default_judgment", "served_by_notice", "in_jurisdiction", "livelihood",
)  # fmt: skip
"""Columns of the template; any other field of the register may be added under its name."""
_REQUIRED: Final = frozenset({"application_id"})


@dataclass(frozen=True)
class ImportPage:
    """The form: what was wrong with the file sent last, and the key that makes a second click the same import."""

    key: str
    fault: str = ""


@dataclass(frozen=True)
class WrongLine:
    """One thing that is wrong with a line: its number, the column and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class HeldLine:
    """A line whose application has an answer already."""

    line: int
    number: str
    address: str


@dataclass(frozen=True)
class TwinLine:
    """A line whose basis another application rests on, and where that one is."""

    line: int
    number: str
    other: str
    address: str


@dataclass(frozen=True, kw_only=True)
class CheckPage:
    """What was read: counts, what was not read, what is wrong, what is there already; and where to go on."""

    id: str
    court: str
    sent: str
    total: str
    good: str
    failed: str
    known: str
    twin: str
    notices: tuple[str, ...]
    wrong: tuple[WrongLine, ...]
    more: str
    held: tuple[HeldLine, ...]
    twins: tuple[TwinLine, ...]
    waits: bool
    discarded: bool
    scorable: bool


@dataclass(frozen=True)
class HeldBack:
    """Lines that wait for a word of whoever sends the list: known applications, and others on a known basis."""

    known: Sequence[Mapping[str, Any]]
    twins: Sequence[Twin]


def check_page(
    batch: Batch,
    counts: Mapping[str, int],
    wrong: Iterable[tuple[Mapping[str, Any], list[Any]]],
    held: HeldBack,
    *,
    register: Register,
    say: Language,
) -> CheckPage:
    """Return the page about a list that was read."""
    lines = tuple(one for row, _ in wrong for one in _wrong(row, register, say))
    failed, good = counts.get(FAILED, 0), counts.get(QUEUED, 0)
    known, twins = counts.get(KNOWN, 0), counts.get(TWIN, 0)
    return CheckPage(
        id=batch.id,
        court=batch.row["court_code"],
        sent=instant(batch.row["created_at"]),
        total=count(sum(counts.values())),
        good=count(good),
        failed=count(failed) if failed else "",
        known=count(known) if known else "",
        twin=count(twins) if twins else "",
        notices=tuple(_notices(batch.about, say)),
        wrong=lines[:SHOWN],
        more=say("其余失败行请下载查看。") if failed > SHOWN or len(lines) > SHOWN else "",
        held=tuple(HeldLine(row["line"], row["application_id"], f"/cases/{row['answer']}") for row in held.known),
        twins=tuple(_twin(one) for one in held.twins),
        waits=batch.state == "draft",
        discarded=batch.state == "cancelled",
        scorable=good + known + twins > 0,
    )


def _twin(one: Twin) -> TwinLine:
    if one.other is None:
        return TwinLine(one.line, one.application_id, "", "")
    return TwinLine(one.line, one.application_id, one.other.application_id, f"/cases/{one.other.advice_id}")


def failed_rows(
    batch: Batch, wrong: Iterable[tuple[Mapping[str, Any], list[Any]]], *, register: Register, say: Language
) -> Iterable[list[object]]:
    """Yield the sheet of failed lines: a first row of headings, then each line with its reasons and its own cells."""
    yield [say("行号"), say("原因"), *batch.about["headings"]]
    for row, cells in wrong:
        reasons = say.apart(f"{one.column} {one.reason}".strip() for one in _wrong(row, register, say))
        yield [row["line"], reasons, *("" if cell is None else cell for cell in cells)]


def template_columns(register: Register) -> list[Column]:
    """Return the columns of the template, which is filled in in Chinese."""
    return [Column(register[name].zh, name in _REQUIRED, _words(register[name])) for name in FIELDS]


_SPECIAL: Final = {
    "application_id": "本院的申请编号，不得重复；请勿填写姓名",
    "court_code": "法院代字，如 浙1022；只有一个法院权限的人员可不填，按本人所在法院计",
    "received_at": "收到申请的时间，如 2026-11-20 09:12；不填按上传时间计",
    "cause_code": "案由的代码（如 108.3）或名称（如 金融借款合同纠纷）",
    "id_token": "公民身份号码或统一社会信用代码；入库前即加密，不留原号。该列须为文本格式",
}
_WAYS: Final = {
    "bool": "填 是 或 否；不清楚请留空",
    "date": "日期，如 2025-08-14",
    "datetime": "时间，如 2025-08-14 09:30",
    "decimal": "金额（元），至多两位小数，可带千分位逗号；也可写 12.5万、1.2亿",
    "int": "整数",
    "float": "数值",
}


def _words(field: Field) -> str:
    if field.name in _SPECIAL:
        return _SPECIAL[field.name]
    if field.codes_zh:
        return f"从中选填：{'、'.join(field.codes_zh)}；不清楚请留空"
    return _WAYS.get(field.type, "文本")


def _wrong(row: Mapping[str, Any], register: Register, say: Language) -> list[WrongLine]:
    problem = json.loads(row["problem"])
    errors = problem.get("errors") or [{"pointer": "", "message": problem["title"], "message_en": problem["title_en"]}]
    return [
        WrongLine(row["line"], _column(str(one["pointer"]), register, say), _reason(one, register, say))
        for one in errors
    ]


def _reason(error: Mapping[str, Any], register: Register, say: Language) -> str:
    """Return why, with the values to choose from as a sheet in Chinese has them."""
    name = str(error["pointer"]).rsplit("/", maxsplit=1)[-1]
    if error.get("code") == "ENUM" and name in register and register[name].codes_zh:
        return say("不在可选的取值内；可选：{values}", values="、".join(register[name].codes_zh))
    if error.get("code") == "MONEY_FORMAT":
        return say("金额填写数字，单位元，最多两位小数，如 38600.00 或者 3.86万")
    return say.pick(error["message"], error["message_en"])


def _column(pointer: str, register: Register, say: Language) -> str:
    name = pointer.rsplit("/", maxsplit=1)[-1]
    return say.pick(register[name].zh, register[name].en) if name in register else say("整行")


def _notices(about: Mapping[str, Any], say: Language) -> Iterable[str]:
    for letter, near in about["unread"]:
        if near:
            yield say("第 {letter} 列不是登记的字段，未读入；是否应为“{near}”？", letter=letter, near=near)
        else:
            yield say("第 {letter} 列不是登记的字段，未读入。", letter=letter)
    found = about["notices"]
    if "sheets" in found:
        yield say("另有 {count} 张工作表未读入；只读一张。", count=found["sheets"])
    if "hidden_sheets" in found:
        yield say("有 {count} 张隐藏的工作表，未读入。", count=found["hidden_sheets"])
    if "same_basis" in found:
        yield say("本文件内有 {count} 行的执行依据案号与另一行相同，请核对是否重复。", count=found["same_basis"])
    if "hidden_rows" in found:
        yield say("表中有 {count} 行被隐藏或筛选掉，已一并读入。", count=found["hidden_rows"])
    if about["kind"].startswith("csv"):
        yield say("按 {encoding} 编码的 CSV 读入；请核对汉字是否正确。", encoding=about["kind"].removeprefix("csv "))
