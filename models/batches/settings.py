"""How cases are linked and grouped: the court's figures, with words, units and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from models.strict_table import Entry, Figures, Line, read_figures

FORMAT = "fenliu-batches/1"
SHIPPED = "batches.toml"

ENTRIES: Mapping[str, Entry] = {
    "serial_from": Entry("系列案起点", "a serial batch has at least", "件", 2, 1_000),
    "group_from": Entry("群体性案件起点", "a group case has at least so many applicants", "人", 2, 1_000),
    "serial_days": Entry("系列案跨度不超过", "a serial batch spans at most", "日", 1, 366),
    "amount_spread": Entry("金额偏离中位数不超过", "amounts lie within this many times the middle one", "倍", 1, 1e6),
    "likeness": Entry("文本相似度不低于", "texts of one form share at least", "比例", 0.3, 1),
    "chain_cases": Entry("间接关联不超过", "cases linked by way of one another, at most", "件", 2, 1_000),
    "expiry_days": Entry("保全到期提示", "a preservation ends within", "日", 0, 366),
    "list_below": Entry("不足此数只列清单", "fewer cases are only listed", "件", 2, 1_000),
    "most_clusters": Entry("相近分组不超过", "clusters, at most", "组", 2, 8),
    "check_cases": Entry("抽查至少", "a spot check takes at least", "件", 1, 1_000),
    "check_share": Entry("抽查比例至少", "and at least this share", "比例", 0, 1),
    "small_cell": Entry("小于此数不显示", "counts below are not shown", "件", 2, 100),
}


@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """The figures; what each means stands in ENTRIES under the same name."""

    serial_from: float
    group_from: float
    serial_days: float
    amount_spread: float
    likeness: float
    chain_cases: float
    expiry_days: float
    list_below: float
    most_clusters: float
    check_cases: float
    check_share: float
    small_cell: float
    figures: Figures

    @classmethod
    def load(cls, path: Path | None = None) -> BatchSettings:
        """Return the shipped figures, with a court's own where its file names them.

        Raises
        ------
        SettingsError
            The file has an unknown key, a value out of range or another format.
        """
        shipped = (SHIPPED, files("models.batches").joinpath(SHIPPED).read_text(encoding="utf-8"))
        figures = read_figures(shipped, path, ENTRIES, FORMAT)
        return cls(**figures.values, figures=figures)

    def table(self) -> tuple[Line, ...]:
        """Return every figure in words."""
        return self.figures.lines(ENTRIES)
