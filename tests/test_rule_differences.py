"""Differences of rule tables: what changed, from when, in which direction; nothing between a table and itself."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.loading import profile_names
from models.rules.rule import Span
from models.rules.table import RuleTable
from tests.builders_rule_tools import SMALL_CLAIMS, STATUTE, changed, later_table, shipped, table
from training.rule_tools.tables.differences import Change, counts, differences
from training.rule_tools.tables.effects import Effect
from training.rule_tools.tables.opening import open_table
from training.rule_tools.tables.spans import stretches

S, L, C, N = Effect.STRICTER, Effect.LOOSER, Effect.CHANGED, Effect.NEUTRAL
STRICT_TABLE = table(("preservation_margin_days = 30", "preservation_margin_days = 45"), more=SMALL_CLAIMS)
LATER_TABLE = later_table("2027-01-01", ("urging_days = 15", "urging_days = 20"))


def between(old: RuleTable, new: RuleTable) -> dict[str, Change]:
    """Return the changes by what they are about; the version of the table is left out."""
    return {one.id: one for one in differences(old, new) if one.what != "table"}


@pytest.mark.parametrize("one", [shipped(), STRICT_TABLE, LATER_TABLE])
def test_a_table_does_not_differ_from_itself(one: RuleTable) -> None:
    """No change, in no direction."""
    assert differences(one, one) == ()
    assert set(counts(differences(one, one)).values()) == {0}


@pytest.mark.parametrize(
    ("old", "new", "effect", "said"),
    [
        ("urging_days = 15", "urging_days = 20", L, "执前督促期：15 日 → 20 日（涉及 H05、H06、P03）"),
        ("preservation_margin_days = 30", "preservation_margin_days = 45", S, "保全到期预留：30 日 → 45 日"),
        ("urging_amount_cap = 1000000", "urging_amount_cap = 500000", S, "1,000,000 元 → 500,000 元（涉及 M01）"),
        ("willingness_threshold = 0.50", "willingness_threshold = 0.60", S, "0.5 → 0.6（涉及 M01）"),
        ("quick_threshold = 0.60", "quick_threshold = 0.50", L, "0.6 → 0.5（涉及 S04、M02）"),
        ("fixed_wage = 3000", "fixed_wage = 3500", S, "3,000 元/月 → 3,500 元/月"),
        ("fast_cash_days = 20", "fast_cash_days = 15", S, "20 日 → 15 日（涉及 H14）"),
        ("certificate_cap = 500000", "certificate_cap = 800000", L, "500,000 元 → 800,000 元（涉及 H10）"),
        (', "civil_in_criminal"]', "]", L, "急迫涉民生类别：去掉 刑附民（涉及 H09）"),
        ('debt_relief_courts = ["浙"]', 'debt_relief_courts = ["浙", "苏"]', L, "增加 苏（涉及 H11）"),
        ('debt_relief_courts = ["浙"]', 'debt_relief_courts = ["苏"]', C, "增加 苏；去掉 浙"),
        ("payout_days = 30", "payout_days = 20", S, "30 日 → 20 日"),
    ],
)
def test_a_parameter_change_is_told_with_its_direction(old: str, new: str, effect: Effect, said: str) -> None:
    """From which value to which, which rules use it, and whether that is stricter or looser."""
    (change,) = between(shipped(), table((old, new))).values()
    assert (change.what, change.effect, change.start) == ("parameter", effect, date(2022, 1, 1))
    assert said in change.text.zh


@pytest.mark.parametrize(
    ("old", "new", "name", "effect", "said"),
    [
        (
            'params = { value = 1 }\nmet = ["被执行人仅一人"',
            'params = { value = 2 }\nmet = ["被执行人仅一人"',
            "H10.6", L, "条件 H10.6：被执行人数不超过 1 → 被执行人数不超过 2",
        ),
        ('zh = "可提示预查废"', 'zh = "可以提示预查废"', "H10", N, "的名称：可提示预查废 → 可以提示预查废"),
        ('met = ["申请人未提供新线索"', 'met = ["申请人没有提供新线索"', "H10", N, "条件 H10.9 的说明文字有改动"),
        ("参照杭州中院、随州中院做法", "参照杭州中院做法", "M01", N, "的依据：本院规则 2026-11"),
        ('id = "H10"\nkind = "flag"\nstages = "A"', 'id = "H10"\nkind = "flag"\nstages = "AB"', "H10", C,
         "的适用阶段：立案前 → 立案前、查控后"),
        ('test = "is_false"\nfield = "phone_provided"', 'test = "is_true"\nfield = "phone_provided"', "H08", C,
         "条件改写。原：公告送达：是，或是否提供有效电话：否，或当前失信：是。现：公告送达：是，或是否提供有效电话：是，或当前失信：是"),
    ],
)  # fmt: skip
def test_a_rule_change_is_told_by_what_changed(old: str, new: str, name: str, effect: Effect, said: str) -> None:
    """A condition's number, words alone, the article, the stages, another test."""
    change = between(shipped(), table((old, new)))[name]
    assert (change.effect, said in change.text.zh) == (effect, True)


