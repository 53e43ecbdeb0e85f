"""Promotions that wait: opened by one person, signed by another, carried out now or at the hour that was named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from training.errors import CommandError
from training.promotion.court_policy import CourtPolicy, same_person
from training.promotion.plan import Plan, Request
from training.provenance import Home, write_json


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
    one answers. `not_before` is None for "as soon as it is signed".
    """

    bundle: str
    sha256: str
    base: str | None
    demo: bool
    signatures: tuple[Signature, ...]
    not_before: str | None = None

    @property
    def folder(self) -> Path:
        """Where the bundle lies."""
        return Path(self.bundle)

    def lapsed(self, now: datetime, *, days: int) -> bool:
        """Whether too much time has gone since it was opened."""
        return now > datetime.fromisoformat(self.signatures[0].at) + timedelta(days=days)

    def due(self, now: datetime) -> bool:
        """Whether its hour has come."""
        return self.not_before is None or datetime.fromisoformat(self.not_before) <= now


def opened(request: Request, planned: Plan, *, not_before: datetime | None) -> Waiting:
    """Return a request with its first signature."""
    return Waiting(
        bundle=str(request.bundle.resolve()),
        sha256=planned.sha256,
        base=planned.before,
        demo=request.demo,
        signatures=(_signature(request),),
        not_before=None if not_before is None else not_before.isoformat(),
    )


def countersigned(waiting: Waiting, request: Request, policy: CourtPolicy) -> Waiting:
    """Return the request with another person's signature.

    Raises
    ------
    CommandError
        SAME_SIGNER: the same person, or the same account where the court lists its signers, has signed already.
        REQUEST_LAPSED: it was opened too long ago.
    """
    if waiting.lapsed(request.at, days=policy.days):
        zh = f"该申请提出已超过 {policy.days} 日"
        raise CommandError("REQUEST_LAPSED", zh, f"the request was opened more than {policy.days} days ago")
    for one in waiting.signatures:
        if same_person(one.by, request.by) or (policy.signers and one.account == request.account):
            zh = f"{one.by} 已经签署"
            raise CommandError("SAME_SIGNER", zh, f"{one.by} has signed already")
    return replace(waiting, signatures=(*waiting.signatures, _signature(request)))


def kept(home: Home, sha256: str) -> Waiting | None:
    """Return the request that waits for a bundle; None where there is none."""
    path = _path(home, sha256)
    return _read(path) if path.is_file() else None


def all_kept(home: Home) -> list[Waiting]:
    """Return every request that waits, in the order in which they were opened."""
    found = [_read(path) for path in sorted(_folder(home).glob("*.json"))]
    return sorted(found, key=lambda one: one.signatures[0].at)


def keep(home: Home, waiting: Waiting) -> None:
    """Put a request on record, whole or not at all."""
    write_json(_path(home, waiting.sha256), asdict(waiting))


def dismiss(home: Home, sha256: str) -> None:
    """Take a request off the record: it was carried out, or cannot be any more."""
    _path(home, sha256).unlink(missing_ok=True)


def _signature(request: Request) -> Signature:
    return Signature(request.by, request.account, request.at.isoformat(), request.reason)


def _folder(home: Home) -> Path:
    return home.path / "promotion-requests"


def _path(home: Home, sha256: str) -> Path:
    return _folder(home) / f"{sha256}.json"


def _read(path: Path) -> Waiting:
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Waiting(**{**document, "signatures": tuple(Signature(**one) for one in document["signatures"])})
