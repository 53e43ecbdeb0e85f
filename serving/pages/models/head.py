"""The head of the model pages: which bundle answers, since when, who signed, how it stands, and what must be known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.bundle.paper import Paper
from models.bundle.promotions import Tenure
from serving.control.dossier import Dossier
from serving.pages import formats
from serving.pages.language import Language
from serving.store.tables.models import EVERYWHERE

_DIGITS: Final = 12


_OF_SERVICE: Final = "account:"
"""How accounts of the service are told from those of a machine."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands above every model page; `well` says whether the state asks for nothing."""

    name: str
    fingerprint: str
    since: str
    signed: str
    state: str
    well: bool
    valid_until: str
    data: str
    simulated: bool
    notices: tuple[str, ...]

    @property
    def loaded(self) -> bool:
        """Whether there is a bundle at all."""
        return bool(self.fingerprint)


def head_of(found: Dossier, *, today: date, say: Language) -> Head:
    """Return the head."""
    paper, present = found.current.paper, found.present
    state, well = _state(found, today, say)
    return Head(
        name=found.current.name or say("无"),
        fingerprint="" if paper is None else paper.sha256[:_DIGITS],
        since=say("未知") if present is None else formats.instant(present.since),
        signed=say("未知") if present is None else say.listed(signers_of(present)),
        state=state,
        well=well,
        valid_until="--" if paper is None else formats.day(paper.about.valid_until, say),
        data="--" if paper is None else _data(paper, say),
        simulated=paper is not None and paper.about.simulated,
        notices=tuple(_notices(found, today, say)),
    )


def signers_of(tenure: Tenure) -> list[str]:
    """Return the people who decided on a tenure, each once, in the order in which they signed."""
    signatures: list[Mapping[str, Any]] = tenure.entry.get("signatures") or []
    names = [str(one.get("by", "")) for one in signatures] or [str(tenure.entry.get("by", ""))]
    return list(dict.fromkeys(name for name in names if name)) or ["--"]


def signer_words(by: str, account: str, say: Language) -> str:
    """Return who signed and from where: by an account of the service, or on the command line from one of the machine.

    Where a court does not list its signers, a name alone says neither. Lines
    of before that hold no account stay as they are.
    """
    if account.startswith(_OF_SERVICE):
        return say("{who}（本系统账户）", who=by)
    if not account:
        return by
    if account == by:
        return say("{who}（命令行）", who=by)
    return say("{who}（命令行，机器账户 {account}）", who=by, account=account)


def steps_of(tenure: Tenure, say: Language) -> list[str]:
    """Return the people who decided on a tenure and from where, each once, in the order in which they signed."""
    signatures: list[Mapping[str, Any]] = tenure.entry.get("signatures") or [tenure.entry]
    found = [(str(one.get("by", "")), str(one.get("account", ""))) for one in signatures]
    return list(dict.fromkeys(signer_words(by, account, say) for by, account in found if by)) or ["--"]


def _data(paper: Paper, say: Language) -> str:
    return say("模拟数据") if paper.about.simulated else say("本院历史数据")


def _state(found: Dossier, today: date, say: Language) -> tuple[str, bool]:
    paper = found.current.paper
    if paper is None:
        return (say("没有模型") if found.current.fault is None else say("未通过核验")), False
    if today > paper.about.valid_until:
        return say("已过有效期"), False
    courts = {turn.court for turn in found.stopped}
    if EVERYWHERE in courts:
        return say("已停用"), False
    return (say("部分法院已停用"), False) if courts else (say("正常"), True)


def _notices(found: Dossier, today: date, say: Language) -> Iterator[str]:
    """Yield what a reader has to know before any figure."""
    paper = found.current.paper
    if found.current.fault is not None:
        yield say.pick(found.current.fault.zh, found.current.fault.en)
    elif paper is None:
        yield say("尚无已发布的模型，各案件仅按规则提出建议，不影响立案。")
    if paper is not None and today > paper.about.valid_until:
        yield say("模型已过有效期，不再评分，仅按规则提出建议。")
    for turn in found.stopped:
        yield say(
            "{court} 的模型已停用，仅按规则提出建议。事由：{reason}",
            court=court_text(turn.court, say),
            reason=turn.reason,
        )
    yield from _workers(found, say)
    for name in found.faults:
        yield say("记录文件 {name} 无法读取，相应数字未列出。", name=name)


def _workers(found: Dossier, say: Language) -> Iterator[str]:
    """Yield how far the service has followed the pointer."""
    paper = found.current.paper
    refused = sorted({str(one["refused"]) for one in found.workers if one.get("refused")})
    behind = [one for one in found.workers if paper is not None and one.get("model_sha256") != paper.sha256]
    if refused:
        yield say("新发布的模型未通过核验，服务仍用原模型：{why}", why=say.apart(refused))
    elif behind:
        yield say("{count} 个服务进程尚在更换模型，数秒内完成。", count=len(behind))


def court_text(court: str, say: Language) -> str:
    """Return how a court is called; `*` is every one."""
    return say("全部法院") if court == EVERYWHERE else court
