"""Rules in words: every test, condition and parameter of a table reads as a sentence in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from models.rules.conditions import TESTS
from models.rules.rule import Condition, Kind
from tests.builders_rule_tools import shipped
from training.errors import CommandError
from training.rule_tools.tables.showing import in_force
from training.rule_tools.tables.wording import Wording, names_of, plain
from training.rule_tools.tables.words import ASKS, DOES, KINDS, does

DAY = date(2026, 11, 20)
WORDING = Wording.on(shipped(), DAY)
CONDITIONS = {one.id: one for rule in shipped().rules for one in rule.conditions}


def test_every_test_and_kind_has_words() -> None:
    """Nothing that a table may name is shown by its program name alone."""
    assert set(TESTS) <= set(ASKS)
    assert set(Kind) == set(DOES) == set(KINDS)


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_every_shipped_condition_reads_as_a_sentence(condition: Condition) -> None:
    """No open hole, no parameter sign and no program name is left, in Chinese or English."""
    text = WORDING.condition(condition)
    assert not re.search(r"[{}$]|_", text.zh)
    assert re.search("[\u4e00-\u9fff]", text.zh)
    assert not re.search(r"[{}$]", text.en)


def test_parameters_stand_in_a_condition_with_value_unit_and_name() -> None:
    """A clerk sees the days that are added up and what each of them is."""
    assert WORDING.condition(CONDITIONS["H05.3"]).zh == ("保全剩余天数少于 15 日（执前督促期）加 30 日（保全到期预留）")
    assert WORDING.condition(CONDITIONS["M01.2"]).en == "unpaid amount is at most 1,000,000 yuan (largest claim urged)"


@pytest.mark.parametrize(
    ("test", "field", "params", "said"),
    [
        ("between", "claim_amount", {"low": 10000, "high": 50000}, "申请执行标的额不低于 10,000 元、不超过 50,000 元"),
        ("passed_months", "basis_effective_date", {"value": 6}, "文书生效日已满 6 个月"),
        ("within_days", "pres_expiry", {"value": 30}, "距最早到期日不足或恰为 30 日"),
        ("at_least_share", "pres_cash", {"share": 0.5, "of": "unpaid"}, "实际冻结存款不低于未履行金额的 0.5 倍"),
        ("at_most_by", "claim_amount", {"by": "applicant_type", "value": {"bank": 50000}},
         "申请执行标的额不超过按申请人类型分别规定的数额：银行 50,000 元"),
        ("cause_in", "cause_code", {"causes": {"2026": ["108.3"]}}, "案由代码列于：2026 年版 108.3"),
    ],
)  # fmt: skip
def test_tests_with_several_parameters_read_as_one_clause(
    test: str, field: str, params: dict[str, object], said: str
) -> None:
    """Spans, periods, shares, amounts by kind and lists of causes, each with its unit and in words."""
    one = Condition(
        id="X01.1", test=test, field=field, params=params, group="", needed=True, stages=frozenset(), texts={}
    )
    assert WORDING.condition(one).zh == said
    assert WORDING.condition(replace(one, negated=True)).zh == f"并非（{said}）"


def test_an_unknown_test_is_shown_by_its_name_and_parameters() -> None:
    """A table of a later version is shown as far as it goes."""
    odd = Condition(
        id="X01.1",
        test="odd",
        field="claim_amount",
        params={"value": 3},
        group="",
        needed=True,
        stages=frozenset(),
        texts={},
    )
    assert WORDING.condition(odd).zh == "申请执行标的额：odd value 3 元"


def test_bounds_carry_the_unit_and_skip_what_nobody_reaches() -> None:
    """Ten million million yuan is no bound."""
    declared = {one.name: one for one in shipped().declared}
    assert WORDING.bounds(declared["urging_days"]).zh == "1 至 30 日"
    assert WORDING.bounds(declared["urging_amount_cap"]).zh == "不低于 0 元"
    assert WORDING.bounds(declared["urgent_livelihood"]).zh.startswith("至少包括 劳动报酬、工伤")
    assert names_of(declared["urging_days"]) == (("执前督促期", "日"), ("urging window", "days"))


@pytest.mark.parametrize(
    ("value", "text"), [(1000000, "1,000,000"), (0.5, "0.5"), (0.125, "0.125"), (30.0, "30"), (True, "True")]
)
def test_numbers_are_written_plainly(value: object, text: str) -> None:
    """Thousands parted, no needless zeros."""
    assert plain(value) == text


def test_what_a_rule_does_says_what_missing_facts_do() -> None:
    """H07 forbids urging, and also while consent is not recorded."""
    rules = {one.id: one for one in shipped().rules}
    assert does(rules["H07"]).zh == "不得督促；事实不明时同样不得督促"
    assert does(rules["H10"]).zh == "只作提示，不改变分流"
    assert does(rules["H14"]).zh == "期限届满，转入精办"


def test_what_is_in_force_depends_on_the_day() -> None:
    """The article of H06 was renumbered on the first of January 2024."""
    before, after = (in_force(shipped(), date(2023, 12, 31) if old else DAY, rule="H06") for old in (True, False))
    assert before.rules[0].basis == "民事诉讼法(2021)第246条"
    assert after.rules[0].basis == "民事诉讼法(2023)第250条"
    assert {one.name for one in after.parameters} == {"urging_days", "limitation_margin_days"}


def test_alternatives_and_demands_are_told_apart() -> None:
    """H05: preserved, and (of pre-enforcement, or lapsed, or lapsing soon)."""
    shown = in_force(shipped(), DAY, rule="H05")
    assert [one.link.zh for one in shown.asked(shown.rules[0])] == ["当", "且", "或", "或"]


def test_a_rule_or_day_that_is_not_there_is_refused() -> None:
    """The word lists the rules that are in force, or says since when there are any."""
    with pytest.raises(CommandError, match=r"没有施行中的规则 'H99'；有：H01、H02"):
        in_force(shipped(), DAY, rule="H99")
    with pytest.raises(CommandError, match="早于规则表的施行日"):
        in_force(shipped(), date(2001, 1, 1))
