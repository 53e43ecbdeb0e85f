"""Promotions that wait: opened by one person, signed by another, carried out now or at the hour that was named."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from models.bundle import promotions
from models.bundle.promotion_requests import Signature, Waiting, request_path, waiting
from models.promotion.court_policy import CourtPolicy, same_person
from models.promotion.plan import Plan, Request
from models.promotion.refusal import PromotionError


def opened(request: Request, planned: Plan, *, not_before: datetime | None, wanted: int = 1) -> Waiting:
    """Return a request with its first signature."""
    return Waiting(
        bundle=str(request.bundle.resolve()),
        sha256=planned.sha256,
        base=planned.before,
        demo=request.demo,
        signatures=(_signature(request),),
        not_before=None if not_before is None else not_before.isoformat(),
        wanted=wanted,
    )


def countersigned(waits: Waiting, request: Request, policy: CourtPolicy) -> Waiting:
    """Return the request with another person's signature.

    Raises
    ------
    PromotionError
        SAME_SIGNER: the same person, or the same account where the court lists its signers, has signed already.
        REQUEST_LAPSED: it was opened too long ago.
    """
    if waits.lapsed(request.at, days=policy.days):
        zh = f"该申请提出已超过 {policy.days} 日"
        raise PromotionError("REQUEST_LAPSED", zh, f"the request was opened more than {policy.days} days ago")
    for one in waits.signatures:
        if same_person(one.by, request.by) or (policy.signers and one.account == request.account):
            zh = f"{one.by} 已经签署"
            raise PromotionError("SAME_SIGNER", zh, f"{one.by} has signed already")
    return replace(waits, signatures=(*waits.signatures, _signature(request)))


def kept(home: Path, sha256: str) -> Waiting | None:
    """Return the request that waits for a bundle; None where there is none."""
    return next((one for one in waiting(home) if one.sha256 == sha256), None)


def all_kept(home: Path) -> list[Waiting]:
    """Return every request that waits, in the order in which they were opened."""
    return waiting(home)


def keep(home: Path, request: Waiting) -> None:
    """Put a request on record, whole or not at all."""
    path = request_path(home, request.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(request.plain(), ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def dismiss(home: Path, sha256: str) -> None:
    """Take a request off the record: it was carried out, or cannot be any more."""
    request_path(home, sha256).unlink(missing_ok=True)


@contextmanager
def handling(home: Path) -> Iterator[None]:
    """Hold the requests, so that between reading one and writing it nobody else signs, takes it back or carries it out.

    Raises
    ------
    PromotionError
        LOCKED: somebody else is at it.
    """
    folder = request_path(home, "").parent
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        yield


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; whoever finds it held is told and does not wait."""
    with ExitStack() as held:
        try:
            held.enter_context(promotions.alone(folder))
        except FileExistsError as error:
            path = error.filename
            zh = f"另一个进程正持有 {path}"
            raise PromotionError("LOCKED", zh, f"another process holds {path}") from error
        yield


def _signature(request: Request) -> Signature:
    return Signature(request.by, request.account, request.at.isoformat(), request.reason)
