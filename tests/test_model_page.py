"""The model pages: what is shown is what is on record, at once, within the reader's courts, and the switch turns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp

from features.register import Stage
from models.bundle.paper import Paper
from models.drift import Reference
from models.evidence import Bin, Group
from models.known_change import KnownChange
from serving.access.principal import EVERY_COURT, Principal
from serving.access.roles import Role
from serving.control.dossier import StageDrift
from serving.pages.language import language
from serving.pages.models.calibration import sentence_of
from serving.pages.models.drift import drift_of
from serving.pages.models.fairness import sentence_of as groups_said
from serving.pages.models.head import signer_words
from serving.repositories.models.differing import DifferingStore, Pair
from serving.repositories.models.seen_features import SeenFeatures
from serving.repositories.shadow_scores import ShadowScore, ShadowStore
from serving.store.tables import advice, audit
from serving.store.tables.advice import SEALED
from tests.builders_case import NOW, case_document
from tests.builders_model_page import BINS, GATE, GROUPS, ModelHome, evaluation
from tests.builders_pages import FORM, ROOT, TEMPLATES, Courthouse, person, read
from tests.builders_replay import OPERATOR, Answered
from tests.builders_serving import KEYS, client, guarded, opened

pytestmark = pytest.mark.anyio
ZH = language("zh-CN")
SCIENTIST = replace(person("zhou.min", Role.DATA_SCIENTIST), csrf="t" * 16)
LEADER = replace(person("zhao.ying", Role.LEADERSHIP), csrf="t" * 16)
JUDGE = person("li.ming", Role.JUDGE)
STOP = {"court_code": "浙1022", "state": "stopped", "reason": "抽查发现评分异常", "csrf_token": "t" * 16}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path) -> ModelHome:
    """Return a home without a model."""
    (tmp_path / "bundles").mkdir()
    return ModelHome(tmp_path)


def seen_by(home: ModelHome, principal: Principal = LEADER, **options: Any) -> ASGIApp:
    """Return the service as somebody sees it."""
    return guarded(home.folder, principal=principal, clock=lambda: NOW, **options)


async def page(app: ASGIApp, path: str = "/models", status: int = 200, **asked: str) -> str:
    """Open a page."""
    async with client(app) as caller:
        answer = await caller.get(path, params=asked)
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(app: ASGIApp, **changes: str) -> httpx.Response:
    """Send the form of the switch."""
    async with client(app) as caller:
        return await caller.post("/models/switch", data={**STOP, **changes}, headers=FORM)


async def test_without_a_model_the_page_says_so_and_that_filing_goes_on(home: ModelHome) -> None:
    """No score, no figure, and no way to a score that is not there."""
    found = read(await page(seen_by(home)))
    assert "状态 没有模型" in found
    assert "不影响立案" in found
    await page(seen_by(home), "/models/A.ability", status=404)
    await page(seen_by(home), "/models/A.ability/brief", status=404)


async def test_the_figures_on_the_page_are_those_of_the_evaluation(home: ModelHome) -> None:
    """Every group of chances and of people, one row each, with counts as they were kept."""
    home.measured(home.promote(), evaluation())
    text = await page(seen_by(home), "/models/A.ability")
    rows = re.findall(
        r'<tr data-predicted="(\d+)" data-observed="(\d+)" data-low="(\d+)" data-high="(\d+)" data-n="(\d+)"', text
    )
    kept = [[round(100 * one[key]) for key in ("predicted", "observed", "lower", "upper")] + [one["n"]] for one in BINS]
    assert [[int(cell) for cell in row] for row in rows] == kept
    found = read(text)
    assert "每 100 件预测 48 的分段偏高，实际少 10 件。其余分段相符。" in found
    assert "自然人和个体工商户 240 46 45 39–51 +1 25% 17%" in found
    assert "60 岁以上 64 55 40 30–50 +15 33% -- 样本少，不作结论" in found
    assert "女 11 -- -- -- -- -- -- 样本少，不作结论" in found
    assert "户籍在外地 120 50 30 22–39 +20 -- -- 关注：预测偏高" in found
    assert "预测与实际不符的组别：户籍在外地预测偏高 20。" in found
    assert "180 日未到、结果未定：41 件，未计入。" in found
    assert "模拟数据，不得用于办案" in found


PARTS = [
    {"by": by, "part": part, "n": n, "few": n < 100, "bias": "few", "fairness": False, "estimates": {}, "bins": bins}
    for by, part, n, bins in (
        ("court", "浙1022", 240, BINS[:2]),
        ("court", "浙1021", 119, BINS[2:]),
        ("cause_family", "loan", 60, []),
        ("year", "2026", 359, BINS),
    )
]


async def test_calibration_is_shown_of_a_court_a_cause_or_a_year(home: ModelHome) -> None:
    """By an address that can be sent on; other people's courts are not to be picked, small parts conclude nothing."""
    home.measured(home.promote(), evaluation(slices=PARTS))
    whole = await page(seen_by(home), "/models/A.ability")
    assert re.findall(r'<option value="([^"]*)"', whole) == ["", "court:浙1022", "cause_family:loan", "year:2026"]
    mine = await page(seen_by(home), "/models/A.ability", part="court:浙1022")
    assert re.findall(r'data-predicted="(\d+)"', mine) == ["12", "48"]
    assert '<option value="court:浙1022" selected>' in mine
    few = read(await page(seen_by(home), "/models/A.ability", part="cause_family:loan"))
    assert "该部分结果已定的案件 60 件，不足 100 件，不作结论。" in few
    for unknown in ("court:浙1021", "year:1999"):
        await page(seen_by(home), "/models/A.ability", status=404, part=unknown)
    await page(seen_by(home), "/models/A.ability", status=400, part="age:60")


