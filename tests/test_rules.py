"""The rule tables: what is shipped, what is in force when, and what is refused."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import numpy as np
import pytest

from features.clock import days_of
from features.register import Stage
from models.rules import RuleTable, RuleTableError
from models.rules.case_view import ScoreView
from models.rules.program import Program
from models.rules.rule import Kind
from models.rules.tri import both, decided, either, public
from tests.builders_tables import HEAD, rule

STATUTE = files("models.rules").joinpath("statutory.toml").read_text("utf-8")
COURT = files("models.rules").joinpath("court_default.toml").read_text("utf-8")
ROUTER = [f"H{i:02}" for i in range(1, 17)] + ["M01", "M02", "M03"]


def faults_of(tmp_path, *, court=COURT, statute=None):
    """Return the faults of a changed court file, with a changed statute when one is given."""
    own = tmp_path / "court.toml"
    own.write_text(court, "utf-8")
    paths = [own]
    if statute is not None:
        law = tmp_path / "law.toml"
        law.write_text(statute, "utf-8")
        paths = [law, own]
    return RuleTable.check(paths)


def test_every_row_of_the_router_table_is_shipped_with_its_basis():
    """H01 to H16 and M01 to M03 are all in force today, each with an article and both languages."""
    rules = {one.rule.id: one.rule for one in RuleTable.load().on(date(2026, 11, 20)).rules}

    assert set(ROUTER) <= set(rules)
    assert all(rule.basis and rule.zh and rule.en and rule.conditions for rule in rules.values())


def test_the_shipped_tables_have_no_fault():
    """What we ship would pass our own check."""
    assert RuleTable.check() == ()


def test_whatever_blocks_urging_blocks_it_when_unknown_too():
    """No rule that forbids urging is lenient about missing facts."""
    rules = [one.rule for one in RuleTable.load().on(date(2026, 11, 20)).rules]

    assert {rule.on_unknown.value for rule in rules if rule.kind is Kind.BLOCK_URGE} == {"block_urge"}


def test_the_law_changes_with_the_day_of_receipt():
    """On the last day of 2023 the old article holds, on the first of 2024 the new one."""
    table = RuleTable.load()

    assert table.on(date(2023, 12, 31)).rule("H06").basis == "民事诉讼法(2021)第246条"
    assert table.on(date(2024, 1, 1)).rule("H06").basis == "民事诉讼法(2023)第250条"


def test_direct_deduction_exists_since_the_guiding_case():
    """Guiding case 254 was published on 2025-04-07; before, nobody offers what it allows."""
    table = RuleTable.load()

    with pytest.raises(KeyError, match="H04"):
        table.on(date(2025, 4, 6)).rule("H04")
    assert table.on(date(2025, 4, 7)).rule("H04").kind is Kind.HARD_OFFER


def test_one_table_serves_all_days_between_two_changes():
    """The ready rules are built once, not once per application."""
    table = RuleTable.load()

    assert table.on(date(2026, 1, 1)) is table.on(date(2026, 11, 20))


def test_days_before_the_tables_are_refused():
    """An application older than the tables gets no rules rather than wrong ones."""
    with pytest.raises(RuleTableError, match="早于规则表的施行日 2022-01-01"):
        RuleTable.load().on(date(2021, 12, 31))


def test_a_batch_is_split_by_the_table_of_each_day():
    """Rows received under different law are tested by different rules."""
    days = np.array([days_of(date(2026, 1, 1)), days_of(date(2023, 5, 1)), days_of(date(2026, 2, 1))])

    parts = RuleTable.load().by_day(days)

    assert [rows.tolist() for _, rows in parts] == [[1], [0, 2]]


def test_a_row_without_a_day_is_refused():
    """Without the day of receipt nobody knows which law holds."""
    with pytest.raises(RuleTableError, match="没有收到日期"):
        RuleTable.load().by_day(np.array([np.nan]))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("urging_days = 15 ", "urging_days = 31 ", "执前督促期（日）为 31，超出 1–30，不得放宽"),
        ("preservation_margin_days = 30", "preservation_margin_days = 29", "保全到期预留（日）为 29，超出 30–365"),
        ("limitation_margin_days = 60", "limitation_margin_days = 59", "申请执行时效预留（日）为 59，超出 60–365"),
        ("payout_days = 30", "payout_days = 45", "案款发放期限（日）为 45"),
        ("urging_days = 15 ", 'urging_days = "15" ', "应为数字"),
        ("payout_days = 30", "", "缺少参数 'payout_days'"),
        ("payout_days = 30", "payout_days = 30\nmercy = 1", "没有声明这一参数"),
        ('"labour_pay", ', '"wages", ', "不是 livelihood 的值"),
        ('debt_relief_courts = ["浙"]', "debt_relief_courts = []", "应为文字列表"),
        ('test = "is_false"', 'test = "is_wrong"', "没有名为 'is_wrong' 的测试"),
        ('field = "phone_provided"', 'field = "phone_given"', "没有名为 'phone_given' 的事实"),
        ('field = "phone_provided"', 'field = "consent_urge"', "不能用于 'consent_urge'"),
        ("params = { value = 2 }", "params = { least = 2 }", "缺少参数 'value'"),
        ("params = { value = 2 }", "params = { value = 2, more = 3 }", "没有参数 'more'"),
        ("params = { value = 2 }", 'params = { value = "two" }', "参数应为数字"),
        ("params = { value = 2 }", 'params = { value = "$two" }', "没有 '$two'"),
        ('codes = ["bank", "nonbank_financial"]', 'codes = ["banque"]', "没有的值"),
        ('id = "H08"', 'id = "H07"', "本院规则不得替换法定规则"),
        ('id = "H08"', 'id = "rule8"', "规则编号应如"),
        ('on_unknown = "block_urge"', 'on_unknown = "ignore"', "事实不明时须同样禁止"),
        ('kind = "grouping"', 'kind = "bundling"', "'kind' 应为"),
        ('lane = "complex"', 'lane = "none"', "lane 应为"),
        ('kind = "grouping"', 'kind = "hard_lane"\nlane = "urge"', "lane 应为"),
        (
            "in_force_from = 2022-01-01\n\n[parameters.values]",
            "in_force_from = 2022-13-01\n\n[parameters.values]",
            "无法解析",
        ),
        (
            "in_force_from = 2022-01-01\n\n[parameters.values]",
            'in_force_from = "now"\n\n[parameters.values]',
            "应为日期",
        ),
        ("[parameters.values]", "until = 2021-01-01\n\n[parameters.values]", "不晚于施行日"),
        ("[parameters.values]", "until = 2027-01-01\n\n[parameters.values]", "2027-01-01 起没有施行的本院参数"),
        ('zh = "不宜督促的情形"', "", "'zh' 缺失"),
        ('zh = "不宜督促的情形"', 'zh = "不宜督促的情形"\nmood = "mild"', "不认识的键 'mood'"),
        ('scope = "court"', 'scope = "village"', "scope 应为"),
        ('format = "fenliu-rules/1"', 'format = "fenliu-rules/9"', "format 应为"),
        ('"batch of {value} cases; kept together"', '"batch of {size} cases"', "{size} 不是参数"),
        ('["非批量案件", "not part of a batch"]', '["非批量案件"]', "中英两句"),
    ],
)
def test_a_wrong_court_file_is_refused_with_the_reason(tmp_path, old, new, reason):
    """Each mistake is named with its file, and nothing of the file is used."""
    assert old in COURT

    found = faults_of(tmp_path, court=COURT.replace(old, new))

    assert any(reason in fault.zh for fault in found), [str(fault) for fault in found]
    assert all(fault.en and fault.rule for fault in found)


def test_two_versions_of_a_rule_on_one_day_are_refused(tmp_path):
    """A day with two versions of one rule has no rule at all."""
    overlapping = STATUTE.replace("until = 2024-01-01", "until = 2024-01-02", 1)

    found = faults_of(tmp_path, statute=overlapping)

    assert [(fault.file, fault.rule) for fault in found] == [("law.toml", "H06")]
    assert "重叠" in found[0].zh


def test_a_court_may_not_declare_its_own_bounds(tmp_path):
    """Otherwise the bound of thirty days would be worth nothing."""
    wider = (
        COURT + '\n[[parameter]]\nname = "urging_days"\ntype = "number"\nmax = 90\nzh = "a"\nen = "a"\nbasis = "a"\n'
    )

    assert any("只能由法定规则声明" in fault.zh for fault in faults_of(tmp_path, court=wider))


def test_a_day_without_an_urging_rule_is_refused(tmp_path):
    """Every day needs one model rule per lane, or routing would have holes."""
    start = COURT.index('[[rule]]\nid = "M01"')
    without = COURT[:start] + COURT[COURT.index('[[rule]]\nid = "M02"') :]

    assert any("各一条 model 规则" in fault.zh for fault in faults_of(tmp_path, court=without))


def test_loading_a_refused_file_raises_every_fault(tmp_path):
    """The message names file, rule and both languages, one line each."""
    own = tmp_path / "court.toml"
    own.write_text(COURT.replace("urging_days = 15 ", "urging_days = 60 ").replace("payout_days = 30", ""), "utf-8")

    with pytest.raises(RuleTableError, match=r"court.toml payout_days：.*\n?.*court.toml urging_days：") as caught:
        RuleTable.load([own])

    assert {fault.rule for fault in caught.value.faults} == {"payout_days", "urging_days"}


def test_a_court_may_be_stricter_and_add_its_own_rule(tmp_path):
    """A shorter window and a rule of its own are what the court's file is for."""
    own = tmp_path / "court.toml"
    extra = (
        '\n[[rule]]\nid = "C01"\nkind = "hard_lane"\nlane = "complex"\nstages = "AB"\n'
        'zh = "群体性案件"\nen = "mass case"\n'
        'basis = "本院规则第9条"\nin_force_from = 2026-01-01\non_unknown = "ignore"\n'
        '[[rule.condition]]\nid = "C01.1"\ntest = "is_true"\nfield = "group_case"\n'
    )
    own.write_text(COURT.replace("urging_days = 15 ", "urging_days = 10 ") + extra, "utf-8")

    in_force = RuleTable.load([own]).on(date(2026, 11, 20))

    order = [one.rule.id for one in in_force.programs[Stage.A].rules]
    assert in_force.number("urging_days") == 10
    assert order.index("H12") < order.index("C01") < order.index("M01")


