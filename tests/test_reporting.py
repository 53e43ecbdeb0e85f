"""Reports: every figure from the record, what is not on record said so, what only the court knows marked as open."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from features.register import Privacy, Stage, load_register
from models.bundle import Bundle, promotions
from models.promotion.plan import evaluation_path
from models.rules.table import RuleTable
from tests.builders_training import NOW, silent, small_evaluation, small_training
from training.commands.reporting import report
from training.commands.session import Session
from training.console import Lang
from training.errors import CommandError
from training.provenance import Home, write_json
from training.reporting.court_facts import CourtFacts
from training.reporting.record import Record
from training.reporting.wording import source_name
from training.reporting.writing import KINDS, written

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def bare() -> Record:
    """Return the record of the small bundle, of which nothing is on record but itself."""
    return Record(
        bundle=Bundle.load(small_training().bundle),
        facts=CourtFacts(),
        rules=RuleTable.load([]),
        tenures=(),
        evaluation=None,
        watched=None,
        settings=None,
        at=NOW,
    )


@cache
def evaluated() -> Record:
    """Return the same with its evaluation, as it is kept."""
    return replace(bare(), evaluation=json.loads(json.dumps(small_evaluation().document(), default=str)))


def page(record: Record, kind: str, tmp_path: Path, lang: Lang = Lang.ZH) -> str:
    """Return the page of a report."""
    file = tmp_path / f"{kind}.html"
    written(record, kind, file, lang)
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_report_is_one_file_that_loads_and_runs_nothing(kind: str, lang: Lang, tmp_path: Path) -> None:
    """It opens on any machine, says that its data are simulated, and calls nobody."""
    text = page(evaluated(), kind, tmp_path, lang)
    assert re.search(r"https?://|<script|<link|<img|@import|url\(", text) is None
    assert lang.say("模拟数据，不得用于办案", "simulated data: not for real cases") in text
    assert text.count("<h1>") == 1


def test_figures_come_from_the_record_and_follow_it(tmp_path: Path) -> None:
    """Another measured figure gives another page; the old one is nowhere left."""
    changed = copy.deepcopy(evaluated().evaluation)
    assert changed is not None
    changed["scores"]["B.ability"]["methods"]["fenliu"]["auc"] = {"value": 0.9123, "lower": 0.9012, "upper": 0.9234}
    text = page(replace(evaluated(), evaluation=changed), "card", tmp_path)
    assert "0.912 [0.901, 0.923]" in text
    assert "0.912 [0.901, 0.923]" not in page(evaluated(), "card", tmp_path)


def test_what_is_not_on_record_is_said_so(tmp_path: Path) -> None:
    """No evaluation, no watching, never in use: three sentences, and no figure in their place."""
    text = page(bare(), "card", tmp_path)
    for sentence in ("尚无评估记录", "尚无监测记录", "从未启用", "未启用"):
        assert sentence in text
    assert "区分度" not in text


def test_what_only_the_court_knows_is_open_until_it_says_it(tmp_path: Path) -> None:
    """Places are counted; what the court's file states stands in their place."""
    before = written(evaluated(), "filing", tmp_path / "a.html", Lang.ZH).document["open"]
    told = replace(evaluated(), facts=CourtFacts(court="某县人民法院", assessment="评〔2026〕1号", risk="低"))
    after = written(told, "filing", tmp_path / "b.html", Lang.ZH).document["open"]
    assert (before, after) == (12, 9)
    assert "评〔2026〕1号" in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_a_wrong_court_file_is_refused(tmp_path: Path) -> None:
    """A misspelt key would leave a place open that the court thinks it has filled."""
    (tmp_path / "report.toml").write_text('curt = "某县人民法院"\n', encoding="utf-8")
    with pytest.raises(CommandError, match="curt") as caught:
        CourtFacts.of(Home(tmp_path))
    assert caught.value.exit == 2


def test_the_filing_lists_exactly_the_fields_that_are_read(tmp_path: Path) -> None:
    """Each with source, class and basis; none that is protected, and those are listed as barred."""
    record = evaluated()
    text = page(record, "filing", tmp_path)
    read = {name.partition(".")[0] for one in record.features for name in one.reads}
    assert {one.name for one in record.fields} == read
    assert not [one for one in record.fields if one.privacy is Privacy.PROTECTED or not one.usable_as_feature]
    assert {"age", "gender", "huji_region"} <= {one.name for one in record.never}
    assert all(one.zh in text for one in (*record.fields, *record.never))


def test_every_source_has_chinese_words() -> None:
    """A filing is read by people who do not know what GSXT is."""
    assert [one.source for one in load_register().fields if not CHINESE.search(source_name(one.source).zh)] == []


def test_the_rules_that_go_before_scores_stand_in_the_filing(tmp_path: Path) -> None:
    """With their articles and the fingerprint of the table."""
    text = page(evaluated(), "filing", tmp_path)
    assert {"H01", "H05"} <= set(re.findall(r"H\d\d", text))
    assert evaluated().rules.sha256 in text


