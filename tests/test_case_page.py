"""The case page: what is on it stands in the record, what the court hides stays hidden, and a decision is one form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from markupsafe import escape

from serving.access.principal import Principal
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.record.court_settings import ReviewMode
from tests.builders_case import ABSENT, NOW, case_document, stage_b_document
from tests.builders_pages import Courthouse, hidden, person, read
from tests.builders_replay import OPERATOR
from tests.builders_serving import client, opened

pytestmark = pytest.mark.anyio

LI = person("li.ming", Role.JUDGE)
ZHAO = person("zhao.min", Role.JUDGE)
EXPLAINED = {"explain": {"reasons": 5, "flips": 3}}
XSS = "<script>alert(1)</script>\"'=cmd|' /C calc'!A0"


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path, with_model: Standing) -> Courthouse:
    """Return a court with a model."""
    return Courthouse(tmp_path, opened(tmp_path), with_model)


async def page_of(court: Courthouse, advice_id: str, who: Principal = LI, **query: str) -> httpx.Response:
    """Open a case page."""
    async with client(court.app(who)) as caller:
        return await caller.get(f"/cases/{advice_id}", params=query)


async def sent(court: Courthouse, path: str, who: Principal = LI, **fields: str) -> httpx.Response:
    """Send in a form."""
    async with client(court.app(who)) as caller:
        return await caller.post(path, data={"csrf_token": "", **fields})


def stored(court: Courthouse, advice_id: str) -> dict[str, Any]:
    """Return the answer on record."""
    found = court.office().record.viewing.advice.get(advice_id, origin=OPERATOR, at=court.clock())
    assert found is not None
    answer: dict[str, Any] = json.loads(found.answer)
    return answer


async def test_prints_are_headed_by_the_name_of_the_court(court: Courthouse) -> None:
    """Sheet, receipt, the parties' sheet and the page itself, beside the case; by its code while none is set."""
    court.mode(ReviewMode.OPEN)
    advice_id = court.score(case_document())
    paths = [f"/cases/{advice_id}{which}" for which in ("", "/sheet", "/receipt", "/party-sheet")]
    async with client(court.app(LI)) as caller:
        for path in paths:
            assert 'data-running="浙1022　SQ20261120-0187"' in (await caller.get(path)).text
        settings, named = court.office().record.settings, {"court_name": "三门县人民法院"}
        settings.set("浙1022", named, "测试", unchanged=lambda _: True, origin=OPERATOR)
        for path in paths:
            assert 'data-running="三门县人民法院　SQ20261120-0187"' in (await caller.get(path)).text


async def test_the_page_says_what_the_record_says(court: Courthouse) -> None:
    """Deadlines, rules with articles, both predictions with range and n, reasons that add up, versions."""
    court.mode(ReviewMode.OPEN)
    advice_id = court.score(case_document(**EXPLAINED))
    answer, text = stored(court, advice_id), read((await page_of(court, advice_id)).text)
    for part in ("deadlines", "rules", "warnings", "flips"):
        assert [one for one in answer[part] if one.get("text", one.get("when")) not in text] == [], part
    assert [rule["basis"] for rule in answer["rules"] if rule["basis"] not in text] == []
    assert [score["text"] for score in answer["scores"].values() if score["text"] not in text] == []
    for one in answer["explanations"].values():
        effects = sum(reason["effect_per_100"] for reason in one["reasons"])
        assert one["court_average_per_100"] + effects + one["rest_per_100"] == one["per_100"]
        assert f"= {one['per_100']}" in text
    assert answer["versions"]["model"] in text
    assert answer["input_sha256"][:12] in text


async def test_what_the_court_entered_as_livelihood_holds_and_is_told(court: Courthouse) -> None:
    """A loan by its cause; the page and the queue put it first, say whose word that is and warn of the difference."""
    advice_id = court.score(case_document(livelihood="labour_pay"))
    page, english = [read((await page_of(court, advice_id, **query)).text) for query in ({}, {"lang": "en"})]
    assert "登记的涉民生类别与案由不同，以登记为准，按涉民生优先办理" in page
    assert "what was entered holds and comes first" in english
    assert re.search(r"涉民生案件（劳动报酬），应即立案，优先办理 .{0,40}本院登记", page)
    assert stored(court, advice_id)["advice"]["priority"]["text"] == "涉民生案件优先"


async def test_the_parts_keep_their_order_whatever_is_missing(court: Courthouse, with_rules: Standing) -> None:
    """With a model, by rules alone, after filing."""
    alone = replace(court, standing=with_rules)
    pages = [
        (await page_of(court, court.score(case_document(**EXPLAINED)))).text,
        (await page_of(court, court.score(stage_b_document()))).text,
        (await page_of(alone, alone.score(case_document()))).text,
    ]
    heads = [re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page) for page in pages]
    assert all(head[1:3] == ["期限", "数据提示"] or "数据提示" in head[2] for head in heads)
    assert [[head[0] for head in found[3:]] for found in heads] == [list("一二三四五六七")] * 3