async def test_a_promotion_is_seen_at_once(home: ModelHome) -> None:
    """The page goes by ledger and pointer: who, why, from when, and the one before with its end."""
    home.promote()
    app = seen_by(home)
    assert "现用模型包 tiny-1" in read(await page(app))
    signatures = [{"by": "王主任", "reason": "Q4 重训"}, {"by": "李庭长", "reason": "同意"}]
    home.promote("tiny-2", seed=2, at="2026-11-19T02:00:00+08:00", before="tiny-1", signatures=signatures)
    found = read(await page(app))
    assert "现用模型包 tiny-2" in found
    assert "签批 王主任、李庭长" in found
    assert re.search(r"tiny-2 \w{12} 发布 2026-11-19 02:00 现用中 王主任、李庭长 Q4 重训；同意 1 项均通过", found)
    assert re.search(r"tiny-1 \w{12} 发布 2026-11-02 09:00 2026-11-19 02:00 王主任 首次发布", found)


async def test_what_a_bundle_of_before_does_not_carry_is_said_to_be_missing(home: ModelHome) -> None:
    """An evaluation without groups, and none at all."""
    sha256 = home.promote()
    assert read(await page(seen_by(home), "/models/A.ability")).count("未随模型提供") == 3
    document = evaluation()
    del document["scores"]["A.ability"]["bins"], document["scores"]["A.ability"]["groups"]
    home.measured(sha256, document)
    found = read(await page(seen_by(home), "/models/A.ability"))
    assert found.count("未随模型提供") == 3
    assert "每 100 件，平均预测 44 件，实际 40 件。" in found


async def test_a_damaged_record_is_named_and_breaks_no_page(home: ModelHome) -> None:
    """The figures are left out, everything else stands."""
    sha256 = home.promote()
    home.measured(sha256, "{")
    found = read(await page(seen_by(home), "/models/A.ability"))
    assert f"记录文件 {sha256}.json 无法读取" in found
    assert "一、模型说明" in found


async def test_a_bundle_that_was_tampered_with_is_no_model(home: ModelHome) -> None:
    """What its manifest does not vouch for is shown to nobody as a model."""
    home.promote()
    (home.folder / "bundles" / "tiny-1" / "A" / "stage.json").write_text("{}", encoding="utf-8")
    found = read(await page(seen_by(home)))
    assert "状态 未通过核验" in found
    assert "A/stage.json 内容与清单不符" in found


async def test_a_failed_gate_stands_in_list_page_and_brief(home: ModelHome) -> None:
    """With what was found and what was asked, and something to decide."""
    failed = {**GATE, "found": 0.55, "passed": False}
    home.measured(home.promote(), evaluation() | {"gates": [failed], "passed": False})
    app = seen_by(home)
    assert "未通过：能区分" in read(await page(app))
    assert "能区分 0.550 ≥ 0.6 未通过" in read(await page(app, "/models/A.ability"))
    assert "有关口未通过，须决定停用、退回或重新训练。" in read(await page(app, "/models/A.ability/brief"))


