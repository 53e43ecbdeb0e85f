"""The stop switch as people see it: how it stands, who turned it when and why, and the form of who may turn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.access.actions import Action
from serving.access.principal import Principal
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.history import Named
from serving.pages.language import Language
from serving.pages.models.head import court_text
from serving.repositories.switches import Turn
from serving.store.tables.models import EVERYWHERE


@dataclass(frozen=True, kw_only=True)
class TurnLine:
    """One turn of the switch."""

    when: str
    who: str
    court: str
    what: str
    reason: str
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class CourtChoice:
    """One court that may be switched, and whether it was chosen."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with what was sent in: the field, and what to do."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SwitchBlock:
    """The block; `courts` is empty where any court may be named."""

    sentence: str
    turns: tuple[TurnLine, ...]
    may_turn: bool
    courts: tuple[CourtChoice, ...]
    court: str
    reason: str
    stop: bool
    resume: bool
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class SentTurn:
    """What somebody sent in, to be shown again with what is wrong; nothing at first."""

    values: Mapping[str, object]
    problem: ProblemError | None = None


NOTHING_SENT = SentTurn(values={})


def switch_of(
    turns: Sequence[Turn], stopped: Sequence[Turn], sent: SentTurn, *, reader: Principal, named: Named, say: Language
) -> SwitchBlock:
    """Return the block as this reader sees it."""
    asked = str(sent.values.get("court_code", ""))
    codes = () if reader.courts.codes is None else tuple(sorted(reader.courts.codes))
    return SwitchBlock(
        sentence=_sentence(stopped, say),
        turns=tuple(_line(turn, named, say) for turn in turns),
        may_turn=reader.may(Action.MODEL_SWITCH),
        courts=tuple(CourtChoice(value=code, text=code, chosen=code == (asked or codes[0])) for code in codes),
        court=asked or EVERYWHERE,
        reason=str(sent.values.get("reason", "")),
        stop=sent.values.get("state") == "stopped",
        resume=sent.values.get("state") == "running",
        faults=() if sent.problem is None else tuple(_faults(sent.problem, say)),
    )


def _sentence(stopped: Sequence[Turn], say: Language) -> str:
    if not stopped:
        return say("未停用。停用后 1 秒内只按规则提出建议，不影响立案、期限和规则判断。")
    return say("已停用：{courts}。规则判断照常。", courts=say.listed(court_text(turn.court, say) for turn in stopped))


def _line(turn: Turn, named: Named, say: Language) -> TurnLine:
    return TurnLine(
        when=formats.instant(turn.at),
        who=named(turn.by),
        court=court_text(turn.court, say),
        what=say("停用") if turn.state == "stopped" else say("恢复"),
        reason=turn.reason,
        stopped=turn.state == "stopped",
    )


def _faults(problem: ProblemError, say: Language) -> list[Fault]:
    words = {
        "court_code": say("请填写法院代码，如 浙1022，或 * 表示全部"),
        "state": say("请选择停用或恢复"),
        "reason": say("请写明事由，1 至 500 字"),
    }
    fields = [str(one["pointer"]).strip("/") for one in problem.errors]
    found = [Fault(field=name, text=words[name]) for name in words if name in fields]
    return found or [Fault(field="court_code", text=say("您无权停用或恢复该法院的模型"))]
