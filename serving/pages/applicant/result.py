"""The result page: the application can be made, by when, what may make it slow, what to do, which papers to bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from serving.pages import formats
from serving.pages.language import Language
from serving.statement.answers import Answers
from serving.statement.outlook import Level, Outlook, Standing

HOTLINE: Final = "12368"


@dataclass(frozen=True, kw_only=True)
class ResultPage:
    """What the applicant reads, keeps and brings along."""

    headline: str
    deadlines: tuple[str, ...]
    level: str
    reasons: tuple[str, ...]
    ways: tuple[str, ...]
    papers: tuple[str, ...]
    code: str
    version: str
    stale: bool
    made_on: str


def result_page(answers: Answers, found: Outlook, code: str, say: Language, *, made_on: str) -> ResultPage:
    """Return the page; it never says that somebody may not apply, and nothing of the other side but what was said."""
    return ResultPage(
        headline=_headline(found, answers, say),
        deadlines=tuple(_deadlines(found, answers, say)),
        level={Level.LOW: say("低"), Level.MEDIUM: say("中"), Level.HIGH: say("高")}[found.level],
        reasons=tuple(say.pick(reason.zh, reason.en) for reason in found.reasons),
        ways=tuple(_ways(answers, say)),
        papers=tuple(_papers(answers, say)),
        code=code,
        version=found.version,
        stale=found.stale,
        made_on=made_on,
    )


def _headline(found: Outlook, answers: Answers, say: Language) -> str:
    day = formats.day(answers.due, say)
    return {
        Standing.NOW: say("可以直接申请执行"),
        Standing.NOT_YET: say("{day} 履行期满后，对方没有履行的，可以申请执行", day=day),
        Standing.LATE: say("仍可申请执行；已超过两年，对方可能提出异议"),
        Standing.FOREIGN: say("先向有管辖权的中级人民法院申请承认（认可），承认后可以申请执行"),
    }[found.standing]


def _deadlines(found: Outlook, answers: Answers, say: Language) -> Iterator[str]:
    yield from _for_applying(found, say)
    yield from _for_preserved(found, answers, say)


def _for_applying(found: Outlook, say: Language) -> Iterator[str]:
    if found.until is None:
        yield say("履行期满日未知：申请执行的期限为两年（民事诉讼法第 250 条），请对照文书核实。")
    elif found.standing is not Standing.LATE:
        yield say("最迟 {day} 申请（两年时效，民事诉讼法第 250 条）", day=formats.day(found.until, say))
    else:
        day = formats.day(found.until, say)
        yield say("两年于 {day} 届满；有中止、中断事由的，请带上证明材料。", day=day)


def _for_preserved(found: Outlook, answers: Answers, say: Language) -> Iterator[str]:
    if found.released:
        day = formats.day(found.release_on, say)
        yield say("执前保全：应在 {day} 前申请执行，现已超过，保全可能已解除，请尽快向法院核实。", day=day)
    elif found.release_on is not None:
        day = formats.day(found.release_on, say)
        yield say("执前保全：请最迟于 {day} 申请执行，否则保全将解除（民事诉讼法解释第 163 条）。", day=day)
    elif answers.preserved == "before_enforcement":
        yield say("执前保全：请在履行期满后五日内申请执行，否则保全将解除（民事诉讼法解释第 163 条）。")
    if found.expired:
        yield say("保全已于 {day} 到期：请尽快向法院核实是否已经续行。", day=formats.day(answers.expiry, say))
    elif answers.expiry is not None:
        yield say("保全 {day} 到期：请在到期前申请续行保全。", day=formats.day(answers.expiry, say))


def _ways(answers: Answers, say: Language) -> Iterator[str]:
    yield say("直接申请执行：到执行法院立案窗口或者网上立案。")
    if answers.preserved == "before_enforcement":
        yield say("有执前保全的，不宜先行督促，请尽快申请执行。")
    elif answers.urging == "no":
        yield say("您已表示不先行督促；改变主意的，可以在窗口提出。")
    else:
        yield say("同意先督促：督促期由执行法院告知，至多一个月；期满未付，自动立案；收到申请的时间按您提交之日算。")
    yield say("补充财产线索：越具体越好，例如开户银行、车牌、房屋坐落。")


def _papers(answers: Answers, say: Language) -> Iterator[str]:
    yield say("申请执行书")
    yield {
        "arbitration": say("仲裁裁决书或者仲裁调解书、送达证明"),
        "notarial": say("公证债权文书、执行证书"),
        "foreign": say("承认（认可）裁定、原判决或者裁决及其译本"),
    }.get(answers.basis, say("生效的法律文书、生效证明"))
    yield say("身份证明；单位的，营业执照和法定代表人证明")
    yield say("财产线索（如有）")
    yield say("收款账户和送达地址确认书；委托他人的，授权委托书")
