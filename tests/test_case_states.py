"""The case page and the queue in every state: no model, past its date, not scored, stale, hidden; each in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.pages.language import language
from serving.pages.model_state import ModelState, banner_now, banner_of
from serving.record.court_settings import ReviewMode
from serving.record.decisions import tag_of
from tests.builders_case import ABSENT, NOW, case_document, stage_b_document
from tests.builders_pages import Courthouse, person, read
from tests.builders_replay import OPERATOR
from tests.builders_serving import client, opened

LI = person("li.ming", Role.JUDGE)
EXPLAINED = {"explain": {"reasons": 5, "flips": 3}}
RULES_ALONE = "模型暂不可用，以下仅为规则判断，不影响立案。"
MODES = [ReviewMode.OPEN, ReviewMode.ON_REQUEST, ReviewMode.COMMIT_FIRST]
TODAY = date(2026, 11, 20)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path, with_model: Standing) -> Courthouse:
    """Return a court with a model."""
    return Courthouse(tmp_path, opened(tmp_path), with_model)


async def page_of(court: Courthouse, path: str, **query: str) -> str:
    """Open a page."""
    async with client(court.app(LI)) as caller:
        return (await caller.get(path, params=query)).text


def numberless(page: str) -> bool:
    """Whether a page shows no count, no dots and no way to ask for them."""
    return not any(part in page for part in ("<circle", 'class="big"', "/reveal", "件相近案件"))


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_by_rules_alone_no_number_is_shown_and_the_top_says_why(
    court: Courthouse, with_rules: Standing, mode: ReviewMode
) -> None:
    """In every mode of review, in both languages; the rules are there."""
    alone = replace(court, standing=with_rules)
    alone.mode(mode)
    path = f"/cases/{alone.score(case_document(**EXPLAINED))}"
    page, english = await page_of(alone, path), await page_of(alone, path, lang="en")
    assert RULES_ALONE in read(page)
    assert "Model unavailable; rules only." in read(english)
    assert numberless(page)
    assert "民事诉讼法" in page


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_a_case_that_is_not_scored_names_what_is_missing(court: Courthouse, mode: ReviewMode) -> None:
    """Nobody has to ask for predictions that are not there, and no number is shown."""
    court.mode(mode)
    path = f"/cases/{court.score(case_document(claim_amount=ABSENT, principal=ABSENT, **EXPLAINED))}"
    page = await page_of(court, path)
    assert "缺少 1 项关键信息（申请执行标的额）" in read(page)
    assert numberless(page)


@pytest.mark.anyio
async def test_a_model_past_its_date_is_told_and_gives_no_number(court: Courthouse) -> None:
    """The small model's last day is the first of 2030."""
    later = replace(court, clock=lambda: NOW.replace(year=2030, month=2))
    page = await page_of(later, f"/cases/{later.score(case_document(**EXPLAINED))}")
    assert "模型已过有效期，停止评分，以下仅为规则判断，不影响立案。" in read(page)
    assert numberless(page)


@pytest.mark.anyio
async def test_what_was_reported_since_makes_advice_stale(court: Courthouse) -> None:
    """Money came in after the scoring; a decision or a newer answer ends the notice."""
    advice_id = court.score(case_document())
    path, later = f"/cases/{advice_id}", replace(court, clock=lambda: NOW + timedelta(hours=1))
    assert "案件信息在评分后有变动" not in read(await page_of(later, path))
    event = {
        "application_id": "SQ20261120-0187", "court_code": "浙1022", "kind": "payment", "amount": "100.00",
        "source": "voluntary", "at": NOW.isoformat(),
    }  # fmt: skip
    later.office().record.outcomes.report([event], key="key-paid-0001", origin=OPERATOR)
    page = read(await page_of(later, path))
    assert "案件信息在评分后有变动（自动履行到款）。" in page
    assert "报告：2026-11-20 自动履行到款，100.00 元" in page
    newer = later.score(case_document(paid_before="2100.00", as_of=(NOW + timedelta(hours=1)).isoformat()))
    assert "案件信息在评分后有变动" not in read(await page_of(later, path))
    assert "案件信息在评分后有变动" not in read(await page_of(later, f"/cases/{newer}"))


