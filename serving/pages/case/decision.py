"""The decision on the page: four ways without a preference, one tick to agree, one reason to differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.lanes import Lane
from models.lifecycle import OVERRIDE_TEXT, OverrideReason
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.history import Named
from serving.pages.case.lanes import lane_words
from serving.pages.language import Language
from serving.record.case_files import CaseFile
from serving.record.decisions import LANES, WITHDRAW_WITHIN, tag_of


@dataclass(frozen=True)
class Choice:
    """One way to tick; `aside` stands behind its words, `ticked` only where the person has ticked it before."""

    value: str
    text: str
    aside: str = ""
    ticked: bool = False


@dataclass(frozen=True)
class Fault:
    """Something to put right: in which field, and what."""

    field: str
    text: str


@dataclass(frozen=True)
class Sent:
    """What somebody sent in that could not be taken: it is shown again, together with what is wrong."""

    values: Mapping[str, object]
    problem: ProblemError | None = None


NOTHING_SENT = Sent({})


@dataclass(frozen=True, kw_only=True)
class DecisionForm:
    """The form; `tag` says which state of things it was written for, `key` makes a second click the same call."""

    lanes: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    warnings: int
    warnings_checked: bool
    note: str
    tag: str
    key: str
    faults: tuple[Fault, ...] = ()
    conflict: str = ""

    @property
    def kept_note(self) -> str:
        """What somebody wrote who was not the first to decide; it is shown, so that it can be used elsewhere."""
        return self.note if self.conflict else ""

    @property
    def opinion_lanes(self) -> tuple[Choice, ...]:
        """The same ways without a word on the advice, for the opinion that comes first."""
        return tuple(Choice(one.value, one.text) for one in self.lanes)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The decision in force; `withdrawable` for whoever made it, within a day."""

    id: str
    text: str
    by: str
    when: str
    reason: str
    note: str
    withdrawable: bool


def form_of(found: CaseFile, sent: Sent, key: str, named: Named, say: Language) -> DecisionForm:
    """Return the form, empty or as it was sent."""
    stage, advised = found.answer["stage"], found.answer["advice"].get("route", "")
    kept_out = ({Lane.URGE.value} if stage == "B" else set()) | ({Lane.NONE.value} - {advised})
    lanes = [lane for lane in LANES if lane not in kept_out]
    return DecisionForm(
        lanes=tuple(
            Choice(
                lane,
                lane_words(lane, stage, say),
                aside=say("与建议一致") if lane == advised else "",
                ticked=sent.values.get("lane") == lane,
            )
            for lane in lanes
        ),
        reasons=tuple(
            Choice(code.value, say.pick(*OVERRIDE_TEXT[code]), ticked=sent.values.get("reason") == code.value)
            for code in OverrideReason
        ),
        warnings=len(found.answer["warnings"]),
        warnings_checked=bool(sent.values.get("warnings_checked")),
        note=str(sent.values.get("note", "")),
        tag=tag_of(found.file),
        key=key,
        faults=_faults(sent.problem, say),
        conflict=_conflict(found, sent, named, say),
    )


def decided_of(found: CaseFile, me: str, named: Named, say: Language) -> Decided | None:
    """Return the decision in force, or None."""
    standing = found.file.standing
    if standing is None:
        return None
    age = found.at - datetime.fromisoformat(standing["decided_at"])
    reason = standing["reason"]
    return Decided(
        id=standing["id"],
        text=lane_words(standing["lane"], standing["stage"], say),
        by=named(standing["decided_by"]),
        when=formats.instant(standing["decided_at"]),
        reason=say.pick(*OVERRIDE_TEXT[OverrideReason(reason)]) if reason else "",
        note=standing["note"] or "",
        withdrawable=standing["decided_by"] == me and age <= WITHDRAW_WITHIN,
    )


def _faults(problem: ProblemError | None, say: Language) -> tuple[Fault, ...]:
    if problem is None or problem.problem.code == "DECISION_CONFLICT":
        return ()
    if not problem.errors:
        return (Fault("lane", say.pick(problem.problem.zh, problem.problem.en)),)
    return tuple(_fault(one, say) for one in problem.errors)


def _fault(error: Mapping[str, Any], say: Language) -> Fault:
    field = str(error["pointer"]).rpartition("/")[2]
    asked = {"lane": say("请选择去向"), "reason": say("与建议不一致，请选择一项理由")}
    if error["code"] == "MISSING" and field in asked:
        return Fault(field, asked[field])
    if field == "note":
        return Fault(field, say("补充说明超过 2000 字，或者含有看不见的字符（多由复制粘贴带入）；请删减或者重新输入"))
    if field in {"tag", "key"}:
        return Fault("lane", say("页面内容不完整，请刷新后重新填写；此次未记录"))
    return Fault(field, str(error[say.pick("message", "message_en")]))


def _conflict(found: CaseFile, sent: Sent, named: Named, say: Language) -> str:
    if sent.problem is None or sent.problem.problem.code != "DECISION_CONFLICT":
        return ""
    last: Sequence[Mapping[str, Any]] = found.file.acts[-1:]
    if not last:
        return say("您所见的已不是最新情况，您的决定未记录。请核对后重新提交。")
    act = last[0]
    return (
        say(
            "{who}已于 {when} 撤回决定。您的决定未记录，内容保留如下，请核对后重新提交。",
            who=named(act["decided_by"]),
            when=formats.instant(act["decided_at"]),
        )
        if act["act"] == "withdraw"
        else say(
            "{who}已于 {when} 作出决定。您的内容未覆盖，见下。",
            who=named(act["decided_by"]),
            when=formats.instant(act["decided_at"]),
        )
    )