def test_a_new_rule_is_told_with_what_it_does_and_asks() -> None:
    """A rule that forbids urging is stricter; taking it away again is looser."""
    added, gone = between(shipped(), table(more=SMALL_CLAIMS)), between(table(more=SMALL_CLAIMS), shipped())
    assert added["K01"].effect is S
    assert "新增规则 K01「小额案件直接立案」：不得督促" in added["K01"].text.zh
    assert "条件：申请执行标的额少于 50,000 元" in added["K01"].text.zh
    assert (gone["K01"].effect, gone["K01"].text.zh[:8]) == (L, "删除规则 K01")


def test_a_rule_that_starts_later_is_told_for_the_days_it_is_missing() -> None:
    """In force from July 2024 instead of from the start: looser until then."""
    late = table(more=changed(SMALL_CLAIMS, ("in_force_from = 2022-01-01", "in_force_from = 2024-07-01")))
    (change,) = between(table(more=SMALL_CLAIMS), late).values()
    assert (change.effect, change.days().zh) == (L, "2022-01-01 至 2024-06-30")
    assert "新表不再施行" in change.text.zh


def test_an_alternative_eases_a_rule_and_a_demand_does_not() -> None:
    """A second ground for forbidding urging is stricter; one more demand for the same is looser."""
    part = (
        '\n[[rule.condition]]\nid = "K01.2"\ntest = "is_true"\nfield = "preserved"\n'
        'met = ["有保全", "preserved"]\nnot_met = ["无保全", "not preserved"]\n'
    )
    alone = table(more=SMALL_CLAIMS)
    either = between(alone, table(more=SMALL_CLAIMS + part))["K01.2"]
    both = between(alone, table(more=SMALL_CLAIMS + part.replace("id =", 'group = "more"\nid =', 1)))["K01.2"]
    assert (either.effect, both.effect) == (S, L)


NESTED = """
[[rule]]
id = "K02"
kind = "hard_lane"
lane = "complex"
stages = "A"
zh = "大额或多人案件"
en = "large or many-sided claims"
basis = "本院规则 2027-01"
in_force_from = 2022-01-01

[[rule.condition]]
any = [
    { id = "K02.1", test = "above", field = "claim_amount", params = { value = 5000000 } },
    { none = [{ id = "K02.2", test = "at_most", field = "n_debtors", params = { value = 3 } }] },
]
"""
"""A rule with branches: a large claim, or not at most three debtors."""


def test_nested_conditions_are_told_as_one_sentence_each_way() -> None:
    """New, and rewritten where its branches change."""
    new = table(more=NESTED)
    added = between(shipped(), new)["K02"]
    assert "条件：申请执行标的额多于 5,000,000 元，或并非（被执行人数不超过 3）" in added.text.zh
    every = between(new, table(more=changed(NESTED, ("any = [", "all = ["))))["K02"]
    assert (every.effect, "，且并非（被执行人数不超过 3）" in every.text.zh) == (C, True)


@pytest.mark.parametrize(
    ("old", "new", "name", "effect"),
    [
        ("value = 5000000", "value = 3000000", "K02.1", S),
        ("value = 3 }", "value = 5 }", "K02.2", L),
        ("params = { value = 3 } }", "params = { value = 3 }, not = true }", "K02.2", C),
    ],
)
def test_a_negated_branch_turns_the_direction(old: str, new: str, name: str, effect: Effect) -> None:
    """More debtors allowed inside "none of" means fewer cases for the special lane."""
    assert between(table(more=NESTED), table(more=changed(NESTED, (old, new))))[name].effect is effect


def test_a_negated_condition_turns_the_direction() -> None:
    """Not below 50,000, so that a higher mark keeps fewer cases from urging."""
    negated = changed(SMALL_CLAIMS, ('test = "below"', 'not = true\ntest = "below"'))
    change = between(table(more=negated), table(more=changed(negated, ("value = 50000", "value = 80000"))))["K01.1"]
    assert (change.effect, "并非（申请执行标的额少于 80,000 元）" in change.text.zh) == (L, True)


