"""The second place held against the trail: a ledger that lost lines, and a witness that was turned back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from typing import Final

from serving.audit.heads import LEDGER, WITNESS, HeadFileError, SecondPlace
from serving.audit.verify import Finding, Tampering

_LOOKS: Final = 5
_BETWEEN: Final = 0.2
"""How often, and with how many seconds between, a witness is looked at that is behind: a commit may be telling it."""


def look_again(
    place: SecondPlace, last: int, noted: Collection[int], *, pause: Callable[[float], None] = time.sleep
) -> Iterator[Finding]:
    """Yield what the second place has lost since the trail told it.

    `last` is the newest row of the trail as it was read, `noted` are the rows
    whose heads the trail says to be in the ledger. A file that cannot be read
    has been reported before.
    """
    try:
        lines = {kept.head.seq for kept in place.exported()}
    except HeadFileError:
        lines = set(noted)
    for seq in sorted(set(noted) - lines):
        zh = f"{LEDGER} 中缺少第 #{seq} 行的链头：被截短、删除或换回旧本"
        en = f"the head of row #{seq} is not in {LEDGER}: it was shortened, removed or replaced by an old copy"
        yield Finding(Tampering.HEADS, f"{LEDGER} #{seq}", zh, en)
    yield from _behind(place, last, pause)


def _behind(place: SecondPlace, last: int, pause: Callable[[float], None]) -> Iterator[Finding]:
    stands = _stands(place)
    for _ in range(_LOOKS):
        if stands is None or stands >= last:
            return
        pause(_BETWEEN)
        stands = _stands(place)
    zh = f"{WITNESS} 停在第 #{stands} 行，审计已到第 #{last} 行：另处曾不可写，或被换回旧本"
    en = f"{WITNESS} stands at row #{stands}, the trail at #{last}: it could not be written, or was turned back"
    yield Finding(Tampering.HEADS, f"{WITNESS} #{stands}", zh, en)


def _stands(place: SecondPlace) -> int | None:
    """Return the row at which the witness stands; None where there is none that can be believed."""
    try:
        kept = place.witnessed()
    except HeadFileError:
        return None
    return None if kept is None else kept.head.seq
