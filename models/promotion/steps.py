"""The steps of a promotion by whatever door: asked for, signed, declined, carried out now or at its hour.

Each step holds the requests while it reads and writes them, so that of two
people who act at once one is first and the other is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.bundle import promotions
from models.bundle.promotion_requests import Waiting
from models.promotion import signing
from models.promotion.court_policy import CourtPolicy
from models.promotion.plan import Plan, Request, champion
from models.promotion.refusal import PromotionError
from models.promotion.switching import Announce, promote, unannounced

Told = Callable[[str, Waiting], None]
"""Is told of a step (`request`, `sign`, `decline` or `lapse`) before the request is written; it may stop the step."""


def untold(_step: str, _waiting: Waiting) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Witnesses:
    """Who is told before anything is written: of steps of a request, and of the ledger's line."""

    step: Told = untold
    line: Announce = unannounced


@dataclass(frozen=True)
class Step:
    """What a step came to: the request that still waits, whether it is fully signed; None where it was carried out."""

    waiting: Waiting | None
    signed: bool


@dataclass(frozen=True)
class Opening:
    """From when a request shall take effect (None: at once), and how many must sign though the court asks for fewer."""

    hour: datetime | None = None
    wanted: int = 1


def ask(
    home: Path,
    request: Request,
    planned: Plan,
    policy: CourtPolicy,
    *,
    opening: Opening,
    told: Witnesses,
) -> Step:
    """Open a request, which is its first signature; carry it out where that is enough.

    Raises
    ------
    PromotionError
        ALREADY_CHAMPION, REQUEST_OPEN for a bundle that somebody has asked for
        already, LOCKED, and what `promote` raises.
    """
    _not_champion(planned)
    with signing.handling(home):
        there = signing.kept(home, planned.sha256)
        if there is not None and there.base == planned.before and not there.lapsed(request.at, days=policy.days):
            first = there.signatures[0].by
            zh = f"{first} 已提出发布 {there.folder.name}"
            raise PromotionError("REQUEST_OPEN", zh, f"{first} has asked to promote {there.folder.name} already")
        waiting = signing.opened(request, planned, not_before=opening.hour, wanted=opening.wanted)
        told.step("request", waiting)
        return _settled(home, waiting, planned, policy, at=request.at, told=told)


def sign(home: Path, request: Request, planned: Plan, policy: CourtPolicy, *, told: Witnesses) -> Step:
    """Add another person's signature to a request; carry it out where that is enough.

    Raises
    ------
    PromotionError
        NO_REQUEST, BUNDLE_DAMAGED for a bundle that was changed since, SAME_SIGNER,
        REQUEST_LAPSED, LOCKED, and CHAMPION_CHANGED, after which the request is over.
    """
    with signing.handling(home):
        waiting = signing.kept(home, planned.sha256)
        if waiting is None:
            named = next((one for one in signing.all_kept(home) if one.folder.name == planned.name), None)
            raise _changed_since(planned.name) if named else no_request(planned.name)
        signed = signing.countersigned(waiting, request, policy)
        _require_base(home, signed, planned, told)
        told.step("sign", signed)
        return _settled(home, signed, planned, policy, at=request.at, told=told)


def decline(home: Path, sha256: str, request: Request, *, told: Witnesses) -> Waiting:
    """Take a request off the record, with who did so and why in the ledger; return what it was.

    Raises
    ------
    PromotionError
        NO_REQUEST, LOCKED.
    """
    with signing.handling(home):
        waiting = signing.kept(home, sha256)
        if waiting is None:
            raise no_request(sha256[:12])
        told.step("decline", waiting)
        line = {"action": "decline", "at": request.at.isoformat(), "by": request.by, "account": request.account}
        promotions.note(home, {**line, "reason": request.reason, "declined": waiting.folder.name, "sha256": sha256})
        signing.dismiss(home, sha256)
        return waiting


def ready(home: Path, policy: CourtPolicy, *, at: datetime) -> list[Waiting]:
    """Return every request that is fully signed and whose hour has come."""
    return [one for one in signing.all_kept(home) if one.signed(policy.signatures) and one.due(at)]


def carry_out(home: Path, waiting: Waiting, planned: Plan, *, at: datetime, told: Witnesses) -> None:
    """Put the bundle of a signed request in service, as it was planned just now.

    Raises
    ------
    PromotionError
        NO_REQUEST where somebody else was quicker; otherwise as `sign`.
    """
    with signing.handling(home):
        if signing.kept(home, waiting.sha256) != waiting:
            raise no_request(waiting.folder.name)
        if planned.sha256 != waiting.sha256:
            raise _changed_since(planned.name)
        _carry_out(home, waiting, planned, at=at, told=told)


def no_request(name: str) -> PromotionError:
    """Return the refusal of a step of a request that is not there."""
    return PromotionError("NO_REQUEST", f"没有待签署的发布申请 {name}", f"no request to promote {name} waits")


def as_last_signed(waiting: Waiting, *, at: datetime) -> Request:
    """Return the request in the name of its last signer."""
    last = waiting.signatures[-1]
    return Request(waiting.folder, last.by, last.reason, at, demo=waiting.demo, account=last.account)


def _settled(
    home: Path, waiting: Waiting, planned: Plan, policy: CourtPolicy, *, at: datetime, told: Witnesses
) -> Step:
    """Carry a request out, or keep it until it is signed or its hour has come."""
    signed = waiting.signed(policy.signatures)
    if signed and waiting.due(at):
        _carry_out(home, waiting, planned, at=at, told=told)
        return Step(None, signed=True)
    signing.keep(home, waiting)
    return Step(waiting, signed=signed)


def _carry_out(home: Path, waiting: Waiting, planned: Plan, *, at: datetime, told: Witnesses) -> None:
    _require_base(home, waiting, planned, told)
    request = as_last_signed(waiting, at=at)
    promote(home, request, planned, signatures=waiting.signatures, announce=told.line)
    signing.dismiss(home, waiting.sha256)


def _require_base(home: Path, waiting: Waiting, planned: Plan, told: Witnesses) -> None:
    """Refuse a request whose base answers no more, and take it off the record: what was signed is another change."""
    found = champion(home)
    if waiting.base == found == planned.before:
        return
    told.step("lapse", waiting)
    signing.dismiss(home, waiting.sha256)
    raise changed(waiting.base, found)


def changed(expected: str | None, found: str | None) -> PromotionError:
    """Return the refusal of a step that was planned against another champion."""
    zh = f"现用模型包应为 {expected or '无'}，实为 {found or '无'}，未作改动"
    return PromotionError("CHAMPION_CHANGED", zh, f"the champion is {found}, not {expected}; nothing was done")


def _changed_since(name: str) -> PromotionError:
    return PromotionError(
        "BUNDLE_DAMAGED", f"{name} 在提出申请之后被改动", f"{name} was changed after it was asked for"
    )


def _not_champion(planned: Plan) -> None:
    if planned.before == planned.name:
        zh, en = f"{planned.name} 就是现用模型包", f"{planned.name} is the champion already"
        raise PromotionError("ALREADY_CHAMPION", zh, en)
