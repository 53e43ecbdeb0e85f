"""Utility: what putting a case into a lane is worth, in days, yuan, officer hours and failed urgings, all printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.abstention import Flags
from models.lanes import LANES, Lane
from models.scores import ScoreTable
from models.strict_table import Entry, Figures, Line, read_figures

Codes = npt.NDArray[np.int8]

FORMAT = "fenliu-utility/1"
SHIPPED = "utility.toml"
HORIZON = 360.0
"""Days are counted earlier than this: the end of the ability curve."""


ENTRIES: Mapping[str, Entry] = {
    "yuan_per_yuan": Entry("每到位一元计", "a yuan recovered counts as", "元/元", 0, 10),
    "yuan_per_day": Entry("每提前一日计", "a day earlier counts as", "元/日", 0, 1e6),
    "delay_rate": Entry("到位款每元每提前一日另计", "each yuan recovered, a day earlier, adds", "元/(元·日)", 0, 0.01),
    "yuan_per_hour": Entry("办案一小时计", "an officer's hour costs", "元/小时", 0, 1e5),
    "yuan_per_failed_urging": Entry("督促未果一次计", "a failed urging costs", "元/次", 0, 1e7),
    "urge_hours": Entry("一次督促用时", "hours of an urging", "小时", 0, 1e4),
    "fast_hours": Entry("快执一案用时", "hours of a fast case", "小时", 0, 1e4),
    "complex_hours": Entry("精办一案用时", "hours of a complex case", "小时", 0, 1e4),
    "survey_hours": Entry("其中早结可免的", "of these, spared where it ends early", "小时", 0, 1e4),
    "survey_days": Entry("立案后几日内结案为早结", "days from filing within which an end is early", "日", 0, HORIZON),
    "fast_days_saved": Entry("速结案件因快执提前", "days a quick case gains in the fast lane", "日", 0, HORIZON),
    "fast_days_lost": Entry("快执未结转出延误", "days lost by handing over an unclosed fast case", "日", 0, HORIZON),
    "specialist_days": Entry("专门团队提前", "days a specialised team gains", "日", 0, HORIZON),
    "waiting_days": Entry("当次未分到名额须等", "days until the next place", "日", 0, HORIZON),
}


OF_SPECIALISTS = frozenset({"yuan_per_day", "specialist_days"})
OF_PLACES = OF_SPECIALISTS | {"delay_rate", "waiting_days"}
"""The figures on which the worth of a specialised team and of a place today rest."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """The figures of the setting; what each means stands in ENTRIES under the same name."""

    yuan_per_yuan: float
    yuan_per_day: float
    delay_rate: float
    yuan_per_hour: float
    yuan_per_failed_urging: float
    urge_hours: float
    fast_hours: float
    complex_hours: float
    survey_hours: float
    survey_days: float
    fast_days_saved: float
    fast_days_lost: float
    specialist_days: float
    waiting_days: float

    @property
    def short_hours(self) -> float:
        """Hours of a complex case that ends before its survey: no search on site, no second query, no 终本 panel."""
        return max(self.complex_hours - self.survey_hours, 0.0)


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What follows for n cases, expected or real, arrays of shape (n,); NaN where it is not known.

    `days` until the case ended, `yuan` recovered, `hours` of officers, and
    `failed_urging` as a chance or as 0 and 1.
    """

    days: Array
    yuan: Array
    hours: Array
    failed_urging: Array