async def test_the_leadership_reads_seven_answers_on_one_page(home: ModelHome) -> None:
    """Purpose, since when and by whom, what not for, how right, for whom otherwise, what changed, what to decide."""
    home.measured(home.promote(), evaluation())
    text = await page(seen_by(home), "/models/A.ability/brief")
    questions = re.findall(r"<dt>([^<]+)</dt>", text)
    assert questions == ["做什么用", "自何时起，谁签批", "不用于什么", "准不准", "对谁不同", "变了什么", "需要决定的事"]
    assert "模型包 tiny-1 自 2026-11-02 09:00 起现用，王主任 签批，有效期至 2030-01-01；状态：正常。" in read(text)


@pytest.mark.parametrize("path", ["/models", "/models/A.ability", "/models/A.ability/brief"])
async def test_every_page_is_there_in_english(home: ModelHome, path: str) -> None:
    """No Chinese but names, statutes and what people wrote."""
    home.measured(home.promote(by="Wang", reason="first"), evaluation() | {"gates": []})
    found = read(await page(seen_by(home), path, lang="en"))
    left = re.sub(r"法发〔2022〕33号|中文|浙1022|终本", "", found)
    assert re.findall(r"[\u4e00-\u9fff]{2,}", left) == []


async def test_the_switch_is_turned_from_the_page_and_says_who_and_why(home: ModelHome) -> None:
    """Off, on record with name and reason as text, on again; answers of the court follow."""
    home.promote()
    app = seen_by(home)
    assert (await sent(app, reason="评分异常 <b>核查</b>")).status_code == 303
    text = await page(app)
    assert "评分异常 &lt;b&gt;核查&lt;/b&gt;" in text
    assert "状态 部分法院已停用" in read(text)
    assert re.search(r"2026-11-20 [\d:]+ zhao.ying 停用 浙1022：评分异常", read(text))
    assert (await sent(app, state="running", reason="复核无误")).status_code == 303
    assert "状态 正常" in read(await page(app))


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [({"reason": " "}, 422, "请写明事由"), ({"state": ""}, 422, "请选择停用或恢复"),
     ({"court_code": "浙1021"}, 403, "您无权停用或恢复该法院的模型"), ({"court_code": "*"}, 403, "您无权"),
     ({"court_code": "33010619900307881X"}, 422, "请填写法院代码")],
)  # fmt: skip
async def test_what_cannot_be_switched_comes_back_with_what_was_written(
    home: ModelHome, change: dict[str, str], status: int, said: str
) -> None:
    """Nothing is switched; the reason need not be written again."""
    app = seen_by(home)
    answer = await sent(app, **change)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "reason" in change or "抽查发现评分异常" in answer.text
    assert "停用与恢复的记录" not in read(await page(app))


async def test_who_may_not_switch_sees_no_form_and_is_refused(home: ModelHome) -> None:
    """A judge reads the page; the form's address is closed to him."""
    app = seen_by(home, replace(JUDGE, csrf="t" * 16))
    assert "/models/switch" not in await page(app)
    assert (await sent(app)).status_code == 403


async def test_a_reader_of_every_court_names_the_court(home: ModelHome) -> None:
    """By its code, * at first; nobody else sees the turns of other courts."""
    everywhere = replace(LEADER, courts=EVERY_COURT)
    assert '<input id="court_code" name="court_code" value="*"' in await page(seen_by(home, everywhere))
    await sent(seen_by(home, everywhere), court_code="浙1021")
    assert "浙1021" in await page(seen_by(home, everywhere))
    assert "浙1021" not in await page(seen_by(home))
    await sent(seen_by(home, everywhere), court_code="*")
    assert "全部法院 的模型已停用" in read(await page(seen_by(home)))


async def test_a_model_past_its_date_is_said_to_score_no_more(home: ModelHome) -> None:
    """From the day after its last one."""
    home.promote()
    late = guarded(home.folder, principal=LEADER, clock=lambda: NOW.replace(year=2031))
    assert "状态 已过有效期" in read(await page(late))


