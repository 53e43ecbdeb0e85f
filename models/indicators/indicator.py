"""The indicators of a year: each with numerator, denominator, period and formula; from filing, and from receipt.

The official formulas count from filing and by what was closed in the year. A
court that files late can look better by them. So each is measured again from
the receipt of the application, over everything received in the year, with what
has not ended counted as not done; these are the ones that are reported first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from models.indicators.applications import Applications, Ratio
from models.indicators.from_filing import FROM_FILING
from models.indicators.from_receipt import FROM_RECEIPT
from models.rules.rule import Text


class Clock(StrEnum):
    """From when an indicator counts."""

    RECEIPT = "receipt"
    FILING = "filing"


class Unit(StrEnum):
    """What an indicator is counted in."""

    SHARE = "share"
    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True)
class Indicator:
    """One indicator on one clock: what it is called, its formula in words, and how it is counted."""

    id: str
    clock: Clock
    words: Text
    formula: Text
    unit: Unit
    more_is_better: bool
    count: Callable[[Applications], Ratio]

    @property
    def key(self) -> str:
        """The name that is the indicator's own."""
        return f"{self.id}.{self.clock}"

    @property
    def reported(self) -> bool:
        """Whether the figure stands for the court: only what late filing cannot improve does."""
        return self.clock is Clock.RECEIPT

    def better_by(self, change: float) -> float:
        """Return a change of the figure as an improvement: positive is better."""
        return change if self.more_is_better else -change


@cache
def indicators() -> tuple[Indicator, ...]:
    """Return every indicator on both clocks; nothing else reads that file."""
    text = files("models.indicators").joinpath("indicators.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    counted: Mapping[Clock, Mapping[str, Callable[[Applications], Ratio]]]
    counted = {Clock.RECEIPT: FROM_RECEIPT, Clock.FILING: FROM_FILING}
    return tuple(
        Indicator(
            id=name,
            clock=clock,
            words=Text(found[f"{name}.{clock}"]["zh"], found[f"{name}.{clock}"]["en"]),
            formula=Text(found[f"{name}.{clock}"]["formula_zh"], found[f"{name}.{clock}"]["formula_en"]),
            unit=Unit(found[f"{name}.{clock}"]["unit"]),
            more_is_better=found[f"{name}.{clock}"]["more_is_better"],
            count=count,
        )
        for clock, counts in counted.items()
        for name, count in counts.items()
    )