@dataclass(frozen=True, kw_only=True)
class Utility:
    """The setting, and the one place where days, yuan, hours and failed urgings become one figure in yuan."""

    figures: Figures
    amounts: Amounts

    @classmethod
    def load(cls, path: Path | None = None) -> Utility:
        """Return the shipped setting, with a court's own figures where its file names them.

        Raises
        ------
        SettingsError
            The file has an unknown key, a value that is no number or out of
            range, or another format; it carries every fault.
        """
        shipped = (SHIPPED, files("models").joinpath(SHIPPED).read_text(encoding="utf-8"))
        figures = read_figures(shipped, path, ENTRIES, FORMAT)
        return cls(figures=figures, amounts=Amounts(**figures.values))

    @property
    def version(self) -> str:
        """The version of the setting."""
        return self.figures.version

    @property
    def set_by(self) -> str:
        """Who set the figures, or that they are assumptions."""
        return self.figures.set_by

    @property
    def sha256(self) -> str:
        """The fingerprint of the setting, to be kept with every result."""
        return self.figures.sha256

    def value(self, what: Consequences) -> Array:
        """Return what the consequences are worth, in yuan, shape (n,): expected or real, by the same sum.

        Days count as days earlier than the end of the ability curve. NaN where
        any of the four is unknown: no value is not a value of zero.
        """
        a = self.amounts
        earlier = HORIZON - what.days
        return np.asarray(
            a.yuan_per_yuan * what.yuan
            + self.earlier(earlier, what.yuan)
            - a.yuan_per_hour * what.hours
            - a.yuan_per_failed_urging * what.failed_urging
        )

    def earlier(self, days: Array | float, yuan: Array) -> Array:
        """Return what it is worth, in yuan, that cases which recover so many `yuan` end `days` earlier."""
        return np.asarray((self.amounts.yuan_per_day + self.amounts.delay_rate * yuan) * days)

    def expected(self, table: ScoreTable, claim: Array, *, withheld: Flags | None = None) -> dict[Lane, Consequences]:
        """Return what each lane is expected to bring, from the scores of n cases and their claims in yuan.

        Filed cases recover the share scored and end after the days scored. In
        the fast lane a case that closes quickly ends sooner, any other is
        handed over and costs both lanes' hours; in the complex lane one that
        closes quickly is spared the survey, which nobody counts on where that is unknown. Urging that fails delays by
        its window, and goes on as a filed case. Who pays when urged would as
        a rule have paid later under enforcement as well, so urging is never
        credited with both: it recovers the larger of the two expectations.
        Before filing, fast and complex are one act, filing, and count alike;
        after it, urging is over and has no value.

        NaN where a score is missing, not finite or withheld (by default where
        it abstains), and where the claim is no amount of money.
        """
        seen = ~(table.abstained if withheld is None else withheld)
        claim = _blank(claim, claim >= 0.0)
        share, days = _column(table, "recovery", seen), _blank(table.days, seen)
        filed = Consequences(
            days=days, yuan=share * claim, hours=_same(self.amounts.complex_hours, days), failed_urging=0.0 * days
        )
        if table.stage is Stage.A:
            urged = self._urged(filed, claim, _column(table, "willingness", seen), _window(table))
            return {Lane.URGE: urged, Lane.FAST: filed, Lane.COMPLEX: filed}
        quick = _column(table, "quick_close", seen)
        spared = self.amounts.complex_hours - self.amounts.short_hours
        slow = replace(filed, hours=filed.hours - spared * np.nan_to_num(quick))
        return {Lane.FAST: self._fast(filed, quick), Lane.COMPLEX: slow}

    def lanes(self, table: ScoreTable, claim: Array, *, withheld: Flags | None = None) -> Array:
        """Return the value of every case in every lane, in yuan, shape (n, lanes) in the order of LANES."""
        values = np.full((len(claim), len(LANES)), np.nan)
        for lane, what in self.expected(table, claim, withheld=withheld).items():
            values[:, LANES.index(lane)] = self.value(what)
        return values

    def places(self, table: ScoreTable, claim: Array, lane: Codes, *, withheld: Flags | None = None) -> Array:
        """Return what a place today is worth to each case in its own lane, in yuan, shape (n,).

        A case without a place is not lost: it waits for the next one, and ends
        that much later. `lane` holds codes of `models.lanes.LANES`; NaN where
        the lane has no expected consequences.
        """
        worth = np.full(len(claim), np.nan)
        for name, what in self.expected(table, claim, withheld=withheld).items():
            rows = (lane == LANES.index(name)) & np.isfinite(what.days)
            worth[rows] = self.earlier(self.amounts.waiting_days, what.yuan[rows])
        return worth

    @property
    def specialist(self) -> float:
        """What a team specialised in a case adds, in yuan: days alone, so that large claims do not fill its places."""
        return self.amounts.specialist_days * self.amounts.yuan_per_day

    def table(self, names: Collection[str] = tuple(ENTRIES)) -> tuple[Line, ...]:
        """Return every figure that was used, in words, with its unit and whether it is an assumption.

        `names` leaves out those on which a result does not rest.
        """
        return self.figures.lines({name: one for name, one in ENTRIES.items() if name in names})

    def _fast(self, filed: Consequences, quick: Array) -> Consequences:
        a = self.amounts
        return Consequences(
            days=np.maximum(filed.days - quick * a.fast_days_saved, 0.0) + (1.0 - quick) * a.fast_days_lost,
            yuan=filed.yuan,
            hours=a.fast_hours + (1.0 - quick) * a.complex_hours,
            failed_urging=0.0 * quick,
        )

    def _urged(self, filed: Consequences, claim: Array, will: Array, window: float) -> Consequences:
        return Consequences(
            days=window + (1.0 - will) * filed.days,
            yuan=np.maximum(will * claim, filed.yuan),
            hours=self.amounts.urge_hours + (1.0 - will) * filed.hours,
            failed_urging=1.0 - will,
        )


def _column(table: ScoreTable, name: str, seen: Flags) -> Array:
    return _blank(table.columns[name].p if name in table.columns else None, seen)


def _blank(values: Array | None, seen: Flags) -> Array:
    """Return what may be used: NaN where the score is missing, withheld or not finite."""
    if values is None:
        return np.full(len(seen), np.nan)
    return np.where(seen & np.isfinite(values), values, np.nan)


def _window(table: ScoreTable) -> float:
    column = table.columns.get("willingness")
    return np.nan if column is None else column.day


def _same(value: float, like: Array) -> Array:
    return np.where(np.isnan(like), np.nan, value)
