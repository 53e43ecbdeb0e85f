"""Promotions that wait: opened by one person, signed by another, carried out now or at the hour that was named."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from models.bundle.promotion_requests import Signature, Waiting, request_path, waiting
from training.errors import CommandError
from training.promotion.court_policy import CourtPolicy, same_person
from training.promotion.plan import Plan, Request
from training.provenance import Home, write_json


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


def countersigned(waits: Waiting, request: Request, policy: CourtPolicy) -> Waiting:
    """Return the request with another person's signature.

    Raises
    ------
    CommandError
        SAME_SIGNER: the same person, or the same account where the court lists its signers, has signed already.
        REQUEST_LAPSED: it was opened too long ago.
    """
    if waits.lapsed(request.at, days=policy.days):
        zh = f"该申请提出已超过 {policy.days} 日"
        raise CommandError("REQUEST_LAPSED", zh, f"the request was opened more than {policy.days} days ago")
    for one in waits.signatures:
        if same_person(one.by, request.by) or (policy.signers and one.account == request.account):
            zh = f"{one.by} 已经签署"
            raise CommandError("SAME_SIGNER", zh, f"{one.by} has signed already")
    return replace(waits, signatures=(*waits.signatures, _signature(request)))


def kept(home: Home, sha256: str) -> Waiting | None:
    """Return the request that waits for a bundle; None where there is none."""
    return next((one for one in waiting(home.path) if one.sha256 == sha256), None)


def all_kept(home: Home) -> list[Waiting]:
    """Return every request that waits, in the order in which they were opened."""
    return waiting(home.path)


def keep(home: Home, request: Waiting) -> None:
    """Put a request on record, whole or not at all."""
    write_json(request_path(home.path, request.sha256), asdict(request))


def dismiss(home: Home, sha256: str) -> None:
    """Take a request off the record: it was carried out, or cannot be any more."""
    request_path(home.path, sha256).unlink(missing_ok=True)


def _signature(request: Request) -> Signature:
    return Signature(request.by, request.account, request.at.isoformat(), request.reason)
