"""Promotions that wait for a signature or for their hour, as they lie beside the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Signature:
    """Who signed, from which account of the machine, when, and why."""

    by: str
    account: str
    at: str
    reason: str


@dataclass(frozen=True)
class Waiting:
    """A promotion that waits for a signature or for its hour.

    `base` is the champion it was opened against: it holds only as long as that
    one answers. `not_before` is None for "as soon as it is signed". `wanted`
    people must sign it, though the court's file may ask for fewer.
    """

    bundle: str
    sha256: str
    base: str | None
    demo: bool
    signatures: tuple[Signature, ...]
    not_before: str | None = None
    wanted: int = 1

    @property
    def folder(self) -> Path:
        """Where the bundle lies."""
        return Path(self.bundle)

    def lapsed(self, now: datetime, *, days: int) -> bool:
        """Whether too much time has gone since it was opened."""
        return now > datetime.fromisoformat(self.signatures[0].at) + timedelta(days=days)

    def signed(self, people: int) -> bool:
        """Whether so many people have signed, and as many as the request itself wants."""
        return len(self.signatures) >= max(people, self.wanted)

    def plain(self) -> dict[str, object]:
        """Return plain values, as they are kept."""
        return asdict(self)

    def due(self, now: datetime) -> bool:
        """Whether its hour has come."""
        return self.not_before is None or datetime.fromisoformat(self.not_before) <= now


def request_path(home: Path, sha256: str) -> Path:
    """Return where the request to promote a bundle is kept."""
    return home / "promotion-requests" / f"{sha256}.json"


def waiting(home: Path) -> list[Waiting]:
    """Return every request that waits, in the order in which they were opened."""
    found = [_read(path) for path in sorted(request_path(home, "").parent.glob("*.json"))]
    return sorted(found, key=lambda one: one.signatures[0].at)


def _read(path: Path) -> Waiting:
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Waiting(**{**document, "signatures": tuple(Signature(**one) for one in document["signatures"])})