async def test_rules_alone_show_no_number_and_say_why(court: Courthouse, with_rules: Standing) -> None:
    """No model, no dots, no reasons; the law stands as ever."""
    alone = replace(court, standing=with_rules)
    page = (await page_of(alone, alone.score(case_document()))).text
    assert "<circle" not in page
    assert "模型" in read(page)
    assert "民事诉讼法" in page


@pytest.mark.parametrize("mode", [ReviewMode.ON_REQUEST, ReviewMode.COMMIT_FIRST])
async def test_predictions_stay_hidden_until_the_court_s_way_is_gone(court: Courthouse, mode: ReviewMode) -> None:
    """No count, no reason, no rule that repeats a prediction; a look or an opinion opens them and is in the history."""
    court.mode(mode)
    advice_id = court.score(case_document(**EXPLAINED))
    before = (await page_of(court, advice_id)).text
    assert "<circle" not in before
    assert "100 件" not in before
    way = "reveal" if mode is ReviewMode.ON_REQUEST else "opinion"
    fields = {} if way == "reveal" else {"lane": "fast"}
    answer = await sent(court, f"/cases/{advice_id}/{way}", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{advice_id}#scores")
    after = (await page_of(court, advice_id)).text
    assert "<circle" in after
    assert ("查看了预测" if way == "reveal" else "写下初步意见") in read(after)
    assert "<circle" not in (await page_of(court, advice_id, ZHAO)).text


async def test_facts_that_could_not_be_had_are_told_beside_the_data_warnings(court: Courthouse) -> None:
    """Unknown is not a page without problems; what does not apply is not missing."""
    whole = case_document()
    case = {name: value for name, value in whole["case"].items() if name != "claim_amount"}
    advice_id = court.score({**whole, "case": case, "missing": {**whole["missing"], "claim_amount": "not_provided"}})
    page = read((await page_of(court, advice_id)).text)
    assert "未取得、按未知处理的信息：申请执行标的额（未提供）。" in page
    assert "未发现数据问题" not in page


async def test_a_deadline_without_a_day_says_which_one_it_is(court: Courthouse) -> None:
    """Of limitation nothing is known: whoever is to complete it must read what is missing."""
    whole = case_document()
    case = {name: value for name, value in whole["case"].items() if name not in {"due_date", "basis_effective_date"}}
    page = read((await page_of(court, court.score({**whole, "case": case}))).text)
    assert re.search("未知，请补正 +申请执行时效 +民事诉讼法", page)


async def test_a_sheet_says_that_nobody_looked_only_where_nobody_did(court: Courthouse) -> None:
    """The judge looked, the clerk who prints did not: the sheet must not say that the judge did not."""
    court.mode(ReviewMode.ON_REQUEST)
    advice_id = court.score(case_document(**EXPLAINED))
    assert "承办法官未查看预测。" in read((await page_of(court, f"{advice_id}/sheet", ZHAO)).text)
    await sent(court, f"/cases/{advice_id}/reveal")
    told = read((await page_of(court, f"{advice_id}/sheet", ZHAO)).text)
    assert "承办法官未查看预测。" not in told
    assert "打印本表的人未查看预测" in told
    assert "无预测理由" not in told


async def test_no_lane_is_ticked_before_the_judge_ticks_one(court: Courthouse) -> None:
    """Four ways, five reasons, none of them preferred."""
    page = (await page_of(court, court.score(case_document()))).text
    assert re.findall(r'name="lane" value="(\w+)"', page) == ["urge", "fast", "complex", "ordinary"]
    assert len(re.findall(r'name="reason"', page)) == 5
    assert " checked" not in page


async def test_a_filed_case_is_not_offered_for_urging(court: Courthouse) -> None:
    """Urging comes before filing."""
    page = (await page_of(court, court.score(stage_b_document()))).text
    assert re.findall(r'name="lane" value="(\w+)"', page) == ["fast", "complex", "ordinary"]


def form(page: str, **fields: str) -> dict[str, str]:
    """Return the fields of the decision form with what somebody filled in."""
    return {"tag": hidden(page, "tag"), "key": hidden(page, "key"), **fields}


async def test_a_decision_is_on_record_and_on_the_page(court: Courthouse) -> None:
    """With who, when and why; and it can be taken back."""
    advice_id = court.score(case_document())
    page = (await page_of(court, advice_id)).text
    given = form(page, lane="ordinary", reason="party", note=XSS)
    answer = await sent(court, f"/cases/{advice_id}/decision", **given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{advice_id}#decision")
    after = (await page_of(court, advice_id)).text
    assert str(escape(XSS)) in after
    assert "<script>" not in after
    assert "当事人申请或承诺" in after
    assert 'name="lane"' not in after
    assert re.findall(r'<(\w+)[^>]*data-key="n"', after) == ["button"], "the next case is one press away, and taken"
    back = {name: hidden(after, name) for name in ("tag", "key", "decision")}
    assert (await sent(court, f"/cases/{advice_id}/withdrawal", **back)).status_code == 303
    assert 'name="lane"' in (await page_of(court, advice_id)).text


async def test_a_second_click_decides_once(court: Courthouse) -> None:
    """The form carries its own key."""
    advice_id = court.score(case_document())
    given = form((await page_of(court, advice_id)).text, lane="ordinary", reason="other")
    answers = [await sent(court, f"/cases/{advice_id}/decision", **given) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(court.office().record.decisions.file(advice_id, origin=OPERATOR).acts) == 1


async def test_what_is_wrong_is_said_at_the_top_and_what_was_written_is_kept(court: Courthouse) -> None:
    """422, the title says so, the summary leads to the field."""
    court.mode(ReviewMode.OPEN)
    advice_id = court.score(case_document())
    given = form((await page_of(court, advice_id)).text, lane="complex", note=XSS)
    answer = await sent(court, f"/cases/{advice_id}/decision", **given)
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert '<a href="#reason">与建议不一致，请选择一项理由</a>' in answer.text
    assert re.findall(r'value="(\w+)" checked', answer.text) == ["complex"]
    assert "&lt;script&gt;alert(1)" in answer.text


async def test_the_second_judge_sees_who_was_first_and_keeps_what_he_wrote(court: Courthouse) -> None:
    """412, nothing overwritten."""
    advice_id = court.score(case_document())
    seen = (await page_of(court, advice_id)).text
    first = await sent(court, f"/cases/{advice_id}/decision", ZHAO, **form(seen, lane="ordinary", reason="other"))
    assert first.status_code == 303
    late = {**form(seen, lane="fast", reason="party", note="已电话核实"), "key": "another-key-0001"}
    answer = await sent(court, f"/cases/{advice_id}/decision", **late)
    assert answer.status_code == 412
    assert "zhao.min已于 2026-11-20 10:00 作出决定。您的内容未覆盖" in answer.text
    assert "已电话核实" in answer.text
    assert len(court.office().record.decisions.file(advice_id, origin=OPERATOR).acts) == 1


async def test_on_request_the_lane_of_a_model_waits_with_its_prediction(court: Courthouse) -> None:
    """Neither page, sheet nor queue tells a judge what a model proposed until he asks; then all of them do."""
    court.mode(ReviewMode.ON_REQUEST)
    advice_id = court.score(case_document(**EXPLAINED))
    assert stored(court, advice_id)["advice"]["decided_by"] == "model"
    paths = (f"/cases/{advice_id}", f"/cases/{advice_id}/sheet", "/queue")
    async with client(court.app(LI)) as caller:
        before = [(await caller.get(path)).text for path in paths]
        await caller.post(f"/cases/{advice_id}/reveal", data={"csrf_token": ""})
        after = [(await caller.get(path)).text for path in paths]
    assert ['class="lane urge"' in page or 'class="lane small urge"' in page for page in before] == [False] * 3
    assert ["与建议一致" in page for page in before] == [False] * 3
    assert ['class="lane urge"' in page or 'class="lane small urge"' in page for page in after] == [True] * 3


async def test_a_lane_that_was_not_seen_is_neither_followed_nor_overruled(court: Courthouse) -> None:
    """No reason is asked for what nobody has shown, and the record does not say that it was advised."""
    court.mode(ReviewMode.ON_REQUEST)
    advice_id = court.score(case_document())
    given = form((await page_of(court, advice_id)).text, lane="complex")
    assert (await sent(court, f"/cases/{advice_id}/decision", **given)).status_code == 303
    standing = court.office().record.decisions.file(advice_id, origin=OPERATOR).standing
    assert standing is not None
    assert (standing["advised"], standing["lane"], standing["reason"]) == (None, "complex", None)


async def test_a_clerk_sees_the_lane_because_he_hands_cases_on(court: Courthouse) -> None:
    """The numbers stay hidden from him, too."""
    court.mode(ReviewMode.ON_REQUEST)
    advice_id = court.score(case_document(**EXPLAINED))
    page = (await page_of(court, advice_id, person("zhang.wei", Role.CLERK))).text
    assert 'class="lane urge"' in page
    assert "<circle" not in page


async def test_who_switches_predictions_off_sees_none_and_owes_no_opinion(court: Courthouse) -> None:
    """法发〔2022〕33号: users may leave at any time; the choice holds for the person alone and is on the trail."""
    court.mode(ReviewMode.COMMIT_FIRST)
    advice_id = court.score(case_document(**EXPLAINED))
    async with client(court.app(LI)) as caller:
        chosen = await caller.post("/preferences", data={"csrf_token": "", "predictions": "off", "keys": "off"})
        assert (chosen.status_code, "fenliu-keys=off" in chosen.headers["set-cookie"]) == (303, True)
    page = (await page_of(court, advice_id)).text
    assert "<circle" not in page
    assert "您已关闭预测" in page
    given = form(page, lane="fast")
    assert (await sent(court, f"/cases/{advice_id}/decision", **given)).status_code == 303
    assert "先写初步意见" in (await page_of(court, court.score(case_document(application_id="SQ-2")), ZHAO)).text


async def test_a_case_for_which_no_lane_is_advised_can_be_agreed_with(court: Courthouse) -> None:
    """暂不分流 is offered where it is advised, and nowhere else."""
    advice_id = court.score(case_document(due_date="2026-12-31"))
    assert stored(court, advice_id)["advice"]["route"] == "none"
    page = (await page_of(court, advice_id)).text
    assert "暂不分流" in read(page)
    given = form(page, lane="none", warnings_checked="true")
    assert (await sent(court, f"/cases/{advice_id}/decision", **given)).status_code == 303
    assert "已决定 ：暂不分流" in read((await page_of(court, advice_id)).text).replace("：", " ：").replace("  ", " ")


async def test_agreeing_with_warned_data_asks_for_one_tick(court: Courthouse) -> None:
    """As differing asks for one reason: the same effort both ways."""
    advice_id = court.score(case_document(missing={"phone_provided": "source_timeout"}, phone_provided=ABSENT))
    answer = stored(court, advice_id)
    assert answer["warnings"]
    page = (await page_of(court, advice_id)).text
    agree = form(page, lane=answer["advice"]["route"])
    refused = await sent(court, f"/cases/{advice_id}/decision", **agree)
    assert (refused.status_code, 'href="#warnings_checked"' in refused.text) == (422, True)
    taken = await sent(court, f"/cases/{advice_id}/decision", **agree, warnings_checked="true")
    assert taken.status_code == 303


async def test_another_court_s_case_is_not_there(court: Courthouse) -> None:
    """404, the same page as for a number that never was."""
    advice_id = court.score(case_document())
    elsewhere = await page_of(court, advice_id, person("sun.li", Role.JUDGE, "浙1001"))
    never = await page_of(court, "SCR-20261120-999999", person("sun.li", Role.JUDGE, "浙1001"))
    assert (elsewhere.status_code, never.status_code) == (404, 404)
    number = re.compile(r"req-[0-9a-f]{16}")
    assert number.sub("", elsewhere.text) == number.sub("", never.text)


async def test_who_may_not_decide_has_no_form(court: Courthouse) -> None:
    """The clerk reads; sending the form all the same is refused as a page."""
    advice_id = court.score(case_document())
    clerk = person("zhang.wei", Role.CLERK)
    assert re.findall(r'action="/cases/[^"]*/(\w+)"', (await page_of(court, advice_id, clerk)).text) == ["reveal"]
    refused = await sent(court, f"/cases/{advice_id}/decision", clerk, lane="fast")
    assert (refused.status_code, "您没有查看或办理的权限" in refused.text) == (403, True)


async def test_the_page_speaks_english_and_keeps_doing_so(court: Courthouse) -> None:
    """The choice is kept in a cookie that says nothing of who chose; statutes stay Chinese and are marked so."""
    advice_id = court.score(case_document())
    answer = await page_of(court, advice_id, lang="en")
    assert answer.headers["set-cookie"].startswith("fenliu-lang=en; Path=/;")
    assert '<html lang="en"' in answer.text
    assert re.findall(r"<h2[^>]*>(\d\.)", answer.text) == [f"{n}." for n in range(1, 8)]
    left = re.sub(r'<(\w+)[^>]* lang="zh-CN"[^>]*>.*?</\1>', "", answer.text, flags=re.DOTALL)
    assert not re.findall(r"[一-鿿]{3,}", read(left.replace(advice_id, "")))


async def test_a_day_from_which_something_may_be_done_is_never_late(court: Courthouse) -> None:
    """终本 may be proposed from a day on; everything else that is over says so."""
    court = replace(court, clock=lambda: NOW.replace(year=2028))
    advice_id = replace(court, clock=lambda: NOW).score(stage_b_document())
    tiles = re.findall(
        r'<li class="(\w+)"><span class="left">(.*?)</span>.*?class="what">(.*?)<',
        (await page_of(court, advice_id)).text,
        re.DOTALL,
    )
    assert [(kind, left) for kind, left, what in tiles if "终本" in what] == [("far", "此日起")]
    assert all(kind == "over" and left.startswith("已过") for kind, left, what in tiles if "终本" not in what)
