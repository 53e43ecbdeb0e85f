"""A change of the world that everybody knows of, such as new numbers for causes: what it moves need wake nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self


@dataclass(frozen=True)
class KnownChange:
    """A change of the world that everybody knows of: from which day, and the fields that look otherwise since."""

    on: date
    fields: tuple[str, ...]
    zh: str
    en: str

    def explains(self, columns: Iterable[str], *, since: date, until: date) -> bool:
        """Whether it came between two days (`until` excluded) and touches one of the columns' fields."""
        touched = {name.partition(".")[0] for name in columns}
        return since <= self.on < until and bool(touched & set(self.fields))

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {"on": self.on.isoformat(), "fields": list(self.fields), "zh": self.zh, "en": self.en}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what was written; raise KeyError, TypeError or ValueError for anything else."""
        return cls(date.fromisoformat(data["on"]), tuple(data["fields"]), str(data["zh"]), str(data["en"]))
