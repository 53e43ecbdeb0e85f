"""The urging windows that a court has signed, laid over its rule table: nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

from models.rules.loading import Draft, Values, draft_text
from models.rules.rule import RuleFault, RuleTableError
from models.rules.table import RuleTable

PARAMETER: Final = "urging_days"


@dataclass(frozen=True, kw_only=True, order=True)
class SignedWindow:
    """A window in days for applications received from `day` on; `id` is where it was signed."""

    day: date
    days: int
    id: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A signed window that the law or the table does not allow by now, and why; the table below it applies."""

    window: SignedWindow
    why: RuleFault


@dataclass(frozen=True, kw_only=True)
class Overruled:
    """A later window of the table itself that does not apply, because one that was signed does."""

    day: date
    days: float
    by: SignedWindow


@dataclass(frozen=True, kw_only=True)
class Windowed:
    """The table that applies to one court, what of its signed windows is not in it, and what they overrule."""

    table: RuleTable
    refused: tuple[Refused, ...] = ()
    overruled: tuple[Overruled, ...] = ()


def windowed(base: RuleTable, court: str, windows: Sequence[SignedWindow]) -> Windowed:
    """Return the table with a court's windows, each from its day until the next one's.

    A window that was signed holds until another one is signed, whatever the
    table says of its own window from a later day: so a window that somebody
    was promised does not change by an exchange of files. One that does not
    pass the checks of every table is left out, and the others stay.
    """
    every = sorted(windows)
    try:
        return Windowed(table=_laid(base, court, every), overruled=_overruled(base, every))
    except RuleTableError:
        return _one_by_one(base, court, every)


def _one_by_one(base: RuleTable, court: str, windows: Sequence[SignedWindow]) -> Windowed:
    """Lay windows over the table one after the other, and leave out those that do not pass."""
    taken: list[SignedWindow] = []
    refused: list[Refused] = []
    for one in windows:
        try:
            _laid(base, court, [*taken, one])
        except RuleTableError as error:
            refused.append(Refused(window=one, why=error.faults[0]))
        else:
            taken.append(one)
    return Windowed(table=_laid(base, court, taken), refused=tuple(refused), overruled=_overruled(base, taken))


def _laid(base: RuleTable, court: str, windows: Sequence[SignedWindow]) -> RuleTable:
    return RuleTable.of(_texts(base, court, windows), register=base.register) if windows else base


def _texts(base: RuleTable, court: str, windows: Sequence[SignedWindow]) -> list[tuple[str, str]]:
    """Return the texts of the table with these windows, the court's file first; the same ones for the same windows."""
    last = windows[-1]
    below = base.version.partition("/")[2].removeprefix(f"{base.court}-")
    draft = Draft(
        court=court,
        version=f"{below}+{last.id}",
        title=("本院签署的督促期", "the urging windows that the court has signed"),
        comments="".join(f"# {one.id}: {one.day} {one.days}\n" for one in windows),
    )
    starts = {one.in_force_from for one in base.sets if one.in_force_from > windows[0].day}
    days = sorted(starts | {one.day for one in windows})
    sets = [_values(base, windows, day=day, until=until) for day, until in zip_longest(days, days[1:])]
    return [(f"{last.id}.toml", draft_text(draft, sets, texts=base.texts)), *base.texts]


def _values(base: RuleTable, windows: Sequence[SignedWindow], *, day: date, until: date | None) -> Values:
    """Return the set of one day: the window signed last by then over the values that the table has on it."""
    window = max(one for one in windows if one.day <= day)
    below = next((one.version for one in base.sets if one.holds(day)), "")
    return Values(version=f"{below}+{window.id}", day=day, until=until, lines=[f"{PARAMETER} = {window.days}"])


def _overruled(base: RuleTable, windows: Sequence[SignedWindow]) -> tuple[Overruled, ...]:
    """Return where the table changes its own window after one was signed, to another than the signed one."""
    found, before = [], None
    for one in sorted(base.sets, key=lambda one: one.in_force_from):
        days = one.values[PARAMETER]
        signed = [window for window in windows if window.day < one.in_force_from]
        if signed and isinstance(days, int | float) and before not in {None, days} and max(signed).days != days:
            found.append(Overruled(day=one.in_force_from, days=float(days), by=max(signed)))
        before = days
    return tuple(found)