async def test_cases_with_another_lane_are_opened_one_by_one(home: ModelHome) -> None:
    """Whoever may read cases sees those of his courts; lanes stay untold while a decision is awaited."""
    home.promote()
    sha256 = home.challenge()
    court = Courthouse(home.folder, opened(home.folder), Answered(home.folder, opened(home.folder)).standing())
    advice_id = court.score(case_document())
    row = ShadowScore(
        advice_id=advice_id, model="tiny-2", model_sha256=sha256, status="scored", route="none", scores={"ability": 0.5}
    )
    ShadowStore(court.store, KEYS).record([row], at=NOW)
    found = await page(seen_by(home), "/models/A.ability")
    assert f'href="/cases/{advice_id}"' in found
    listed = sa.select(audit.c.actor).where(audit.c.action == "shadow.list")
    assert court.store.read(lambda connection: connection.scalars(listed).all()) == [LEADER.actor]
    assert "两者都评过 1 件，建议不同 1 件" in read(found)
    assert "未决定，暂不显示" in found
    assert "不足 5 件" in read(found)
    pair = Pair(sha256, home.sha256("tiny-1"), Stage.A)
    kept = DifferingStore(court.store, KEYS).of(pair, listed=True, origin=OPERATOR, at=NOW)
    assert [(one.waits, one.proposed, one.other) for one in kept.newest] == [(True, None, None)]
    assert advice_id not in await page(seen_by(home, SCIENTIST), "/models/A.ability")
    elsewhere = person("x.y", Role.LEADERSHIP, court="浙1021")
    assert advice_id not in await page(seen_by(home, elsewhere), "/models/A.ability")


async def test_champion_and_challenger_stand_side_by_side(home: ModelHome) -> None:
    """Both values, the difference with its interval and the verdict in words; gates that the challenger failed."""
    home.promote()
    sha256 = home.challenge()
    difference = {"value": -0.007, "lower": -0.011, "upper": -0.003}
    measure = {"measure": "brier", "old": 0.171, "new": 0.164, "difference": difference, "verdict": "better"}
    home.compared(
        sha256,
        {
            "at": "2026-11-18T10:00:00+08:00", "old": {"bundle": "tiny-1", "sha256": "a"},
            "new": {"bundle": "tiny-2", "sha256": sha256}, "cases": 1262, "changed": 77,
            "scores": {"A.ability": {"cases": 900, "measures": {"brier": measure}}},
        },
    )  # fmt: skip
    home.measured(sha256, evaluation() | {"gates": [{**GATE, "passed": False}], "passed": False})
    found = read(await page(seen_by(home), "/models/A.ability"))
    assert "Brier 分 0.171 0.164 −0.007 [−0.011, −0.003] 更好" in found
    assert "同一批案件 900 件（两者都未学过），其中建议会改变 77/1,262 件" in found
    assert "候选未通过：能区分，实测 0.812，要求 ≥ 0.6" in found


async def test_without_a_challenger_the_page_says_so(home: ModelHome) -> None:
    """And where a comparison would come from."""
    home.promote()
    found = read(await page(seen_by(home), "/models/A.ability"))
    assert "没有候选模型。" in found
    assert "没有比较记录。用 fenliu compare 比较后显示。" in found


def test_what_models_saw_is_read_back_bit_by_bit(home: ModelHome) -> None:
    """The rows of one bundle and stage, the newest first."""
    sha256 = home.promote()
    answered = Answered(home.folder, opened(home.folder))
    ids = [answered.score(case_document(application_id=f"SQ-{number}")) for number in range(3)]
    width = len(Paper.of(home.folder / "bundles" / "tiny-1").stages[Stage.A].features)
    seen = SeenFeatures(answered.store, KEYS).newest(sha256, Stage.A, width=width)
    assert [row.astype("<f4").tobytes() for row in seen.rows] == [answered.row(one)["features"] for one in ids[::-1]]
    assert (seen.since, seen.until) == ("2026-11-20", "2026-11-20")
    assert len(SeenFeatures(answered.store, KEYS).newest(sha256, Stage.B, width=width).rows) == 0


def test_what_was_seen_before_is_opened_no_second_time(home: ModelHome) -> None:
    """Nothing new: the very same; a new case: one row more, the others as they were; an erased one: gone."""
    sha256 = home.promote()
    answered = Answered(home.folder, opened(home.folder))
    first = answered.score(case_document(application_id="SQ-1"))
    width = len(Paper.of(home.folder / "bundles" / "tiny-1").stages[Stage.A].features)
    seen = SeenFeatures(answered.store, KEYS)
    one = seen.newest(sha256, Stage.A, width=width)
    assert seen.newest(sha256, Stage.A, width=width, before=one) is one
    second = answered.score(case_document(application_id="SQ-2"))
    two = seen.newest(sha256, Stage.A, width=width, before=one)
    assert list(two.by_id) == [second, first]
    assert two.by_id[first] is one.by_id[first]
    empty = {**dict.fromkeys(SEALED), "erased_at": NOW.isoformat()}
    gone = sa.update(advice).where(advice.c.id == first).values(**empty)
    answered.store.write(lambda connection: connection.execute(gone))
    assert list(seen.newest(sha256, Stage.A, width=width, before=two).by_id) == [second]


