"""What `fenliu promote`, `rollback` and `ledger` do."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from models.bundle.promotion_requests import Waiting
from models.promotion import signing
from models.promotion.court_policy import CourtPolicy
from models.promotion.gates import Gate
from models.promotion.plan import Plan, Request, champion, plan
from models.promotion.refusal import PromotionError
from models.promotion.steps import Opening, Witnesses, as_last_signed, ask, carry_out, changed, no_request, ready
from models.promotion.steps import sign as sign_request
from models.promotion.switching import earlier, roll_back
from training.commands.session import DONE, GATE_FAILED, Session
from training.config import load_gates
from training.errors import CommandError, refusing_promotion
from training.promotion.results import of_ledger, of_plan, of_rollback, of_waiting
from training.recording import registry_of
from training.registry import ALIAS_CHAMPION

WAITS = 5


@refusing_promotion()
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
    policy = CourtPolicy.of(session.home.path)
    if pending:
        session.console.show(of_waiting(signing.all_kept(session.home.path)))
        return DONE
    if due:
        return _carry_out_due(session, policy)
    _check_usage(model, reason, to)
    request = _request(session, policy, model=str(model), reason=str(reason), by=by, demo=demo)
    if sign:
        waiting = _to_sign(session, request)
        request = replace(request, bundle=waiting.folder, demo=waiting.demo)
    planned = plan(session.home.path, request, gates=_gates(policy, gates), demo_allowed=policy.demo)
    if expect is not None and planned.before != expect:
        raise changed(expect, planned.before)
    if planned.before == planned.name:
        raise PromotionError(
            "ALREADY_CHAMPION", f"{planned.name} 就是现用模型包", f"{planned.name} is the champion already"
        )
    if planned.failed or session.dry_run:
        return _shown(session, planned)
    return _stepped(session, policy, request, planned, hour=at, signs=sign)


@refusing_promotion()
def rollback(session: Session, *, reason: str, to: str | None, by: str | None, demo: bool) -> int:
    """Let a former champion answer again."""
    policy = CourtPolicy.of(session.home.path)
    before = champion(session.home.path)
    folder = earlier(session.home.path, to, demo=demo, demo_allowed=policy.demo)
    if session.dry_run:
        session.console.show(of_rollback(folder.name, before, done=False))
        return DONE
    account = _account()
    request = Request(folder, policy.signer(by, account), _said(reason), session.now, demo=demo, account=account)
    sha256 = roll_back(session.home.path, request, before=before)
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
    from_record = {one.folder.name: one for one in signing.all_kept(session.home.path)}
    found = from_record.get(request.bundle.name)
    if found is None:
        raise no_request(request.bundle.name)
    return found


def _stepped(
    session: Session, policy: CourtPolicy, request: Request, planned: Plan, *, hour: datetime | None, signs: bool
) -> int:
    """Take the step, and say whether the bundle answers, waits for its hour or for another signature."""
    home, told = session.home.path, Witnesses()
    if signs:
        step = sign_request(home, request, planned, policy, told=told)
    else:
        not_before = None if hour is None else hour.replace(tzinfo=session.now.tzinfo)
        step = ask(home, request, planned, policy, opening=Opening(not_before), told=told)
    if step.waiting is None:
        _done(session, planned)
        return DONE
    session.console.show(of_plan(planned, done=False, waiting=step.waiting, signed=step.signed))
    return DONE if step.signed else WAITS


def _done(session: Session, planned: Plan) -> None:
    session.console.show(of_plan(planned, done=True))
    _mirror(session, planned.sha256)


def _carry_out_due(session: Session, policy: CourtPolicy) -> int:
    """Carry out every signed promotion whose hour has come; each is planned anew, so gates and champion are of now."""
    found, status = ready(session.home.path, policy, at=session.now), DONE
    for one in found:
        request = as_last_signed(one, at=session.now)
        planned = plan(session.home.path, request, gates=_gates(policy, None), demo_allowed=policy.demo)
        if planned.failed:
            status = _shown(session, planned)
        else:
            carry_out(session.home.path, one, planned, at=session.now, told=Witnesses())
            _done(session, planned)
    if not found:
        session.console.note("没有到时的发布", "nothing is due")
    return status


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