@pytest.mark.parametrize("left", [1.0, 0.0, np.nan])
@pytest.mark.parametrize("right", [1.0, 0.0, np.nan])
def test_three_valued_logic_is_kleenes(left, right):
    """One refusal decides an AND, one consent an OR; otherwise unknown stays unknown."""
    a, b = (decided(np.array([x]), np.array([x == 1.0])) for x in (left, right))

    conjunction, disjunction = public(both(a, b))[0], public(either(a, b))[0]

    expected_and = 0.0 if 0.0 in (left, right) else left * right
    expected_or = 1.0 if 1.0 in (left, right) else left + right
    assert np.array_equal([conjunction, disjunction], [expected_and, expected_or], equal_nan=True)


def test_a_score_nobody_knows_is_refused():
    """A misspelt score must not silently count as unusable."""
    with pytest.raises(ValueError, match="没有分值 'p_will'"):
        ScoreView.of(1, p_will=0.5)


def test_conditions_of_one_group_are_alternatives_and_groups_are_joined():
    """The layout of a stage keeps every rule's conditions together and in order."""
    program = RuleTable.load().on(date(2026, 11, 20)).programs[Stage.A]

    assert isinstance(program, Program)
    assert len(program.rule_starts) == len(program.rules)
    assert program.group_starts.tolist() == sorted(set(program.group_starts.tolist()))


