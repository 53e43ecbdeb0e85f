"""The plan of a study: what is compared, with what, on which seeds; written first, and all that workers are told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np

from training.config import build_typed, plain_values
from training.court_year.settings import YearSettings
from training.errors import CommandError
from training.provenance import write_json
from training.simulate import Arrivals, Span, draw_arrivals

FORMAT = "fenliu-court-year/1"
_NOT_MARKED = frozenset({"bundle", "rules", "utility", "effects", "policies", "seeds", "late_seeds"})
REFERENCE, ORACLE = "amount", "oracle"
"""The policy that others are compared with, and the one that knows what no court can know."""

PLANNING = 1_000_000
"""Number of the first seed of the year before, from which courts are planned; no year that counts has it."""


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """What is compared.

    `policies` by name; the first `late_seeds` seeds are replayed with filing
    held back by `late_days`. `bundle`, `rules`, `utility` and `effects` are
    files, empty where there is none; `marks` are the hashes of what they held.
    `rules_on` is the day whose rules of that file hold throughout, empty where
    each application has those of its own day.
    """

    settings: YearSettings
    policies: tuple[str, ...]
    seed: int
    seeds: int
    late_days: float
    late_seeds: int
    bundle: str
    rules: str
    utility: str
    effects: str
    rules_on: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return plain values."""
        return {"format": FORMAT, **plain_values(self)}

    @property
    def sha256(self) -> str:
        """Return the mark by which a study is known again, to be finished or widened.

        It depends neither on where files lie nor on how many seeds and policies
        are asked for: more of them only add to what is there.
        """
        told = {name: value for name, value in self.document().items() if name not in _NOT_MARKED}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Write the plan into a folder.

        Raises
        ------
        CommandError
            EXISTS: the folder holds another study.
        """
        if (folder / "plan.json").is_file() and StudyPlan.read(folder).sha256 != self.sha256:
            zh, en = f"{folder} 里是另一项推演，不能续算", f"{folder} holds another study and cannot be resumed"
            raise CommandError("EXISTS", zh, en)
        write_json(folder / "plan.json", self.document())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the plan of a folder."""
        document: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        document.pop("format")
        made: Self = build_typed(cls, document)
        return made

    @property
    def year_before(self) -> YearSettings:
        """The settings of the year before, on which courts are planned."""
        first = self.settings.year_from
        return replace(self.settings, year_from=date(first.year - 1, first.month, first.day))

    def arrivals(self, number: int, settings: YearSettings, *, last: date | None = None) -> Arrivals:
        """Draw the applications of one seed, up to the end of follow-up or to an earlier `last` day."""
        place = settings.court_place
        span = Span(
            settings.first, last or settings.last, settings.year_from, settings.year_until, settings.per_year,
            scenario=settings.scenario,
        )  # fmt: skip
        return draw_arrivals(np.random.SeedSequence([self.seed, number, 1]), court=place, span=span)

    def attendance(self, number: int) -> np.random.SeedSequence:
        """Return the seed by which officers are away, the same under every policy."""
        return np.random.SeedSequence([self.seed, number, 2])