@pytest.mark.parametrize(("until", "word"), [(None, "现用"), ("2026-11-25T00:00:00+08:00", "曾用，已停用")])
def test_the_ledger_says_whether_it_is_in_use(until: str | None, word: str, tmp_path: Path) -> None:
    """Not the name of a folder, and nobody's word."""
    entry = {"by": "王主任", "reason": "重训", "gates": [1, 2]}
    tenure = promotions.Tenure("x", bare().bundle.sha256, "2026-11-20T00:00:00+08:00", until, entry)
    text = page(replace(evaluated(), tenures=(tenure,)), "card", tmp_path)
    assert f"<td>{word}</td>" in text
    assert "王主任" in text


def test_the_page_for_the_leadership_names_what_is_to_be_decided(tmp_path: Path) -> None:
    """Failed gates, alarms, an expiry that is near: each is named, and none that is not there."""
    late = bare().bundle.about.valid_until - timedelta(days=30)
    failed = copy.deepcopy(evaluated().evaluation)
    assert failed is not None
    failed["passed"] = False
    watched = {"status": "alarm", "alarms": [{"level": "alarm"}], "stages": {}, "window": {"since": "a", "until": "b"}}
    at = NOW.replace(year=late.year, month=late.month, day=late.day)
    text = page(replace(evaluated(), evaluation=failed, watched=watched, at=at), "brief", tmp_path)
    for words in ("距有效期满 30 日", "有关口未通过，不得启用", "监测有警报"):
        assert words in text
        assert words not in page(replace(evaluated(), evaluation=failed | {"passed": True}), "brief", tmp_path)


def test_the_command_finds_the_record_by_the_bundle(tmp_path: Path) -> None:
    """Evaluation and watching of this very bundle, by hash; another bundle's are not taken."""
    home, bundle = Home(tmp_path), small_training()
    write_json(evaluation_path(home.path, bundle.sha256), small_evaluation().document())
    for name, sha256 in (("1-monitor", bundle.sha256), ("2-monitor", "other")):
        found = {"bundle_sha256": sha256, "run": name, "status": "ok", "alarms": [], "stages": {}}
        write_json(home.path / "runs" / name / "metrics.json", found | {"window": {"since": "a", "until": "b"}})
    trained = {"seed": 7, "booster": {"trees": 12, "leaves": 7, "learning_rate": 0.08}}
    write_json(home.path / "runs" / "0-train" / "config.lock.json", trained)
    (home.path / "runs" / "0-train" / "bundle" / bundle.bundle.name).mkdir(parents=True)
    session = Session(silent(), home, NOW)
    assert report(session, model=str(bundle.bundle), kind="card", rules=None) == 0
    (run,) = (home.path / "runs").glob("*-report")
    sources = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["sources"]
    assert (sources["evaluation"]["found"], sources["watched"]["run"]) == (True, "1-monitor")
    assert "随机种子 7，每个结局 12 棵树" in (run / "card.zh.html").read_text(encoding="utf-8")


def test_an_unknown_kind_is_a_usage_error(tmp_path: Path) -> None:
    """With the kinds there are."""
    with pytest.raises(CommandError, match="card、brief、filing") as caught:
        report(Session(silent(), Home(tmp_path), NOW), model="x", kind="poem", rules=None)
    assert caught.value.exit == 2


def test_the_card_says_what_a_chance_is_made_of(tmp_path: Path) -> None:
    """Map, model and past frequency with their shares; a recovered share follows the map alone."""
    blend = small_training().trained.bundle.stages[Stage.B].scores["ability"].readings[0].calibrator.blend
    assert blend is not None
    found = page(bare(), "card", tmp_path)
    assert f"模型 {blend.own:.0%}" in found
    assert "校准映射" in found
    assert re.search(r"earlier periods", page(bare(), "card", tmp_path, Lang.EN))


def test_the_card_names_the_reasons_whose_pull_was_given_up(tmp_path: Path) -> None:
    """Score by score, each reason once, in both languages; where all pulls hold, nothing is said."""
    stage = bare().bundle.stages[Stage.B]
    free = replace(stage.scores["quick_close"], freed=("q_cash_cover", "q_bank_to_claim", "claim_amount_log10"))
    stages = {**bare().bundle.stages, Stage.B: replace(stage, scores={**stage.scores, "quick_close": free})}
    record = replace(bare(), bundle=replace(bare().bundle, stages=stages))

    zh, en = (page(record, "card", tmp_path, lang) for lang in (Lang.ZH, Lang.EN))

    named = re.search(r"快速执结[^<]*：([^<]*查控所得存款等资金[^<]*)", zh)
    assert named is not None
    assert sorted(named[1].split("、")) == ["查控所得存款等资金", "申请执行标的额"]
    assert "money found by the query" in en
    assert "既定方向未得到" in zh
    held = {name: replace(one, freed=()) for name, one in stage.scores.items()}
    kept = replace(bare().bundle, stages={Stage.B: replace(stage, scores=held)})
    assert "既定方向未得到" not in page(replace(bare(), bundle=kept), "card", tmp_path)
