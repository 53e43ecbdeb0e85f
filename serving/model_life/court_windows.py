"""The rule tables of courts that have signed urging windows of their own, and what is to be told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from models.rules.table import RuleTable
from models.rules.windows import Overruled, Refused, Windowed, windowed
from serving.model_life.changeover import Change
from serving.model_life.downgrade import Downgrade
from serving.repositories.urging.windows import Signed
from serving.store.faults import StoreUnavailableError

Tables = Mapping[str, Windowed]
"""By court; a court that has signed no window is not there, and goes by the service's table."""


class SignedWindows:
    """What the store says is signed; where it cannot be asked, what it said last.

    Raises
    ------
    StoreUnavailableError
        It could not be asked even once: nobody can say which windows hold.
    """

    def __init__(self, read: Callable[[], Signed]) -> None:
        self._read = read
        self._known: Signed | None = None

    def __call__(self) -> Signed:
        """Return the windows that are signed, of every court."""
        try:
            self._known = self._read()
        except StoreUnavailableError:
            if self._known is None:
                raise
        return self._known


def tables_of(base: RuleTable, signed: Signed, *, old: tuple[RuleTable, Signed, Tables]) -> Tables:
    """Return the table of every court with signed windows; what is made of the same as before is the same."""
    before, known, tables = old
    same = dict(known) if before is base else {}
    return MappingProxyType(
        {
            court: tables[court] if same.get(court) == windows else windowed(base, court, windows)
            for court, windows in signed
        }
    )


def changes_of(base: RuleTable, new: Tables, old: Tables) -> Iterator[Change]:
    """Yield what changed for which court, and what of its windows does not hold or overrules the table's own."""
    for court in sorted(new.keys() | old.keys()):
        before, after = (tables.get(court, Windowed(table=base)) for tables in (old, new))
        if after is before or after == before:
            continue
        hashes = (before.table.sha256, after.table.sha256)
        why = next((refused(court, one) for one in after.refused), None)
        if why is not None:
            yield Change("window", "failed", *hashes, why)
        else:
            told = next((overruled(court, one) for one in after.overruled), None)
            yield Change("window", "done", *hashes, told)


def refused(court: str, one: Refused) -> Downgrade:
    """Return what is said where a signed window does not hold."""
    return Downgrade(
        "WINDOW_REFUSED",
        f"{court} 签署的督促期（自 {one.window.day} 起 {one.window.days} 日）未采用，仍按此前的督促期：{one.why.zh}",
        f"the urging window signed by {court} ({one.window.days} days from {one.window.day} on) is not in use, "
        f"the one before is: {one.why.en}",
    )


def overruled(court: str, one: Overruled) -> Downgrade:
    """Return what is said where the table has a later window of its own."""
    return Downgrade(
        "WINDOW_OVERRULES",
        f"规则表自 {one.day} 起的督促期 {one.days:g} 日对 {court} 不适用，仍按其签署的 {one.by.days} 日",
        f"the rule table's own window of {one.days:g} days from {one.day} on does not apply to {court}, "
        f"which has signed {one.by.days} days",
    )
