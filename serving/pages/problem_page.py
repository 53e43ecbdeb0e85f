"""A problem as a person reads it: what happened, what is kept, what to do now; log-in where that is all it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from serving.access.principal import NOBODY, PRINCIPAL, Principal
from serving.door.guard import DOCUMENT, UNSENT
from serving.door.outgoing import VISIT, Visit
from serving.door.problems import ProblemError
from serving.pages.choice import language_in
from serving.pages.entering import Kept, LogIn, keep, log_in_page, onward
from serving.pages.language import Language
from serving.pages.rendering import CONTENT_SECURITY_POLICY, rendered
from serving.pages.shell import Shell, shell_of

_ENTER: Final = frozenset({"UNAUTHENTICATED", "SESSION_OVER"})


@dataclass(frozen=True, kw_only=True)
class ProblemPage:
    """What the page says; `number` is what a person reads out on the telephone, `again` what he can send once more."""

    title: str
    way_out: str
    details: tuple[str, ...]
    number: str
    code: str
    back: str
    back_text: str
    again: Kept | None = None


def problem_page(scope: Scope, error: ProblemError) -> tuple[bytes, Mapping[str, str]]:
    """Return a problem as a page, with its headers."""
    say = language_in(scope)
    headers = {"Content-Language": say.tag, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    if error.problem.code in _ENTER:
        return log_in_page(_enter(scope, error, say), say), headers
    return rendered("problem.html", _shell(scope, say), page=_page(scope, error, say)), headers


def _enter(scope: Scope, error: ProblemError, say: Language) -> LogIn:
    over = error.problem.code == "SESSION_OVER"
    message = say("登录已过期，请重新登录。") if over else say("请先登录。")
    if scope["method"] == "GET":
        return LogIn(message=message, onward=onward(scope["path"]))
    unsent: Mapping[str, str] = scope.get(UNSENT, {})
    if not unsent or scope["path"] == "/logout":
        return LogIn(message=message)
    kept = say("登录已过期，填写内容已保存，请重新登录。") if over else message
    return LogIn(message=kept, kept=keep(scope["path"], unsent))


def _shell(scope: Scope, say: Language) -> Shell:
    principal: Principal = scope.get(PRINCIPAL, NOBODY)
    return Shell(say, "") if principal.kind != "account" else shell_of(principal, say=say, path="")


def _page(scope: Scope, error: ProblemError, say: Language) -> ProblemPage:
    visit: Visit = scope[VISIT]
    problem = error.problem
    title, way_out = _words(say).get(problem.code, (say.pick(problem.zh, problem.en), ""))
    change = problem.code == "PASSWORD_CHANGE_REQUIRED"
    return ProblemPage(
        title=title,
        way_out=way_out or say.pick(problem.way_out, problem.way_out_en),
        details=() if problem.code in _ADDRESS else _details(error, say),
        number=visit.request_id,
        code=problem.code,
        back="/password" if change else "/",
        back_text=say("修改口令") if change else say("返回首页"),
        again=_again(scope, problem.code),
    )


_PASSING: Final = frozenset({"STORE_UNAVAILABLE", "RATE_LIMITED", "INTERNAL", "DEADLINE_EXCEEDED"})
"""What may be over in a minute: what was typed is worth sending again."""
_KEYED: Final = frozenset({"INTERNAL", "DEADLINE_EXCEEDED"})
"""What may have been recorded all the same: only a form with a key is offered again, which records nothing twice."""


def _again(scope: Scope, code: str) -> Kept | None:
    """Return the form that was sent, to be sent again; None where there is none, or a password is in it."""
    sent: Mapping[str, object] = scope.get(DOCUMENT, {})
    address = onward(scope["path"]) if scope["method"] == "POST" and code in _PASSING else ""
    if not address or not sent or (code in _KEYED and "key" not in sent):
        return None
    if any("password" in name or not isinstance(value, str) for name, value in sent.items()):
        return None
    csrf = scope.get(PRINCIPAL, NOBODY).csrf or str(sent.get("csrf_token", ""))
    return Kept(
        address=address,
        fields=tuple((name, str(value)) for name, value in sent.items() if name != "csrf_token"),
        csrf=csrf,
    )


def _details(error: ProblemError, say: Language) -> tuple[str, ...]:
    return tuple(str(one[say.pick("message", "message_en")]) for one in error.errors)


_ADDRESS: Final = frozenset({"PARAMETER_INVALID", "QUERY_NOT_ALLOWED", "QUERY_INVALID", "PAGE_TOKEN_INVALID"})
"""Something in the address cannot be read: it was typed, cut off, or kept from an older version."""


def _words(say: Language) -> dict[str, tuple[str, str]]:
    """Return what people read where the wording for programs would not help them."""
    address = (say("网址有误"), say("网址不完整或者已失效。请返回首页，从页面上的链接进入。"))
    return {
        **dict.fromkeys(_ADDRESS, address),
        "VALIDATION_FAILED": (say("填写有误"), say("请返回上一页，按下列提示更正后重新提交；此次未记录。")),
        "METHOD_NOT_ALLOWED": (say("此页不能直接打开"), say("请返回首页重新进入；已提交的内容不会重复提交。")),
        "IDEMPOTENCY_KEY_REUSED": (
            say("此表单已经提交过"),
            say("先前提交的内容已记录，未被更改。请重新打开该页面，核对后再作修改。"),
        ),
        "OPINION_GIVEN": (say("您已写过初步意见"), say("初步意见保留原样；最后的决定可以与之不同。")),
        "CORRECTED_BEFORE": (say("该建议已被更正"), say("请打开较新的建议，再作更正。")),
        "CASE_TAKEN": (
            say("他人正在办理"),
            say("该案他人正在办理，或者已不在待办之列。可以稍后再看，或者领取下一件。"),
        ),
        "PAYLOAD_TOO_LARGE": (say("提交的内容过大"), say("请删减后重新提交；批量案件请导入表格。")),
        "PERMISSION_DENIED": (say("您没有查看或办理的权限"), say("如需办理，请联系内勤或系统管理员。")),
        "NOT_FOUND": (say("没有找到"), say("请核对地址和编号；也可能不在您可查看的法院范围内。")),
        "PASSWORD_CHANGE_REQUIRED": (say("请先修改口令"), say("口令为初始口令或已过期，修改后即可继续。")),
        "CSRF_REFUSED": (say("页面已失效"), say("请返回上一页，刷新后重新提交；此次提交未生效。")),
        "FORM_INVALID": (say("表单无法读取"), say("此次提交未生效，请返回上一页重新填写。")),
        "INTERNAL": (say("系统出错"), say("请稍后重试，或按原流程办理，并把编号告知系统管理员。")),
        "STORE_UNAVAILABLE": (say("存储暂不可用"), say("此次提交未记录，请稍候重试；急件可先按原流程办理。")),
        "RATE_LIMITED": (say("请求过于频繁"), say("请稍候片刻再试。")),
        "DEADLINE_EXCEEDED": (say("处理超时"), say("是否已记录不明，请返回查看后再决定是否重新提交。")),
        "OPINION_FIRST": (
            say("请先写初步意见"),
            say("本院规定先由法官写初步意见，再看建议和预测；请法官在案件页面填写。"),
        ),
        "GONE": (say("内容已过保存期"), say("该记录的内容已按期限删除，只留编号与日期。")),
    }
