"""Putting a bundle in service as people see it: what waits, who has signed, what may be asked for, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from models.bundle.promotion_requests import Waiting
from models.promotion.refusal import PromotionError
from serving.access.actions import Action
from serving.access.principal import Principal
from serving.control.promotable import Candidate, Promotable
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.language import Language
from serving.pages.models.head import signer_words

_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class WaitingCard:
    """One request: what it would change, who signed and why, how it stands, and what this reader may do."""

    id: str
    bundle: str
    base: str
    opened: str
    signed: str
    reasons: tuple[str, ...]
    hour: str
    state: str
    simulated: bool
    may_sign: bool
    may_decline: bool
    own: bool
    reason: str
    fault: str

    @property
    def anchor(self) -> str:
        """How the fields of its form are called."""
        return anchor_of(self.id)


@dataclass(frozen=True, kw_only=True)
class CandidateLine:
    """One bundle that does not answer: its gates, and whether it may be asked for or what stands against it."""

    value: str
    name: str
    note: str
    gates: str
    unripe: str
    refusal: str
    simulated: bool
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PromotionFault:
    """Something wrong with what was sent in: the field it is about, and what to do."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PromotionBlock:
    """The block; `faults` stand at its head, those of one request beside its form as well."""

    sentence: str
    waiting: tuple[WaitingCard, ...]
    candidates: tuple[CandidateLine, ...]
    may_ask: bool
    ask_label: str
    may_roll_back: bool
    earlier: str
    base: str
    reason: str
    hour: str
    demo: bool
    demo_asked: bool
    back_reason: str
    faults: tuple[PromotionFault, ...]

    @property
    def allowed(self) -> tuple[CandidateLine, ...]:
        """The bundles that may be asked for."""
        return tuple(one for one in self.candidates if not one.refusal)

    @property
    def refused(self) -> tuple[CandidateLine, ...]:
        """The bundles that may not."""
        return tuple(one for one in self.candidates if one.refusal)


@dataclass(frozen=True, kw_only=True)
class SentStep:
    """What somebody sent in (`form`: ask, back or the id of a request), and what stood against it; nothing at first."""

    form: str = ""
    values: Mapping[str, object]
    problem: ProblemError | None = None
    refusal: PromotionError | None = None


NOTHING_ASKED = SentStep(values={})


@dataclass(frozen=True)
class Viewer:
    """Who looks at it, when, in which language."""

    reader: Principal
    now: datetime
    say: Language


def promotion_of(found: Promotable, waiting: tuple[Waiting, ...], sent: SentStep, viewer: Viewer) -> PromotionBlock:
    """Return the block as this reader sees it."""
    reader, say = viewer.reader, viewer.say
    asked, back = (sent.values if sent.form == form else {} for form in ("ask", "back"))
    faults = tuple(_faults(sent, say))
    open_ = frozenset(one.sha256 for one in waiting if one.base == found.base)
    candidates = tuple(_candidate(one, asked, open_, say) for one in found.candidates)
    return PromotionBlock(
        sentence=_sentence(found, say),
        waiting=tuple(_card(one, found, sent, faults, viewer) for one in waiting),
        candidates=candidates,
        may_ask=found.fault is None and reader.may(Action.MODEL_REQUEST),
        ask_label=_ask_label(found, say),
        may_roll_back=found.fault is None and reader.may(Action.MODEL_ROLLBACK) and found.earlier is not None,
        earlier=found.earlier or "",
        base=found.base or "",
        reason=str(asked.get("reason", "")),
        hour=str(asked.get("hour", "")),
        demo=any(one.simulated and not one.refusal for one in candidates),
        demo_asked="demo" in asked,
        back_reason=str(back.get("reason", "")),
        faults=faults,
    )


def anchor_of(sha256: str) -> str:
    """Return how the fields of a request's form are called."""
    return f"r{sha256[:_DIGITS]}"


def _sentence(found: Promotable, say: Language) -> str:
    if found.fault is not None:
        return say.pick(found.fault.zh, found.fault.en)
    gates = say("评估时的关口和本院关口均须通过，签齐后自动核验，再行启用。")
    if found.policy.signatures > 1:
        return say.pick("", " ").join((say("上线须由两名不同的人签批：提出人和一名院领导。"), gates))
    return say.pick("", " ").join((say("上线须由院领导签批；由建模人员提出的，另须一名院领导签批。"), gates))


def _ask_label(found: Promotable, say: Language) -> str:
    return say("提交上线申请：需 2 人签批") if found.policy.signatures > 1 else say("提交上线申请")