@pytest.mark.anyio
async def test_advice_that_is_out_of_date_says_so(court: Courthouse) -> None:
    """Years after it was given."""
    advice_id = court.score(case_document())
    later = replace(court, clock=lambda: NOW.replace(year=2029))
    assert "本建议的有效期已于" in read(await page_of(later, f"/cases/{advice_id}"))


@pytest.mark.anyio
async def test_hidden_predictions_do_not_read_as_if_nothing_could_change_the_lane(court: Courthouse) -> None:
    """While they are hidden it says that conditions of the model's are not listed; once seen, it does not."""
    court.mode(ReviewMode.ON_REQUEST)
    path = f"/cases/{court.score(case_document(**EXPLAINED))}"
    before = read(await page_of(court, path))
    async with client(court.app(LI)) as caller:
        await caller.post(f"{path}/reveal", data={"csrf_token": ""})
    after = read(await page_of(court, path))
    assert "由预测得出的条件随预测一并显示，现在不列。" in before
    assert "未找到可核实的条件" not in before
    assert "由预测得出的条件随预测一并显示" not in after


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ({}, "", ""),
        ({"stopped": ["浙1001"]}, "", ""),
        ({"stopped": ["浙1022"]}, "模型暂不可用（已停用）", "switched off"),
        ({"stopped": ["*"]}, "模型暂不可用（已停用）", "switched off"),
        ({"degraded_reason": {"text": "尚无已发布的模型", "text_en": "none"}}, "尚无已发布的模型", "unavailable"),
        ({"valid_until": "2026-11-20"}, "", ""),
        ({"valid_until": "2026-11-19"}, "模型已过有效期（2026-11-19）", "past its date (2026-11-19)"),
    ],
    ids=str,
)
def test_the_queue_says_why_no_model_answers(said: Mapping[str, Any], zh: str, en: str) -> None:
    """Of the reader's courts; a model is good on its last day."""
    state = ModelState(said, TODAY)
    for words, say in ((zh, language("zh-CN")), (en, language("en"))):
        banner = banner_now(state, {"浙1022"}, say)
        assert words in banner
        assert bool(words) == bool(banner)


def test_predictions_of_before_a_stop_are_told_as_such() -> None:
    """They stand on record, and stay."""
    answer = {"degraded_reason": None, "mode": "full", "court_code": "浙1022"}
    told = banner_of(answer, ModelState({"stopped": ["浙1022"]}, TODAY), language("zh-CN"))
    assert told == "模型现已停用；以下预测作于停用之前，仅供参考，不影响立案。"


@pytest.mark.anyio
async def test_the_queue_shows_what_one_has_taken_on_page_and_in_files(court: Courthouse) -> None:
    """Others' cases and free ones are left out, whatever the form."""
    mine, free = (court.score(case_document(application_id=number)) for number in ("SQ-1", "SQ-2"))
    async with client(court.app(LI)) as caller:
        await caller.post(f"/cases/{mine}/claim", data={"csrf_token": ""})
        texts = [(await caller.get(f"/queue{kind}?mine=true")).text for kind in ("", ".json", ".csv")]
    assert [("SQ-1" in text, "SQ-2" in text) for text in texts] == [(True, False)] * 3
    assert free


@pytest.mark.anyio
async def test_a_fast_case_says_when_its_time_is_over(court: Courthouse) -> None:
    """H14: who moves the case stands at the deadline; after the day a notice, until it is moved."""
    advice_id = court.score(stage_b_document(q_bank="90000.00"))
    path, decisions = f"/cases/{advice_id}", court.office().record.decisions
    tags = tag_of(decisions.file(advice_id, origin=OPERATOR)).__eq__
    asked = {"advice_id": advice_id, "lane": "fast", "reason": "other", "warnings_checked": True}
    decisions.decide(asked, key="key-fast-0001", tags=tags, origin=Origin(LI))
    later = replace(court, clock=lambda: NOW + timedelta(days=120))
    before, after = read(await page_of(court, path)), read(await page_of(later, path))
    over = "届满，未见结案报告，应转精办"
    event = {"application_id": "SQ20261120-0187", "court_code": "浙1022", "kind": "to_complex"}
    at = (NOW + timedelta(days=119)).isoformat()
    later.office().record.outcomes.report([{**event, "at": at}], key="key-moved-001", origin=OPERATOR)
    moved = read(await page_of(later, path))
    assert "H14：届满仍未结案的转精办" in before
    assert (over in before, over in after, over in moved) == (False, True, False)
    assert "转入精办" in moved