def test_the_place_in_the_order_of_work_is_told() -> None:
    """It changes no lane, so it is neither stricter nor looser."""
    change = between(shipped(), table(('kind = "priority"\nrank = 5', 'kind = "priority"\nrank = 7')))["P06"]
    assert (change.effect, "的办理次序：5 → 7" in change.text.zh) == (C, True)


def test_a_time_limit_of_the_law_is_told() -> None:
    """Five days instead of seven to decide on filing."""
    law = changed(STATUTE, ('en = "decision on filing"\nvalue = 7', 'en = "decision on filing"\nvalue = 5'))
    change = between(shipped(), table(statute=law))["T01"]
    assert change.text.zh == "期限 T01「立案审查期限」：7 日，末日遇节假日顺延 → 5 日，末日遇节假日顺延"


@pytest.mark.parametrize("name", profile_names())
def test_every_published_profile_is_compared_in_plain_words(name: str) -> None:
    """No program name and no open hole stands in the words; backwards the directions turn round."""
    profile = open_table(Path(f"profile:{name}"))
    there, back = differences(shipped(), profile), counts(differences(profile, shipped()))
    assert differences(profile, profile) == ()
    assert not [one.text.zh for one in there if re.search(r"[{}$]|\b[a-z]+_[a-z]+\b", one.text.zh)]
    assert (counts(there)[S], counts(there)[L]) == (back[L], back[S])


def test_a_parameter_of_a_later_day_is_told_from_that_day() -> None:
    """What holds now does not change."""
    (change,) = between(shipped(), LATER_TABLE).values()
    assert (change.id, change.days().zh) == ("urging_days", "自 2027-01-01 起")


def test_a_narrower_bound_of_the_law_is_stricter() -> None:
    """A changed statute is compared like a changed court table."""
    bound = 'min = 1\nmax = {}\nzh = "执前督促期（日）"'
    narrow = changed(STATUTE, (bound.format(30), bound.format(20)))
    (change,) = between(shipped(), table(statute=narrow)).values()
    assert (change.what, change.effect) == ("bound", S)
    assert change.text.zh == "执前督促期的法定界限：1 至 30 日 → 1 至 20 日"


@pytest.mark.parametrize("pair", [(shipped(), STRICT_TABLE), (shipped(), LATER_TABLE), (STRICT_TABLE, LATER_TABLE)])
def test_turned_around_stricter_is_looser(pair: tuple[RuleTable, RuleTable]) -> None:
    """What one way tightens, the other way loosens: as many changes, on the same days."""
    there, back = differences(*pair), differences(*pair[::-1])
    forth, return_ = counts(there), counts(back)
    assert (forth[S], forth[L], forth[C], forth[N]) == (return_[L], return_[S], return_[C], return_[N])
    assert {(one.id, one.start, one.until) for one in there} == {(one.id, one.start, one.until) for one in back}


def test_another_court_or_version_is_told_and_changes_nothing() -> None:
    """A head that differs is neutral."""
    found = differences(shipped(), table(('court = "default"', 'court = "苏0903"')))
    assert {(one.what, one.id, one.effect) for one in found} == {("table", "court", N), ("table", "version", N)}


days = st.dates(date(2023, 1, 1), date(2023, 2, 15))


@st.composite
def chains(draw: st.DrawFn) -> list[tuple[Span, int]]:
    """Return spans that do not overlap, each with a value."""
    ends = sorted(draw(st.sets(days, min_size=0, max_size=6)))
    values = draw(st.lists(st.integers(0, 2), min_size=len(ends), max_size=len(ends)))
    untils = [*ends[1:], draw(st.sampled_from([None, date(2023, 3, 1)]))]
    return [
        (Span(in_force_from=start, until=until), value)
        for start, until, value in zip(ends, untils, values, strict=False)
    ]


@given(chains(), chains(), days)
def test_stretches_are_exactly_the_days_on_which_two_tables_differ(
    old: list[tuple[Span, int]], new: list[tuple[Span, int]], first: date
) -> None:
    """Every day from the first on lies in a stretch when old and new differ on it, and in none when they do not."""
    values = {id(span): value for span, value in (*old, *new)}
    found = list(stretches([s for s, _ in old], [s for s, _ in new], first=first, of=lambda span: values[id(span)]))
    for number in range(60):
        day = date.fromordinal(first.toordinal() + number)
        was, now = (next((value for span, value in side if span.holds(day)), None) for side in (old, new))
        inside = [one for one in found if one.start <= day and (one.until is None or day < one.until)]
        assert [(one.old, one.new) for one in inside] == ([(was, now)] if was != now else [])
