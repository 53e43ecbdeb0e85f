"""A problem as the applicant reads it: what happened and where to go on; nothing of the court's own pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from serving.door.outgoing import VISIT, Visit
from serving.door.problems import ProblemError
from serving.pages.choice import language_in
from serving.pages.language import Language
from serving.pages.rendering import CONTENT_SECURITY_POLICY, rendered
from serving.pages.shell import Shell


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What the page says; `number` is what a person reads out on the telephone."""

    title: str
    way_out: str
    number: str


def refusal_page(scope: Scope, error: ProblemError) -> tuple[bytes, Mapping[str, str]]:
    """Return a problem as a page of the applicant's form, with its headers."""
    say, visit = language_in(scope), _visit(scope)
    title, way_out = _words(error, say)
    headers = {"Content-Language": say.tag, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    page = Refusal(title=title, way_out=way_out, number=visit.request_id)
    return rendered("applicant/problem.html", Shell(say, "/apply"), page=page), headers


def _visit(scope: Scope) -> Visit:
    visit: Visit = scope[VISIT]
    return visit


def _words(error: ProblemError, say: Language) -> tuple[str, str]:
    return {
        "NOT_FOUND": (say("没有找到"), say("请从首页开始。")),
        "RATE_LIMITED": (say("请求过于频繁"), say("请稍候片刻再试。")),
        "QUERY_INVALID": (say("编号无法识别"), say("请返回首页，重新输入编号，或者重新填写。")),
    }.get(
        error.problem.code,
        (say("没有完成"), say("请返回首页重试；一直不行的，可以直接到法院申请执行，或者拨打 12368。")),
    )
