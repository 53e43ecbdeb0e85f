"""申请人自述 at the court's window: what an applicant has answered, read from his code, and a fact of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from serving.pages import formats
from serving.pages.applicant.questions import Question, steps
from serving.pages.language import Language
from serving.statement import Answers


@dataclass(frozen=True)
class AnswerLine:
    """One question and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """The page: the code that was typed, what is wrong with it, and the answers that it holds."""

    code: str = ""
    fault: str = ""
    started: str = ""
    lines: tuple[AnswerLine, ...] = ()


def statement_page(answers: Answers, code: str, say: Language) -> StatementPage:
    """Return the page of a statement; a question that was not answered says so."""
    return StatementPage(code=code, started=formats.day(answers.started, say), lines=tuple(_lines(answers, say)))


def _lines(answers: Answers, say: Language) -> Iterator[AnswerLine]:
    for step in steps(say):
        for question in step.questions:
            if question.kind != "consent":
                yield AnswerLine(_words(question, step.heading), _answer(answers, question, say))


def _words(question: Question, heading: str) -> str:
    """Return what was asked; ticks are asked by the heading of their page."""
    return heading if question.kind == "ticks" else question.text


def _answer(answers: Answers, question: Question, say: Language) -> str:
    if question.kind == "ticks":
        known = [text for code, text in question.options if code in answers.assets]
        unknown = say("不清楚") if answers.assets_asked else say("未回答")
        return say.listed(known) or unknown
    given = getattr(answers, question.name)
    if question.kind == "day":
        return formats.day(given, say)
    if question.kind == "yuan":
        return say("未知") if given is None else formats.money(str(given), say)
    return dict(question.options).get(given, say("未回答"))
