"""What a simulated year of a court is made of: its length, its officers, and the nodes that a case goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from training.config import load_typed
from training.errors import CommandError
from training.simulate.settings import CLASSES, load_margins

LANES = ("urge", "fast", "complex")


class Strand(StrEnum):
    """Work that goes on beside other work in a case; nodes of one strand come one after another."""

    APPLICATION = "application"
    URGING = "urging"
    FOLLOW_UP = "follow_up"
    QUERY = "query"
    NOTICE = "notice"
    READING = "reading"
    PRESSING = "pressing"
    SEIZURE = "seizure"
    DISPOSAL = "disposal"
    SURVEY = "survey"
    HANDOVER = "handover"
    ZHONGBEN = "zhongben"
    CLOSING = "closing"
    PAYOUT = "payout"


class Desk(StrEnum):
    """Who does a node: the service centre, the urging desk, the team of the case's lane, or the disposal team."""

    AFFAIRS = "affairs"
    URGE = "urge"
    LANE = "lane"
    DISPOSAL = "disposal"


@dataclass(frozen=True)
class Node:
    """One step of a case that takes an officer's time.

    `at` says when it is due if nobody is busy: days from the start of its
    strand, for seizure and disposal the share of the way to the money. `hours`
    by lane; a lane that is not named has no such node. `means` restricts it to
    cases with such means; without it, all have it.
    """

    id: str
    zh: str
    en: str
    strand: str
    desk: str
    at: float
    hours: Mapping[str, float]
    basis: str
    means: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfficeSettings:
    """Officers and their time.

    `officers_per_thousand` yearly applications; `hours_per_day` that an
    officer can give to nodes; `absence` the chance of being away on a working
    day; `generalist` how much longer a node takes a judge who does everything;
    `spare` how far teams are sized beyond their load in its square root;
    `spread` of the hours that a node takes, in ln.
    """

    officers_per_thousand: float
    hours_per_day: float
    absence: float
    generalist: float
    spare: float
    spread: float


@dataclass(frozen=True)
class PathSettings:
    """What is ours about the way of a case: clues that turn up under urging, and the days kept for performance.

    `clue_daily` is the chance a day under urging that assets are found.
    `claim_cap` is how many yuan a claim counts with at most in the utility, so
    that no single one decides a year. `horizon` is how many days after receipt
    an application is followed.
    """

    clue_daily: float
    claim_cap: float
    horizon: float


@dataclass(frozen=True)
class YearSettings:
    """A simulated year.

    `court` code of a simulated court, `per_year` applications, the first day of
    the year that counts, the days before it in which the court fills up, and
    the days after it in which its cases are followed. `over_12_base` is of what
    cases over twelve months are a share: `open` or `accepted`.
    """

    court: str
    year_from: date
    per_year: int
    warm_up_days: int
    scenario: str
    over_12_base: str
    office: OfficeSettings
    path: PathSettings
    nodes: tuple[Node, ...]

    @property
    def first(self) -> date:
        """First day of the warm-up."""
        return self.year_from - timedelta(days=self.warm_up_days)

    @property
    def year_until(self) -> date:
        """Day after the year."""
        return self.year_from.replace(year=self.year_from.year + 1)

    @property
    def last(self) -> date:
        """Last day of follow-up."""
        return self.year_until + timedelta(days=int(self.path.horizon) - 1)

    @property
    def officers(self) -> int:
        """How many officers the court has."""
        return round(self.office.officers_per_thousand * self.per_year / 1000.0)

    @property
    def court_place(self) -> int:
        """The court's place among the simulated ones."""
        return [one.code for one in load_margins().courts].index(self.court)

    def nodes_of(self, strand: Strand) -> tuple[Node, ...]:
        """Return the nodes of a strand in their order."""
        return tuple(node for node in self.nodes if node.strand == strand)


def load_year(path: Path | None = None, overrides: Sequence[str] = ()) -> YearSettings:
    """Read the shipped year, then a file of one's own, then `a.b=value` overrides.

    Raises
    ------
    CommandError
        CONFIG: an unknown key, a wrong type, a value out of range.
    """
    settings = load_typed(YearSettings, "training.court_year", path, overrides)
    _check(settings)
    return settings


def _check(settings: YearSettings) -> None:
    """Refuse what has the right type but no meaning."""
    courts = [one.code for one in load_margins().courts]
    office = settings.office
    limits = {
        "court": (settings.court in courts, "、".join(courts)),
        "scenario": (settings.scenario in load_margins().scenarios, "、".join(load_margins().scenarios)),
        "year_from": ((settings.year_from.month, settings.year_from.day) != (2, 29), "02-29"),
        "over_12_base": (settings.over_12_base in {"open", "accepted"}, "open, accepted"),
        "per_year": (settings.per_year >= 0, ">= 0"),
        "warm_up_days": (settings.warm_up_days >= 0, ">= 0"),
        "path.horizon": (1 <= settings.path.horizon <= 730, "1 - 730"),
        "path.claim_cap": (settings.path.claim_cap > 0, "> 0"),
        "path.clue_daily": (0 <= settings.path.clue_daily < 1, "0 - 1"),
        "office.absence": (0 <= office.absence < 1, "0 - 1"),
        "office.hours_per_day": (0 < office.hours_per_day <= 24, "0 - 24"),
        "office.officers_per_thousand": (office.officers_per_thousand >= 0, ">= 0"),
        "office.generalist": (office.generalist > 0, "> 0"),
        "office.spare": (office.spare >= 0, ">= 0"),
        "office.spread": (office.spread >= 0, ">= 0"),
    }
    for name, (holds, allowed) in limits.items():
        if not holds:
            raise CommandError("CONFIG", f"{name} 超出允许范围：{allowed}", f"{name} is out of range: {allowed}")
    for node in settings.nodes:
        _check_node(node)


def _check_node(node: Node) -> None:
    wrong = {
        "strand": node.strand not in list(Strand),
        "desk": node.desk not in list(Desk),
        "at": node.at < 0 or (node.strand in (Strand.SEIZURE, Strand.DISPOSAL) and node.at > 1),
        "hours": not set(node.hours) <= set(LANES) or min(node.hours.values(), default=0.0) < 0,
        "means": not set(node.means) <= set(CLASSES),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            value = getattr(node, name)
            zh, en = f"节点 {node.id} 的 {name} 不能是 {value!r}", f"{name} of node {node.id} cannot be {value!r}"
            raise CommandError("CONFIG", zh, en)
