"""The time limits of the law on one day, from the statutory table that comes with the program."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType

from models.rules.loading.shipped import shipped_law
from models.rules.reading import read_file
from models.rules.rule import Limit


@lru_cache(maxsize=512)
def shipped_limits(day: date) -> Mapping[str, Limit]:
    """Return every limit by its id in the version in force on the day, for days before the tables in the first one."""
    by_age = sorted(_every(), key=lambda limit: limit.in_force_from, reverse=True)
    found = {one.id: one for one in by_age}
    return MappingProxyType(found | {one.id: one for one in by_age if one.holds(day)})


@cache
def _every() -> tuple[Limit, ...]:
    return tuple(read_file(*shipped_law()).limits)
