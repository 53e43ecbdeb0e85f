"""The whole case page as one value: everything on it comes from stored records, nothing is scored on view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from features.clock import SHANGHAI
from features.register import Register, Stage
from models.abstention import Abstain, missing_keys
from serving.access.actions import Action
from serving.access.principal import Principal
from serving.pages import formats
from serving.pages.case.deadlines import DeadlineLine, deadlines_of
from serving.pages.case.decision import Decided, DecisionForm, Sent, decided_of, form_of
from serving.pages.case.facts import Fact, facts_of
from serving.pages.case.history import Event, Named, history_of
from serving.pages.case.known import missing_words
from serving.pages.case.lanes import advised_words
from serving.pages.case.reasons import ReasonTable, tables_of
from serving.pages.case.rules import RuleBlock, rules_of
from serving.pages.case.scores import ScorePanel, panels_of, sentences_of
from serving.pages.case.send_back import barred_of
from serving.pages.case.similar import SimilarBlock, similar_of
from serving.pages.case.since import closed_of, converted_of, fast_over_of, newer_of, newer_words, stale_of
from serving.pages.language import Language
from serving.pages.model_state import ModelState, banner_of
from serving.pages.reviews.standing import ReviewNote, is_over, note_of
from serving.record.case_files import CaseFile

_DIGITS: Final = 12


@dataclass(frozen=True, kw_only=True)
class Advised:
    """What was advised; `hidden` says in words why it is not shown yet, and is empty where it is."""

    hidden: str
    route: str
    text: str
    confidence: str
    confidence_text: str
    made: str
    flags: tuple[str, ...]
    priority: str


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The predictions, or the way to them where they are not shown at once, or why there are none."""

    on_request: bool
    opinion_first: bool
    off: bool
    panels: tuple[ScorePanel, ...]
    sentences: tuple[str, ...]
    tables: tuple[ReasonTable, ...]
    withheld: tuple[str, ...]
    rules_only: str
    unseen: str

    @property
    def hidden(self) -> bool:
        """Whether the reader has to do something to see them."""
        return self.on_request or self.opinion_first or self.off


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """Everything on the page."""

    id: str
    application: str
    court: str
    court_name: str
    stage: str
    provisional: bool
    simulated: bool
    facts: tuple[Fact, ...]
    deadlines: tuple[DeadlineLine, ...]
    warnings: tuple[str, ...]
    lacking: str
    newer: str
    holder: str
    claimable: bool
    may_release: bool
    before: str
    after: str
    advised: Advised
    rules: RuleBlock
    predictions: Predictions
    flips: tuple[tuple[str, str, str], ...]
    similar: SimilarBlock
    history: tuple[Event, ...]
    decided: Decided | None
    form: DecisionForm
    may_decide: bool
    may_correct: bool
    may_send_back: bool
    may_ask_review: bool
    reviews: tuple[ReviewNote, ...]
    newer_words: str
    converted: str
    closed: str
    no_model: str
    stale: str
    fast_over: str
    may_file: bool
    notice: str
    versions: tuple[tuple[str, str], ...]

    @property
    def told_first(self) -> tuple[str, ...]:
        """What the sheet says of the state of the case before anything is advised."""
        return tuple(text for text in (self.no_model, self.stale, self.fast_over, self.closed) if text)

    @property
    def goes_on(self) -> bool:
        """Whether it is decided, and the reader may take the next case from here."""
        return self.decided is not None and self.may_decide

    @property
    def may_claim(self) -> bool:
        """Whether the reader may take the case: it waits, and nobody is at it."""
        return self.claimable and self.may_decide

    @property
    def settled(self) -> str:
        """How things stand, in one word for the head of the page."""
        return "" if self.decided is None else self.decided.text

    @property
    def wrong(self) -> bool:
        """Whether something that was sent in has to be put right."""
        return bool(self.form.faults) or bool(self.form.conflict)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads the page: in which language, how others are called, and the key for what he sends in."""

    principal: Principal
    say: Language
    named: Named
    key: str
    model: ModelState


def case_page(found: CaseFile, sent: Sent, *, reader: Reader, register: Register) -> CasePage:
    """Return the page of a file."""
    answer, say = found.answer, reader.say
    deciding = answer["advice"].get("deciding_rule")
    return CasePage(
        id=answer["id"],
        application=answer["application_id"],
        court=answer["court_code"],
        court_name=found.court_name,
        stage=say("立案前") if answer["stage"] == "A" else say("首次查控后"),
        provisional=answer["provisional"],
        simulated=answer["simulated"],
        facts=facts_of(found.facts, answer["stage"], register, say),
        deadlines=deadlines_of(answer["deadlines"], found.at.date(), say),
        warnings=tuple(say.pick(one["text"], one["text_en"]) for one in answer["warnings"]),
        lacking=_lacking(found, register, say),
        newer=newer_of(found),
        holder=_holder(found, reader),
        may_release=found.holder is not None and found.holder["claimed_by"] == reader.principal.actor,
        claimable=found.holder is None
        and found.file.standing is None
        and not newer_of(found)
        and not found.file.closed,
        before=found.beside.before,
        after=found.beside.after,
        advised=_advised(answer, say),
        rules=rules_of(answer["rules"], deciding, say),
        predictions=_predictions(found, reader, register),
        flips=tuple(_flip(one, answer["stage"], say) for one in answer["flips"]),
        similar=similar_of(found, reader.principal.actor, say),
        history=history_of(found, reader.named, say),
        decided=decided_of(found, reader.principal.actor, reader.named, say),
        form=form_of(found, sent, reader.key, reader.named, say),
        may_decide=reader.principal.may(Action.DECISION_CREATE),
        may_correct=reader.principal.may(Action.PERSON_CORRECT),
        may_send_back=reader.principal.may(Action.COMPLETION_ASK) and not barred_of(found, say),
        may_ask_review=reader.principal.may(Action.REVIEW_REQUEST),
        reviews=_reviews(found, reader),
        newer_words=newer_words(found, say),
        converted=converted_of(found, say),
        closed=closed_of(found, say),
        no_model=banner_of(answer, reader.model, say),
        stale=stale_of(found, say),
        fast_over=fast_over_of(found, say),
        may_file=found.waits_for_filing and reader.principal.may(Action.OUTCOME_CREATE),
        notice=say.pick(answer["notice"], answer["notice_en"]),
        versions=_versions(answer, say),
    )


def _reviews(found: CaseFile, reader: Reader) -> tuple[ReviewNote, ...]:
    """Return the requests for a human review that are not done with, for those who have a part in them."""
    if not reader.principal.may(Action.REVIEW_REQUEST):
        return ()
    today = found.at.astimezone(SHANGHAI).date()
    return tuple(note_of(row, today, reader.named, reader.say) for row in found.reviews if not is_over(row))


def _lacking(found: CaseFile, register: Register, say: Language) -> str:
    """Return which facts were not to be had, each with the reason; empty where none is told to be missing."""
    told = [
        say("{name}（{why}）", name=say.pick(register[name].zh, register[name].en), why=missing_words(why, say))
        for name, why in found.missing.items()
        if name in register and why in {"not_provided", "not_asked"}
    ]
    return say("未取得、按未知处理的信息：{names}。", names=say.listed(told)) if told else ""


def _holder(found: CaseFile, reader: Reader) -> str:
    held = found.holder
    if held is None or found.file.standing is not None:
        return ""
    until = formats.instant(held["claimed_until"])[-5:]
    if held["claimed_by"] == reader.principal.actor:
        return reader.say("您已领取，至 {until} 有效。", until=until)
    return reader.say("{who}办理中，至 {until}", who=reader.named(held["claimed_by"]), until=until)


def _advised(answer: Mapping[str, Any], say: Language) -> Advised:
    advice = answer["advice"]
    if "route" not in advice:
        why = _not_yet(answer["hidden"]["mode"], say)
        return Advised(hidden=why, route="", text="", confidence="", confidence_text="", made="", flags=(), priority="")
    return Advised(
        hidden="",
        route=advice["route"] or "none",
        text=advised_words(advice["route"], answer["stage"], say),
        confidence={"high": say("较高"), "medium": say("中等"), "low": say("较低")}[advice["confidence"]],
        confidence_text=say.pick(advice["confidence_text"], advice["confidence_text_en"]),
        made=_made(advice["decided_by"], say),
        flags=tuple(say.pick(flag["text"], flag["text_en"]) for flag in advice["flags"]),
        priority="" if advice["priority"]["rule"] is None else say.pick(*_pair(advice["priority"])),
    )


def _not_yet(mode: str, say: Language) -> str:
    return {
        "commit_first": say("本院规定先写初步意见，再看建议和预测。规则、期限和数据提示不受影响，列明如下。"),
        "on_request": say("规则未确定去向，建议由模型参考预测提出，与预测一并查看。规则、期限和数据提示列明如下。"),
        "off": say("您已关闭预测，模型提出的建议不显示。规则、期限和数据提示列明如下。"),
    }[mode]


def _pair(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["text"], one["text_en"]


def _made(decided_by: str, say: Language) -> str:
    return {
        "rule": say("由规则提出，与分值无关。"),
        "model": say("规则不妨碍，参考预测提出。"),
        "none": say("规则与模型均未确定，由法官确定。"),
    }[decided_by]


def _predictions(found: CaseFile, reader: Reader, register: Register) -> Predictions:
    answer, say = found.answer, reader.say
    mine = [row for row in found.marks if row["kind"] == "reason" and row["by"] == reader.principal.actor]
    degraded, mode = answer["degraded_reason"], answer.get("hidden", {}).get("mode", "")
    panels = panels_of(answer, say)
    headings = {name: panel.heading for name, panel in zip(_chances(answer), panels, strict=True)}
    return Predictions(
        on_request=mode == "on_request" and not _nothing(answer),
        opinion_first=mode == "commit_first",
        off=mode == "off",
        panels=panels,
        sentences=sentences_of(answer, say),
        tables=tables_of(answer, headings, frozenset(row["subject"] for row in mine), say),
        withheld=tuple(_withheld(one, found, register, say) for one in answer.get("abstain_reasons", ())),
        rules_only=_rules_only(degraded, answer, say),
        unseen=_unseen(found, say),
    )


def _unseen(found: CaseFile, say: Language) -> str:
    """Return what a sheet says of predictions that are not on it: others may have looked though its reader did not."""
    if any(found.file.views):
        return say("打印本表的人未查看预测，预测和理由不列入本表；他人查看的情况见第六部分。")
    return say("承办法官未查看预测。")


def _nothing(answer: Mapping[str, Any]) -> bool:
    """Whether there is no prediction at all to be looked at."""
    return answer["mode"] == "rules" or bool(answer.get("abstain_reasons"))


def _withheld(reason: Mapping[str, Any], found: CaseFile, register: Register, say: Language) -> str:
    """Return why no score was given; missing facts are named, so that somebody can add them."""
    missing = [register[name] for name in missing_keys(found.facts, Stage(found.answer["stage"]))]
    if reason["code"] != Abstain.KEY_FIELD_MISSING or not missing:
        return say.pick(*_pair(reason))
    names = say.listed([say.pick(field.zh, field.en) for field in missing])
    return say("缺少 {count} 项关键信息（{names}）", count=len(missing), names=names)


def _chances(answer: Mapping[str, Any]) -> list[str]:
    return [name for name, score in answer.get("scores", {}).items() if score["kind"] == "probability"]


def _rules_only(degraded: Mapping[str, Any] | None, answer: Mapping[str, Any], say: Language) -> str:
    if degraded is not None:
        return say.pick(*_pair(degraded))
    return say("模型未参与，以下仅为规则判断，不影响立案。") if answer["mode"] == "rules" else ""


def _flip(one: Mapping[str, Any], stage: str, say: Language) -> tuple[str, str, str]:
    return say.pick(one["when"], one["when_en"]), one["route"] or "none", advised_words(one["route"], stage, say)


def _versions(answer: Mapping[str, Any], say: Language) -> tuple[tuple[str, str], ...]:
    versions = answer["versions"]
    model = versions["model"]
    shown = say("未使用") if model is None else _with_digest(model, versions["model_sha256"], say)
    return (
        (say("建议编号"), answer["id"]),
        (say("评分时间"), formats.instant(answer["created_at"])),
        (say("信息截至"), formats.instant(answer["as_of"])),
        (say("有效期至"), formats.instant(answer["expires_at"])),
        (say("模型"), shown),
        (say("规则"), _with_digest(versions["ruleset"], versions["ruleset_sha256"], say)),
        (say("输入摘要"), answer["input_sha256"][:_DIGITS]),
    )


def _with_digest(name: str, sha256: str, say: Language) -> str:
    return name + say.pick(f"（{sha256[:_DIGITS]}）", f" ({sha256[:_DIGITS]})")
