"""The eight questions in words: each with what can be answered, 不清楚 always among it, and why it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from serving.pages.language import Language

Kind = Literal["choice", "ticks", "day", "yuan", "consent"]
Option = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: its name, its words, and what can be answered; `optional` ones may be left."""

    name: str
    kind: Kind
    text: str
    options: tuple[Option, ...] = ()
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One page: its name in the address, its heading, its questions, and why we ask."""

    name: str
    heading: str
    why: str
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


def steps(say: Language) -> tuple[Step, ...]:
    """Return the eight steps in their order."""
    return tuple(step(say) for step in _STEPS)


def _notice(say: Language) -> Step:
    return Step(
        name="notice",
        heading=say("执前风险提示"),
        why=say("只有您同意，我们才继续。不同意的，可以直接到法院申请执行。"),
        notes=(
            say("回答八个问题，约三分钟，帮您了解何时申请、可能遇到什么、需要准备什么。"),
            say("不问姓名、证件号码和电话号码，不查询对方的任何信息，也不预测对方能否付款。"),
            say("您的回答不保存在本系统：都在页面给您的编号里，由您自己保管。"),
            say("无论结果如何，都不影响您申请执行的权利。"),
        ),
        questions=(
            Question(name="consent", kind="consent", text=say("同意"), options=(("yes", say("我已阅读，同意继续")),)),
        ),
    )


def _basis(say: Language) -> Step:
    return Step(
        name="basis",
        heading=say("您依据什么文书申请，对方应当何时履行完？"),
        why=say("申请执行的期限为两年，从这一天起算；分期履行的，从最后一期起算。"),
        questions=(
            Question(
                name="basis",
                kind="choice",
                text=say("文书种类"),
                options=(
                    ("judgment", say("法院判决、裁定")),
                    ("mediation", say("法院调解书、司法确认")),
                    ("payment_order", say("支付令")),
                    ("arbitration", say("仲裁裁决、仲裁调解书")),
                    ("notarial", say("公证债权文书")),
                    ("foreign", say("外国或者港澳台的判决、裁决")),
                    ("other", say("其他")),
                    ("unknown", say("不清楚")),
                ),
            ),
            Question(
                name="due",
                kind="day",
                text=say("文书写明的最后履行日"),
                hint=say("例：2026-03-01。写“几日内履行”的，从收到生效文书的次日起数。"),
            ),
        ),
    )


def _amount(say: Language) -> Step:
    return Step(
        name="amount",
        heading=say("您请求什么，还有多少没有履行？"),
        why=say("金额影响需要的时间；交付物品等请求另行办理。"),
        questions=(
            Question(
                name="relief",
                kind="choice",
                text=say("请求的内容"),
                options=(
                    ("money", say("金钱")),
                    ("other", say("不只金钱（交付物品、办理手续、停止行为等）")),
                    ("unknown", say("不清楚")),
                ),
            ),
            Question(name="amount", kind="yuan", text=say("大约多少元"), hint=say("取整数，例：38600")),
        ),
    )


def _debtor(say: Language) -> Step:
    return Step(
        name="debtor",
        heading=say("对方是什么人？"),
        why=say("个人和企业的财产，查找的地方不同。请勿填写姓名。"),
        questions=(
            Question(
                name="debtor",
                kind="choice",
                text=say("对方"),
                options=(
                    ("person", say("个人（含个体工商户）")),
                    ("company", say("公司或者其他企业")),
                    ("both", say("既有个人也有企业")),
                    ("other", say("其他组织")),
                    ("unknown", say("不清楚")),
                ),
            ),
        ),
    )


def _assets(say: Language) -> Step:
    return Step(
        name="assets",
        heading=say("您知道对方名下有哪些财产吗？"),
        why=say("有线索，法院查控更快。我们不会因此影响您申请执行的权利。"),
        questions=(
            Question(
                name="assets",
                kind="ticks",
                text=say("可多选；不清楚可选最后一项"),
                options=(
                    ("salary", say("工资或固定收入")),
                    ("accounts", say("银行账户、微信、支付宝")),
                    ("realty", say("房产")),
                    ("vehicle", say("车辆")),
                    ("claims", say("对外债权、股权")),
                    ("unknown", say("不清楚")),
                ),
            ),
        ),
    )


def _contact(say: Language) -> Step:
    return Step(
        name="contact",
        heading=say("您能联系上对方吗，对方付过一部分吗？"),
        why=say("能联系上、曾经付过的，督促更可能有用。"),
        questions=(
            Question(
                name="contact",
                kind="choice",
                text=say("联系"),
                options=(("yes", say("能联系上")), ("no", say("联系不上")), ("unknown", say("不清楚"))),
            ),
            Question(
                name="paid",
                kind="choice",
                text=say("文书生效后付款"),
                options=(("none", say("没有付过")), ("some", say("付过一部分")), ("unknown", say("不清楚"))),
            ),
        ),
    )


def _preserved(say: Language) -> Step:
    return Step(
        name="preservation",
        heading=say("对方的财产保全过吗？"),
        why=say("保全有期限，执前保全还要求在履行期满后五日内申请执行，过期会解除。"),
        questions=(
            Question(
                name="preserved",
                kind="choice",
                text=say("保全"),
                options=(
                    ("none", say("没有")),
                    ("in_trial", say("起诉前或者诉讼、仲裁中保全过")),
                    ("before_enforcement", say("文书生效后、申请执行前保全过（执前保全）")),
                    ("unknown", say("不清楚")),
                ),
            ),
            Question(
                name="expiry",
                kind="day",
                text=say("最早到期日"),
                hint=say("没有保全或者不清楚的，可不填。"),
                optional=True,
            ),
        ),
    )


def _urging(say: Language) -> Step:
    return Step(
        name="urging",
        heading=say("立案前先由法院督促对方履行，您愿意吗？"),
        why=say(
            "督促期由执行法院告知，至多一个月；期满未付的自动立案，收到申请的时间按您提交之日算。您可以随时撤回同意。"
        ),
        questions=(
            Question(
                name="urging",
                kind="choice",
                text=say("先行督促"),
                options=(("yes", say("愿意")), ("no", say("不愿意，直接立案")), ("undecided", say("还没想好"))),
            ),
        ),
    )


_STEPS: Final[tuple[Callable[[Language], Step], ...]] = (
    _notice, _basis, _amount, _debtor, _assets, _contact, _preserved, _urging,
)  # fmt: skip
NAMES: Final = ("notice", "basis", "amount", "debtor", "assets", "contact", "preservation", "urging")
"""The steps as addresses name them, in their order."""
