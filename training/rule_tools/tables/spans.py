"""What held on which days in two tables, side by side: the days between two changes, each with the old and the new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from models.rules.rule import Span

Held = TypeVar("Held", bound=Span)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Stretch(Generic[Value]):
    """Days from the first until, but without, the last, on which the same old and the same new value hold.

    None stands for a value that is absent on those days, and for days that do
    not end.
    """

    start: date
    until: date | None
    old: Value | None
    new: Value | None


def stretches(
    old: Sequence[Held], new: Sequence[Held], *, first: date, of: Callable[[Held], Value]
) -> Iterator[Stretch[Value]]:
    """Yield the stretches from `first` on in which old and new differ; neighbours with the same two are one."""
    waiting: Stretch[Value] | None = None
    for start, until in _pieces([*old, *new], first):
        now = Stretch(start, until, _held(old, start, of), _held(new, start, of))
        if waiting is not None and (waiting.old, waiting.new) == (now.old, now.new):
            waiting = Stretch(waiting.start, until, now.old, now.new)
            continue
        if waiting is not None and waiting.old != waiting.new:
            yield waiting
        waiting = now
    if waiting is not None and waiting.old != waiting.new:
        yield waiting


def _pieces(spans: Iterable[Span], first: date) -> list[tuple[date, date | None]]:
    days = {one.in_force_from for one in spans} | {one.until for one in spans if one.until is not None}
    starts = sorted({first, *(day for day in days if day > first)})
    return list(zip(starts, [*starts[1:], None], strict=True))


def _held(spans: Sequence[Held], day: date, of: Callable[[Held], Value]) -> Value | None:
    return next((of(one) for one in spans if one.holds(day)), None)
