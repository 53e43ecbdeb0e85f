"""The form by which a party's request for a human review is put on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.door.problems import ProblemError
from serving.pages.language import Language
from serving.pages.reviews.choices import ReviewChoice, ReviewFault, choices_of
from serving.pages.reviews.standing import party_text
from serving.people.reviewing import ANSWER_DAYS, CHANNELS, PARTIES, WISHES


@dataclass(frozen=True, kw_only=True)
class RegisterPage:
    """The form: the case, if it is known already, what can be chosen, what was typed and what is wrong with it."""

    advice_id: str
    application: str
    court: str
    case_address: str
    number: str
    parties: tuple[ReviewChoice, ...]
    wishes: tuple[ReviewChoice, ...]
    channels: tuple[ReviewChoice, ...]
    received_on: str
    today: str
    reason: str
    key: str
    days: int
    faults: tuple[ReviewFault, ...]


@dataclass(frozen=True, kw_only=True)
class Registering:
    """What the form is shown with: the case of an answer, where it was opened from one, and today."""

    about: Mapping[str, Any] | None
    today: str
    key: str
    say: Language


def register_page(sent: Mapping[str, object], problem: ProblemError | None, form: Registering) -> RegisterPage:
    """Return the form as it is filled in; nothing is chosen at first but today as the day of receipt."""
    say, about = form.say, form.about or {}
    return RegisterPage(
        advice_id=about.get("id", ""),
        application=about.get("application_id", ""),
        court=about.get("court_code", ""),
        case_address=f"/cases/{about['id']}" if about else "",
        number=str(sent.get("number", "")),
        parties=choices_of({party: party_text(party, say) for party in PARTIES}, sent.get("party")),
        wishes=choices_of({name: say.pick(*words) for name, words in WISHES.items()}, sent.get("wish")),
        channels=choices_of({name: say.pick(*words) for name, words in CHANNELS.items()}, sent.get("channel")),
        received_on=str(sent.get("received_on", "" if sent else form.today)),
        today=form.today,
        reason=str(sent.get("reason", "")),
        key=form.key,
        days=ANSWER_DAYS,
        faults=() if problem is None else tuple(_faults(problem, say)),
    )


NO_CASE: Final = {"pointer": "/number", "code": "NOT_FOUND"}
"""No case of the reader's courts has this number."""

SEVERAL: Final = {"pointer": "/number", "code": "SEVERAL"}
"""More than one court of the reader's has a case with this number."""


def wrong_number(found: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Return what is wrong with a number that does not lead to exactly one case."""
    return ProblemError("VALIDATION_FAILED", errors=[SEVERAL if found else NO_CASE])


def _faults(problem: ProblemError, say: Language) -> Iterator[ReviewFault]:
    codes = {str(one["pointer"]).strip("/"): str(one["code"]) for one in problem.errors}
    number = {
        "NOT_FOUND": say("本院没有这个申请编号、案号的案件，请核对"),
        "SEVERAL": say("有多个法院的案件用这个编号，请从案件页面登记"),
    }
    words = {
        "number": number.get(codes.get("number", ""), say("请填写申请编号、案号")),
        "party": say("请选择谁提出"),
        "wish": say("请选择请求事项"),
        "channel": say("请选择提出方式"),
        "received_on": say("请填写收到日期，不晚于今天"),
        "reason": say("请写明请求和理由，1 至 2000 字"),
    }
    known = [ReviewFault(field=name, text=text) for name, text in words.items() if name in codes]
    yield from known or [ReviewFault(field="reason", text=say("提交的内容不完整，请重新填写"))]