def test_a_table_can_be_made_again_from_its_texts() -> None:
    """The texts that a table keeps make the same table: same hash, same rules, same parameters."""
    table = RuleTable.load()

    assert RuleTable.of(table.texts) == table
    assert [name for name, _ in table.texts] == ["statutory.toml", "court_default.toml"]


def test_every_limit_of_the_law_is_dated_and_has_an_article():
    """Each is in force today once, says how it counts, and names rules that exist."""
    in_force = RuleTable.load().on(date(2026, 11, 20))
    rules = {one.rule.id for one in in_force.rules}

    assert {"T01", "T04", "T09", "T11", "T13", "T15", "T16", "T18", "T24", "T30"} <= set(in_force.limits)
    assert all(limit.basis and limit.zh and limit.en for limit in in_force.limits.values())
    assert {name for limit in in_force.limits.values() for name in limit.touches} <= rules


@pytest.mark.parametrize(
    ("day", "name", "article"),
    [
        (date(2022, 4, 9), "T15", "第487条"),
        (date(2022, 4, 10), "T15", "第485条"),
        (date(2023, 12, 31), "T11", "第233条"),
        (date(2024, 1, 1), "T11", "第237条"),
    ],
)
def test_a_limit_names_the_article_of_its_day(day, name, article):
    """The periods did not change with the numbering, their articles did."""
    assert article in RuleTable.load().on(day).limits[name].basis