def test_features_that_moved_stand_first(home: ModelHome) -> None:
    """Hundred cases like the training are still; hundred others are named; ninety say nothing."""
    home.promote()
    paper = Paper.of(home.folder / "bundles" / "tiny-1").stages[Stage.A]
    moved = paper.features[3]
    known = KnownChange(date(2026, 1, 1), tuple(name.partition(".")[0] for name in moved.reads), "改了口径", "x")
    paper = replace(paper, known_changes=(known,))
    rng = np.random.default_rng(1)
    before = rng.normal(size=(500, len(paper.features)))
    now = before[:200].copy()
    now[:, 3] += 5.0
    references = [Reference.of(column) for column in before.T]

    def told(rows: np.ndarray, until: str = "2026-11-20") -> Any:
        drifts = tuple(one.against(column) for one, column in zip(references, rows.T, strict=True))
        seen = StageDrift(cases=len(rows), since="2026-01-02", until=until, features=drifts)
        return drift_of(paper, seen, learned_until=date(2025, 12, 1), say=ZH)

    assert [(one.name, one.strong, one.cause) for one in told(now).moved] == [(moved.zh, True, "2026-01-01 改了口径")]
    assert [one.cause for one in told(now, until="2025-12-31").moved] == [""]
    assert told(now).still_count == len(paper.features) - 1
    assert told(now[:90]).sentence == "本模型已评分 90 件，不足 100 件，不作结论。"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.3)), min_size=1, max_size=10))
def test_the_sentence_names_groups_exactly_where_chance_does_not_explain_them(
    groups: list[tuple[float, float, float]],
) -> None:
    """No group outside its interval is passed over, none inside it is accused."""
    bins = [Bin(40, predicted, observed, observed - half, observed + half) for predicted, observed, half in groups]
    said = sentence_of(bins, "件", ZH)
    assert ("偏高" in said) == any(one.certain and one.off > 0 for one in bins)
    assert ("偏低" in said) == any(one.certain and one.off < 0 for one in bins)
    assert (said == "各分段的预测都在实际的 95% 区间之内。") == (not any(one.certain for one in bins))


def test_few_of_a_kind_accuse_nobody() -> None:
    """Ninety-nine cases are not enough to call a score unfair, a hundred are."""
    apart = Group(**{**GROUPS[2], "n": 99})
    assert groups_said([apart], ZH) == "各组案件都不足 100 件，不作结论。"
    assert "户籍在外地" in groups_said([replace(apart, n=100)], ZH)


def test_a_bundle_on_paper_is_hashed_and_nothing_of_it_runs(home: ModelHome) -> None:
    """Name, date and features as the bundle itself has them."""
    sha256 = home.promote()
    paper = Paper.of(home.folder / "bundles" / "tiny-1")
    assert (paper.sha256, paper.about.valid_until) == (sha256, date(2030, 1, 1))
    assert list(paper.stages[Stage.A].scores) == ["willingness", "ability", "recovery"]
    assert paper.stages[Stage.A].scores["ability"].day == 180.0


def test_the_chart_library_is_the_one_that_was_looked_at() -> None:
    """Unchanged, with its licence and notice, and on the page of a score alone."""
    folder = ROOT / "serving" / "pages" / "static"
    found = sha256((folder / "echarts.min.js").read_bytes()).hexdigest()
    assert found in (ROOT / "docs" / "decisions" / "0059-echarts-on-model-pages-only.md").read_text(encoding="utf-8")
    assert "Apache License" in (folder / "echarts.LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache ECharts" in (folder / "echarts.NOTICE.txt").read_text(encoding="utf-8")
    assert [path.name for path in TEMPLATES if "echarts" in path.read_text(encoding="utf-8")] == ["score.html"]


@pytest.mark.parametrize(
    ("by", "account", "said"),
    [
        ("zhao.ying", "account:zhao.ying", "zhao.ying（本系统账户）"),
        ("root", "root", "root（命令行）"),
        ("王主任", "wang", "王主任（命令行，机器账户 wang）"),
        ("王主任", "", "王主任"),
    ],
)
def test_it_is_said_from_where_somebody_signed(by: str, account: str, said: str) -> None:
    """The same name on the command line and in the service are not taken for one person."""
    assert signer_words(by, account, language("zh-CN")) == said
