"""Another urging window of a court: one person asks, another one signs, and from its day on the service goes by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from features.clock import SHANGHAI
from models.rules.table import RuleTable
from models.rules.windows import PARAMETER, SignedWindow, windowed
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.repositories.urging.windows import Act, WindowRequest, WindowStore

SOONEST: Final = timedelta(days=1)
LATEST: Final = timedelta(days=366)
SPREAD: Final = timedelta(minutes=10)
"""So long before a window's day nothing about it changes any more: every worker has it by then, wherever it runs."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The window that is wanted, as it was typed in: days, the first day on which applications get it, and why."""

    court: str
    days: str
    day: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """What somebody does about a request: `seen` is the step that stood when he looked at it."""

    court: str
    request_id: str
    seen: str
    reason: str


@dataclass(frozen=True)
class Windows:
    """The use case with its collaborators; `rules` returns the service's table, over which windows are laid."""

    records: WindowStore
    rules: Callable[[], RuleTable]
    clock: Callable[[], datetime]

    def of(self, court: str) -> tuple[WindowRequest, ...]:
        """Return every request of a court, the newest first."""
        return self.records.of(court)

    def ask(self, asked: Asked, *, origin: Origin) -> None:
        """Put a request on record; nothing changes by it.

        Raises
        ------
        ProblemError
            VALIDATION_FAILED: no number, no day to come, the window that holds
            anyway, one that the law does not allow, or another one is under way.
        """
        now = self.clock().astimezone(SHANGHAI)
        day, days = _day(asked.day, now.date()), _days(asked.days)
        self._require_lawful(asked.court, SignedWindow(day=day, days=days, id="UW"))

        def check(requests: Sequence[WindowRequest]) -> None:
            _require_room(requests, day, today=now.date())

        self.records.ask(asked.court, days, day, asked.reason, check=check, by=(origin, now))

    def sign(self, step: Step, *, origin: Origin) -> None:
        """Sign somebody else's request: from its day on the court goes by it.

        Raises
        ------
        ProblemError
            NOT_FOUND; PERMISSION_DENIED for a program; PRECONDITION_FAILED where somebody did something about
            it meanwhile; VALIDATION_FAILED for one's own request, one whose day
            has come, and one that the law does not allow by now.
        """
        if origin.by.kind == "key":
            raise ProblemError("PERMISSION_DENIED")
        found = self._found(step)
        self._require_lawful(found.court, SignedWindow(day=found.first_day, days=found.days, id="UW"))
        if found.asked_by == origin.by.actor:
            zh, en = "申请人不能签署自己的申请，须由另一人签署", "whoever asked cannot sign; another person does"
            raise _refused("step", zh, en)
        self._write(step, Act.SIGN, origin=origin)

    def decline(self, step: Step, *, origin: Origin) -> None:
        """Return a request unsigned, or take back a signed window that has not begun; for whoever may sign."""
        self._end(step, Act.DECLINE, origin=origin)

    def withdraw(self, step: Step, *, origin: Origin) -> None:
        """Withdraw a request, or take back a signed window that has not begun; for whoever may ask."""
        self._end(step, Act.WITHDRAW, origin=origin)

    def _end(self, step: Step, act: Act, *, origin: Origin) -> None:
        self._found(step)
        self._write(step, Act.TAKE_BACK if step.seen == Act.SIGN.value else act, origin=origin)

    def _write(self, step: Step, act: Act, *, origin: Origin) -> None:
        now = self.clock().astimezone(SHANGHAI)

        def check(requests: Sequence[WindowRequest]) -> None:
            found = next(one for one in requests if one.id == step.request_id)
            _require_seen(found, step)
            if act in {Act.SIGN, Act.TAKE_BACK}:
                _require_ahead(found, now=now)
            if act is Act.SIGN:
                _require_later(requests, found.first_day)

        self.records.step(step.court, step.request_id, act, step.reason, check=check, by=(origin, now))

    def _found(self, step: Step) -> WindowRequest:
        found = next((one for one in self.records.of(step.court) if one.id == step.request_id), None)
        if found is None:
            raise ProblemError("NOT_FOUND")
        _require_seen(found, step)
        return found

    def _require_lawful(self, court: str, window: SignedWindow) -> None:
        """Refuse what no table of the court could hold, with all windows that are signed already."""
        base = self.rules()
        if not base.urges:
            zh, en = "本院规则表不开展执前督促，没有督促期可变更", "the court's rules leave urging out"
            raise _refused("days", zh, en)
        known = next((windows for code, windows in self.records.signed() if code == court), ())
        if windowed(base, court, known).table.on(window.day).number(PARAMETER) == window.days:
            zh = f"{window.day} 的督促期本来就是 {window.days} 日"
            raise _refused("days", zh, f"on {window.day} the window is {window.days} days anyway")
        found = windowed(base, court, [*known, window]).refused
        why = next((one.why for one in found if one.window == window), None)
        if why is not None:
            raise _refused("days", why.zh, why.en)


def is_open(request: WindowRequest, today: date) -> bool:
    """Whether a request still waits for a signature that would come in time."""
    return request.last is Act.ASK and request.first_day > today


def _require_room(requests: Sequence[WindowRequest], day: date, *, today: date) -> None:
    if any(is_open(one, today) for one in requests):
        zh = "已有一项变更申请待签署，请先签署、退回或者撤回"
        raise _refused("days", zh, "another request waits; it is signed, declined or withdrawn first")
    _require_later(requests, day)


def _require_later(requests: Sequence[WindowRequest], day: date) -> None:
    last = max((one.first_day for one in requests if one.last is Act.SIGN), default=None)
    if last is not None and day <= last:
        zh = f"已签署自 {last} 起的督促期，施行日须在其后；未施行的可先撤回"
        raise _refused("from", zh, f"a window from {last} on is signed; take it back or choose a later day")


def _require_seen(request: WindowRequest, step: Step) -> None:
    if request.last.value != step.seen:
        raise ProblemError("PRECONDITION_FAILED")


def _require_ahead(request: WindowRequest, *, now: datetime) -> None:
    begins = datetime.combine(request.first_day, time(), SHANGHAI)
    if now + SPREAD > begins:
        zh = f"施行日 {request.first_day} 已到或者不足 10 分钟，不能再签署或者撤回；请另行申请"
        en = f"its day, {request.first_day}, has come or is less than ten minutes away; ask for another one"
        raise _refused("step", zh, en)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _refused("days", "督促期填整数日", "the window is a whole number of days")
    return int(text)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _refused("from", "施行日写作 2026-12-10", "write the first day as 2026-12-10") from None
    if not today + SOONEST <= day <= today + LATEST:
        zh, en = "施行日须在明日以后、一年之内", "the first day is tomorrow or later, within a year"
        raise _refused("from", zh, en)
    return day


def _refused(field: str, zh: str, en: str) -> ProblemError:
    error = {"pointer": f"/{field}", "code": "INVALID", "message": zh, "message_en": en}
    return ProblemError("VALIDATION_FAILED", errors=[error])