def test_a_statute_without_a_limit_is_refused(tmp_path):
    """Without the day of 终本 or of filing no deadline could be told."""
    start = STATUTE.index('[[limit]]\nid = "T13"')
    without = STATUTE[:start] + STATUTE[STATUTE.index("[[limit]]", start + 5) :]

    assert any(
        fault.rule == "T13" and "没有施行的法定期限" in fault.zh for fault in faults_of(tmp_path, statute=without)
    )


def test_a_courts_file_is_laid_over_what_it_extends():
    """Its own rule replaces the default from its first day on, its own values fill up with the default's."""
    own = HEAD + '\n[[parameters]]\nversion = "2"\nin_force_from = 2026-06-01\n[parameters.values]\nurging_days = 10\n'
    extending = RuleTable.of(
        [("court.toml", own + rule("H12", kind="grouping", lane=None, in_force_from="2026-06-01"))]
    )
    before, after = extending.on(date(2026, 5, 31)), extending.on(date(2026, 6, 1))

    assert (before.number("urging_days"), after.number("urging_days")) == (15, 10)
    assert after.number("payout_days") == before.number("payout_days") == 30
    assert before.rule("H12").zh == "同一被执行人或同批案件集中办理"
    assert after.rule("H12").zh == "试验规则"


def test_a_table_is_made_again_from_its_own_texts():
    """A replay needs neither the file of the court nor the shipped one of its day."""
    extending = RuleTable.of([("court.toml", HEAD + rule())])
    again = RuleTable.of(extending.texts)

    assert [name for name, _ in extending.texts] == ["statutory.toml", "court.toml", "court_default.toml"]
    assert (again.sha256, again.version) == (extending.sha256, extending.version)
    assert again.on(date(2026, 11, 20)).rule("C01") == extending.on(date(2026, 11, 20)).rule("C01")


def test_a_province_may_stand_between_a_court_and_the_defaults(tmp_path):
    """A high court's table in the same folder is extended by its file name, and in its turn extends the defaults."""
    for name, text in (("court", HEAD.replace("default", "province") + rule("C02")), ("province", HEAD + rule("C01"))):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")

    found = RuleTable.load([tmp_path / "court.toml"])

    assert {"C01", "C02", "H12"} <= {one.id for one in found.rules}
    assert [name for name, _ in found.texts][1:] == ["court.toml", "province.toml", "court_default.toml"]
    assert "须恰有一份法定规则" in str(RuleTable.check([tmp_path / "province.toml", tmp_path / "court.toml"])[0])


def test_a_rule_on_trial_gives_the_default_back_when_it_ends():
    """In force for a year, it replaces the default for that year only, and so do its values."""
    values = '\n[[parameters]]\nversion = "t"\nin_force_from = 2026-01-01\nuntil = 2027-01-01\n[parameters.values]\n'
    trial = rule("M02", kind="model", lane="fast", until="2027-01-01")
    found = RuleTable.of([("court.toml", HEAD + values + "urging_days = 10\n" + trial)])

    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [found.on(day).rule("M02").zh == "试验规则" for day in days] == [False, True, True, False]
    assert [found.on(day).number("urging_days") for day in days] == [15, 10, 10, 15]


def test_rules_of_one_day_can_be_tried_on_every_day():
    """A table held to one day has the values and articles of that day on any other; a day before it is refused."""
    own = HEAD + '\n[[parameters]]\nversion = "2"\nin_force_from = 2027-06-01\n[parameters.values]\nurging_days = 10\n'
    table = RuleTable.of([("court.toml", own)])
    held = table.throughout(date(2027, 6, 1))

    days = (table.in_force_from, date(2027, 5, 31), date(2030, 1, 1))
    assert [held.on(day).number("urging_days") for day in days] == [10, 10, 10]
    assert [table.on(day).number("urging_days") for day in days] == [15, 15, 10]
    bases = [{name: one.basis for name, one in rules.limits.items()} for rules in (held.on(days[0]), table.on(days[2]))]
    assert bases[0] == bases[1]
    with pytest.raises(RuleTableError, match="早于规则表的施行日"):
        table.throughout(date(1990, 1, 1))
