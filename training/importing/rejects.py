"""What was refused on the way in, line by line, and why; never what stood in the cell."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from training.importing.reading import Sheet
from training.spreadsheet import safe

Flags = npt.NDArray[np.bool_]
HEADER = ("file", "row", "column", "code", "zh", "en")

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ROW_WIDTH": ("该行单元格数与表头不符", "the line has another number of cells than the header"),
        "KEY_MISSING": ("没有案件编号", "has no case key"),
        "KEY_DUPLICATE": ("案件编号重复，先出现的一行有效", "repeats a case key; the first line counts"),
        "KEY_UNKNOWN": ("案件编号不在主表中", "its case key is not in the main file"),
        "EVENTS_INCOMPLETE": ("该案有事件无法读取，结果会不完整", "an event of the case could not be read"),
        "DECISION_NO_DATE": ("分流决定没有时间", "the decision has no date"),
        "DECISION_NO_STAGE": ("分流决定没有阶段", "the decision has no stage"),
        "PROPENSITY_ZERO": ("分流概率须大于 0", "a propensity is above 0"),
        "EVENT_NO_DATE": ("事件没有发生时间", "the event has no date"),
        "RECORDED_BEFORE_EVENT": ("记录时间早于发生时间", "was recorded before it happened"),
        "QUERY_NO_DATE": ("查控没有反馈时间", "the query has no date"),
        "QUERY_LATER": ("同案已有更早的查控，只用第一次", "an earlier query of the case exists; only the first counts"),
        "QUERY_BEFORE_FILING": ("查控早于立案", "the query precedes the filing"),
        "CLOSE_BEFORE_FILING": ("结案早于立案", "the closing precedes the filing"),
        "FILE_BEFORE_RECEIPT": ("立案日早于收到申请之日", "the filing precedes the receipt of the application"),
        "DUE_BEFORE_BASIS": ("履行期限届满早于文书生效", "performance was due before the basis took effect"),
        "LAST_BEFORE_DUE": ("最后一期届满早于履行期限届满", "the last instalment is due before the debt itself"),
    },
)  # fmt: skip
"""Faults of a whole line, with both wordings; faults of a cell bring their own."""


@dataclass(frozen=True)
class Reject:
    """One reason against one source line."""

    file: str
    row: int
    column: str
    code: str
    zh: str
    en: str


@dataclass
class Rejects:
    """Collects the reasons as an import goes on; the same reason against the same line counts once."""

    found: dict[Reject, None] = field(default_factory=dict)

    def line(self, sheet: Sheet, faulty: Flags, code: str, column: str = "") -> None:
        """Refuse the marked lines for one of the reasons that concern a whole line."""
        zh, en = REASONS[code]
        self.cells(sheet, np.flatnonzero(faulty), column=column, reason=(code, zh, en))

    def cells(self, sheet: Sheet, lines: npt.NDArray[np.intp], *, column: str, reason: tuple[str, str, str]) -> None:
        """Refuse lines for what stands in one column."""
        self._add(Reject(str(sheet.file[i]), int(sheet.row[i]), column, *reason) for i in lines)

    def misshapen(self, sheet: Sheet) -> None:
        """Refuse the lines that did not fit the header."""
        zh, en = REASONS["ROW_WIDTH"]
        self._add(Reject(m.file, m.row, "", "ROW_WIDTH", zh, en) for m in sheet.misshapen)

    def _add(self, rejects: Iterable[Reject]) -> None:
        self.found |= dict.fromkeys(rejects)

    def by_code(self) -> dict[str, int]:
        """Count the reasons by code, most frequent first."""
        return dict(sorted(Counter(r.code for r in self.found).items(), key=lambda item: (-item[1], item[0])))

    def as_csv(self) -> str:
        """Return the report of refused lines, in source order."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        order = sorted(self.found, key=lambda r: (r.file, r.row, r.column, r.code))
        writer.writerows(map(safe, (r.file, r.row, r.column, r.code, r.zh, r.en)) for r in order)
        return out.getvalue()
