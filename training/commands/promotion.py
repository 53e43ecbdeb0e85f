"""What `fenliu promote`, `rollback` and `ledger` do."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from models.bundle.promotion_requests import Waiting
from training.commands.session import DONE, GATE_FAILED, Session
from training.config import Gate, load_gates
from training.errors import CommandError
from training.promotion import signing
from training.promotion.court_policy import CourtPolicy
from training.promotion.plan import Plan, Request, champion, plan
from training.promotion.results import of_ledger, of_plan, of_rollback, of_waiting
from training.promotion.switching import earlier, roll_back
from training.promotion.switching import promote as promote_bundle
from training.recording import registry_of
from training.registry import ALIAS_CHAMPION

WAITS = 5


def promote(
    session: Session,
    *,
    model: str | None,
    reason: str | None,
    by: str | None,
    to: str,
    sign: bool,
    at: datetime | None,
    due: bool,
    pending: bool,
    gates: Path | None,
    expect: str | None,
    demo: bool,
) -> int:
    """Make a bundle the one that answers, if it passes and is signed; or list, sign or carry out what waits."""
    policy = CourtPolicy.of(session.home)
    if pending:
        session.console.show(of_waiting(signing.all_kept(session.home)))
        return DONE
    if due:
        return _carry_out_due(session, policy)
    _check_usage(model, reason, to)
    request = _request(session, policy, model=str(model), reason=str(reason), by=by, demo=demo)
    asked = _gates(policy, gates)
    waiting = _to_sign(session, request) if sign else None
    if waiting is not None:
        request = replace(request, bundle=waiting.folder, demo=waiting.demo)
    planned = plan(session.home, request, gates=asked, demo_allowed=policy.demo)
    if expect is not None and planned.before != expect:
        raise _changed(expect, planned.before)
    if planned.before == planned.name:
        raise CommandError(
            "ALREADY_CHAMPION", f"{planned.name} 就是现用模型包", f"{planned.name} is the champion already"
        )
    if planned.failed or session.dry_run:
        return _shown(session, planned)
    if waiting is None:
        hour = None if at is None else at.replace(tzinfo=session.now.tzinfo)
        waiting = signing.opened(request, planned, not_before=hour)
        _refuse_second_opening(session, waiting, policy)
    else:
        _same(waiting, planned)
        waiting = signing.countersigned(waiting, request, policy)
    return _settled(session, policy, waiting, planned)


def rollback(session: Session, *, reason: str, to: str | None, by: str | None, demo: bool) -> int:
    """Let a former champion answer again."""
    policy = CourtPolicy.of(session.home)
    before = champion(session.home)
    folder = earlier(session.home, to, demo=demo, demo_allowed=policy.demo)
    if session.dry_run:
        session.console.show(of_rollback(folder.name, before, done=False))
        return DONE
    account = _account()
    request = Request(folder, policy.signer(by, account), _said(reason), session.now, demo=demo, account=account)
    sha256 = roll_back(session.home, request, before=before)
    session.console.show(of_rollback(folder.name, before, done=True))
    _mirror(session, sha256)
    return DONE


def ledger(session: Session) -> int:
    """Show which bundle answered when."""
    session.console.show(of_ledger(session.home))
    return DONE


def _check_usage(model: str | None, reason: str | None, to: str) -> None:
    if model is None or reason is None:
        zh = "发布需要模型包名和 --reason"
        raise CommandError("USAGE", zh, "promote takes a bundle and --reason")
    _said(reason)
    if to != "champion":
        zh = f"--to 只能是 champion，收到 {to!r}；对照用 fenliu-serve models challenge"
        raise CommandError("USAGE", zh, f"--to takes champion alone, got {to!r}; see fenliu-serve models challenge")


def _said(reason: str) -> str:
    if not reason.strip():
        raise CommandError("USAGE", "--reason 不得为空", "--reason must say something")
    return reason.strip()


def _account() -> str:
    """Return the account of the machine; unlike a name it cannot be typed."""
    return pwd.getpwuid(os.getuid()).pw_name


def _request(session: Session, policy: CourtPolicy, *, model: str, reason: str, by: str | None, demo: bool) -> Request:
    account = _account()
    return Request(
        bundle=session.home.find_bundle(model),
        by=policy.signer(by, account),
        reason=_said(reason),
        at=session.now,
        demo=demo,
        account=account,
    )


def _gates(policy: CourtPolicy, further: Path | None) -> tuple[Gate, ...]:
    """Return the gates of the court with further ones for this promotion."""
    return (*policy.gates, *(load_gates(further) if further is not None else ()))


def _to_sign(session: Session, request: Request) -> Waiting:
    from_record = {one.folder.name: one for one in signing.all_kept(session.home)}
    found = from_record.get(request.bundle.name)
    if found is None:
        zh = f"没有待签署的发布申请 {request.bundle.name}"
        raise CommandError("NO_REQUEST", zh, f"no request to promote {request.bundle.name} waits for a signature")
    return found


def _refuse_second_opening(session: Session, waiting: Waiting, policy: CourtPolicy) -> None:
    """Refuse a second request for the same bundle while the first may still be signed."""
    there = signing.kept(session.home, waiting.sha256)
    if there is not None and there.base == waiting.base and not there.lapsed(session.now, days=policy.days):
        first = there.signatures[0].by
        zh = f"{first} 已提出发布 {there.folder.name}"
        raise CommandError("REQUEST_OPEN", zh, f"{first} has asked to promote {there.folder.name} already")


def _settled(session: Session, policy: CourtPolicy, waiting: Waiting, planned: Plan) -> int:
    """Carry a request out, or keep it until it is signed or its hour has come."""
    signed = len(waiting.signatures) >= policy.signatures
    if signed and waiting.due(session.now):
        _carry_out(session, waiting, planned)
        return DONE
    signing.keep(session.home, waiting)
    session.console.show(of_plan(planned, done=False, waiting=waiting, signed=signed))
    return DONE if signed else WAITS


def _carry_out(session: Session, waiting: Waiting, planned: Plan) -> None:
    last = waiting.signatures[-1]
    request = Request(waiting.folder, last.by, last.reason, session.now, demo=waiting.demo, account=last.account)
    if planned.before != waiting.base:
        signing.dismiss(session.home, waiting.sha256)
        raise _changed(waiting.base, planned.before)
    promote_bundle(session.home, request, planned, signatures=waiting.signatures)
    signing.dismiss(session.home, waiting.sha256)
    session.console.show(of_plan(planned, done=True))
    _mirror(session, planned.sha256)


def _carry_out_due(session: Session, policy: CourtPolicy) -> int:
    """Carry out every signed promotion whose hour has come; each is planned anew, so gates and champion are of now."""
    ready = [
        one
        for one in signing.all_kept(session.home)
        if len(one.signatures) >= policy.signatures and one.due(session.now)
    ]
    status = DONE
    for one in ready:
        last = one.signatures[-1]
        request = Request(one.folder, last.by, last.reason, session.now, demo=one.demo, account=last.account)
        planned = plan(session.home, request, gates=_gates(policy, None), demo_allowed=policy.demo)
        _same(one, planned)
        if planned.failed:
            status = _shown(session, planned)
        else:
            _carry_out(session, one, planned)
    if not ready:
        session.console.note("没有到时的发布", "nothing is due")
    return status


def _same(waiting: Waiting, planned: Plan) -> None:
    if planned.sha256 != waiting.sha256:
        zh = f"{planned.name} 在提出申请之后被改动"
        raise CommandError("BUNDLE_DAMAGED", zh, f"{planned.name} was changed after it had been asked for")


def _shown(session: Session, planned: Plan) -> int:
    session.console.show(of_plan(planned, done=False))
    for name in planned.failed:
        session.console.warn(f"未通过：{name}", f"failed: {name}")
    return GATE_FAILED if planned.failed else DONE


def _mirror(session: Session, sha256: str) -> None:
    """Let MLflow's alias follow; the ledger has said already what holds, so a dead store stops nothing."""
    registry = registry_of(session.home, session.settings())
    if registry is None:
        return
    try:
        found = registry.point(ALIAS_CHAMPION, sha256)
    except CommandError as error:
        zh = f"已生效；MLflow 的别名没有更新：{error.detail_zh}"
        session.console.warn(zh, f"done; the alias in MLflow was not moved: {error.detail_en}")
        return
    if found is None:
        session.console.warn("MLflow 中没有登记这个模型包", "the bundle is not registered in MLflow")


def _changed(expected: str | None, found: str | None) -> CommandError:
    zh = f"现用模型包应为 {expected or '无'}，实为 {found or '无'}，未作改动"
    return CommandError("CHAMPION_CHANGED", zh, f"the champion is {found}, not {expected}; nothing was done")