def _card(
    one: Waiting, found: Promotable, sent: SentStep, faults: tuple[PromotionFault, ...], viewer: Viewer
) -> WaitingCard:
    reader, say = viewer.reader, viewer.say
    own = any(signature.account == reader.owner for signature in one.signatures)
    stale, lapsed = one.base != found.base, one.lapsed(viewer.now, days=found.policy.days)
    full = one.signed(found.policy.signatures)
    mine = sent.form == one.sha256
    return WaitingCard(
        id=one.sha256,
        bundle=f"{one.folder.name} {one.sha256[:_DIGITS]}",
        base=one.base or say("无"),
        opened=formats.instant(one.signatures[0].at),
        signed=say.listed(signer_words(each.by, each.account, say) for each in one.signatures),
        reasons=tuple(f"{each.by}：{each.reason}" for each in one.signatures),
        hour=say("签齐即发布") if one.not_before is None else formats.instant(one.not_before),
        state=_state(say, stale=stale, lapsed=lapsed and not full, full=full),
        simulated=one.demo,
        may_sign=not (own or stale or lapsed or full) and reader.may(Action.MODEL_SIGN),
        may_decline=reader.may(Action.MODEL_REQUEST),
        own=own,
        reason=str(sent.values.get("reason", "")) if mine else "",
        fault=" ".join(fault.text for fault in faults) if mine else "",
    )


def _state(say: Language, *, stale: bool, lapsed: bool, full: bool) -> str:
    if stale:
        return say("已失效：提出之后现用模型包已变，须重新比较、重新提出")
    if lapsed:
        return say("已失效：逾期未签批，须重新提出")
    return say("已签齐，待生效时间到") if full else say("待另一人签批")


def _candidate(one: Candidate, asked: Mapping[str, object], open_: AbstractSet[str], say: Language) -> CandidateLine:
    kept = one.bundle
    notes = [say("有效期至 {day}", day=kept.valid_until)]
    notes += [say("正在并行评分")] if kept.shadow else []
    notes += [say("模拟数据")] if kept.simulated else []
    return CandidateLine(
        value=kept.name,
        name=f"{kept.name} {kept.sha256[:_DIGITS]}",
        note=say.pick("，", ", ").join(notes),
        gates=_gates(one, say),
        unripe=say.apart(
            say("{days} 日未到、结果未定 {n} 件", days=days, n=f"{n:,}") for days, n in sorted(one.unripe.items())
        ),
        refusal=_against(one, open_, say),
        simulated=kept.simulated,
        chosen=asked.get("bundle") == kept.name,
    )


def _against(one: Candidate, open_: AbstractSet[str], say: Language) -> str:
    """Return what stands against asking for a bundle; empty where nothing does."""
    if one.refusal is not None:
        return _refused(one.refusal, say)
    return say("已提出申请，待签批。") if one.bundle.sha256 in open_ else ""


def _gates(one: Candidate, say: Language) -> str:
    if not one.gates:
        return "--"
    failed = [gate for gate in one.gates if not gate["passed"]]
    return (
        say("未通过 {failed}/{n} 项", failed=len(failed), n=len(one.gates))
        if failed
        else say("{n} 项均通过", n=len(one.gates))
    )


def _faults(sent: SentStep, say: Language) -> Iterator[PromotionFault]:
    anchor = {"ask": "ask-", "back": "back-"}.get(sent.form) or f"{anchor_of(sent.form)}-"
    if sent.refusal is not None:
        yield PromotionFault(field=f"{anchor}reason", text=_refused(sent.refusal, say))
    if sent.problem is None:
        return
    words = {
        "bundle": say("请选择要上线的模型包"),
        "reason": say("请写明理由，1 至 500 字"),
        "hour": say("生效时间须为今后的时间，如 2026-12-01T08:30"),
        "demo": say("请勾选确认只作演示"),
    }
    wrong = [str(one["pointer"]).strip("/") for one in sent.problem.errors]
    known = [PromotionFault(field=f"{anchor}{name}", text=words[name]) for name in words if name in wrong]
    yield from known or [PromotionFault(field=f"{anchor}reason", text=say("提交的内容不完整，请重新填写"))]


def _refused(error: PromotionError, say: Language) -> str:
    """Return why in words, with what to do about it where that is not plain."""
    hints = {
        "CHAMPION_CHANGED": say("本页打开之后现用模型包已变，请核对后重新提出。"),
        "REQUEST_OPEN": say("请在待签批处签批，不必重复提出。"),
        "SAME_SIGNER": say("须由另一人签批。"),
        "LOCKED": say("他人正在办理，请稍候再提交。"),
        "NOT_EVALUATED": say("先用 fenliu evaluate 评估。"),
        "NO_REQUEST": say("可能已由他人办理，请看上线记录。"),
        "NEEDS_APPROVAL": say("只作演示的，请勾选确认；否则须以本院历史数据训练。"),
        "UNSIGNED": say("由签名人用 fenliu-serve models sign 签名。"),
    }
    said = say.pick(f"{error.zh.removesuffix('。')}。", f"{error.en.removesuffix('.')}.")
    return say.pick("", " ").join(part for part in (said, hints.get(error.code, "")) if part)
