"""Sending cases back for completion, alone or as a group: what each lacks is told once; the case goes on waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Final

from features.clock import SHANGHAI
from features.register import Field, Register
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.record.court_settings import CourtSettings, ReviewMode
from serving.record.decisions import state_tag
from serving.record.viewing import tells_a_score
from serving.repositories.batches.completions import Completion, CompletionStore

COMPLETION: Final = "completion"
"""退回补正: no lane; whoever applies is told in writing what is missing (登记立案规定 arts. 7 and 18)."""
LONGEST: Final = timedelta(days=90)
"""Days within which completing may be asked for; the law leaves the number to the court."""

_FROM_APPLICANT: Final = frozenset({"form", "form/contract", "basis document"})
"""Where facts come from that whoever applies can bring; the court finds out the others itself."""

Row = Mapping[str, Any]


PAPERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "application": (
            "申请执行书（写明申请理由、事项、标的，并签名或者盖章）",
            "the application with reasons, request and amount, signed or sealed",
        ),
        "basis_copy": ("生效法律文书副本（完整、清晰）", "a whole and legible copy of the document to be enforced"),
        "identity": ("申请执行人的身份证明", "proof of who the applicant is"),
        "succession": ("继承或者承受权利的证明文件", "proof that the right was inherited or taken over"),
        "authority": ("经签名或者盖章的授权委托书", "a signed or sealed power of attorney"),
    }
)
"""Papers of an application (执行工作规定(2020) arts. 18 and 20); no rule knows whether they are in order."""


@dataclass(frozen=True, kw_only=True)
class Alone:
    """One case that somebody sends back: as he saw it (`tag`), until when, and which papers are to be brought."""

    advice_id: str
    application_id: str
    court_code: str
    tag: str
    until: str
    papers: tuple[str, ...]


@dataclass(frozen=True)
class Completing:
    """The use case with its collaborators."""

    records: CompletionStore
    register: Callable[[], Register]
    clock: Callable[[], datetime]
    settings: CourtSettings

    def lacking(self, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, for each of these answers that is there, the fields that whoever applied has to bring.

        Where a court wants an opinion before the scores are seen, nothing that
        a score has a part in is looked at: a letter must not tell what is hidden.
        """
        register, modes = self.register(), cache(lambda court: self.settings.of(court).review_mode)
        return {
            one: lacks(answer, case, register, blind=modes(answer["court_code"]) is ReviewMode.COMMIT_FIRST)
            for one, answer, case in self.records.answers(ids)
        }

    def told(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of these answers about which somebody was told already: that is done once."""
        return self.records.told(ids)

    def notice(self, advice_id: str, *, origin: Origin) -> Row:
        """Return what was asked for about one answer.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        found = self.records.of(advice_id, origin=origin)
        if found is None:
            raise ProblemError("NOT_FOUND")
        return found

    def send_back(self, turn: Row, *, origin: Origin) -> str | None:
        """Put on record what one case of a decision about a group lacks; return the problem that stands against it.

        The same turn again writes nothing.
        """
        advice_id = str(turn["advice_id"])
        missing = self.lacking([advice_id]).get(advice_id, ())
        if not missing:
            return "GONE"
        new = Completion(
            advice_id=advice_id, application_id=turn["application_id"], court_code=turn["court_code"],
            decision_id=turn["decision_id"], until=turn["until"], missing=missing,
        )  # fmt: skip
        stands = partial(_stands, advice_id, str(turn["tag"]))
        done = self.records.put(new, stands=stands, by=(origin, self.clock()))
        return None if done else "DECISION_CONFLICT"

    def send_back_alone(self, asked: Alone, *, origin: Origin) -> None:
        """Send one case back, outside of a group.

        Raises
        ------
        ProblemError
            VALIDATION_FAILED: nothing to bring, or no day; DECISION_CONFLICT
            where the case does not stand as it was shown, or somebody was told before.
        """
        wrong = self.day_problem(asked.until)
        missing = self.lacking([asked.advice_id]).get(asked.advice_id, ())
        errors = [] if wrong is None else [_error("until", *wrong)]
        if not missing and not asked.papers:
            zh, en = (
                "没有待补正的事项：请勾选须补交的材料",
                "nothing is missing: tick what is to be brought",
            )
            errors.append(_error("papers", zh, en))
        if errors:
            raise ProblemError("VALIDATION_FAILED", errors=errors)
        new = Completion(
            advice_id=asked.advice_id, application_id=asked.application_id, court_code=asked.court_code,
            decision_id=None, until=asked.until, missing=missing, papers=asked.papers,
        )  # fmt: skip
        if not self.records.put(new, stands=partial(_stands, asked.advice_id, asked.tag), by=(origin, self.clock())):
            raise ProblemError("DECISION_CONFLICT")

    def day_problem(self, until: str) -> tuple[str, str] | None:
        """Return what is wrong with the day until which something may be brought, in both languages."""
        if not until:
            return "请填写补正期限", "say until when it may be brought"
        try:
            day = date.fromisoformat(until)
        except ValueError:
            return "补正期限须为日期，如 2026-12-10", "write the day as 2026-12-10"
        today = self.clock().astimezone(SHANGHAI).date()
        if not today < day <= today + LONGEST:
            days = LONGEST.days
            return f"补正期限须在明日至 {days} 日之内", f"the day must be tomorrow or later, within {days} days"
        return None


def lacks(answer: Row, case: Row, register: Register, *, blind: bool = False) -> tuple[str, ...]:
    """Return the fields that whoever applied has to bring, in the register's order.

    They are those that a rule could not be checked without, where that stood
    in the way of a lane, and the amount; `blind` leaves out rules in which a score has a part.
    """
    scored = blind and answer["mode"] == "model"
    rules = (rule for rule in answer["rules"] if not (scored and tells_a_score(rule)))
    unsure = (rule for rule in rules if rule["acts"] and rule["result"] == "unknown")
    wanted = {"claim_amount", *(name for rule in unsure for name in rule["missing"])}
    return tuple(field.name for field in register.fields if field.name in wanted and _is_asked(field, case))


def _is_asked(field: Field, case: Row) -> bool:
    return field.source in _FROM_APPLICANT and field.name not in case


def _error(field: str, zh: str, en: str) -> dict[str, object]:
    return {"pointer": f"/{field}", "code": "INVALID", "message": zh, "message_en": en}


def _stands(advice_id: str, tag: str, acts: int) -> bool:
    return state_tag(advice_id, acts) == tag
