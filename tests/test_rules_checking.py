"""Wrong tables are refused when loaded: what loosens the law, contradicts itself, never applies, is no table."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.rules import RuleTable, RuleTableError
from tests.builders_rules import TODAY
from tests.builders_tables import HEAD, condition, faults, reasons, rule, table


def test_a_small_table_over_the_defaults_may_be_used() -> None:
    """The builder's own table is right, so that each test below fails for its own reason."""
    assert faults(rule()) == ()
    assert table(rule()).on(TODAY).rule("C01").lane == "complex"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rule().replace('zh = "试验规则"', 'zh = "a rule"'), "C01：'zh' 应有中文表述，实为 'a rule'"),
        (rule().replace('zh = "试验规则"', 'zh = "试验\\u202e规则"'), "C01：'zh' 含看不见的字符"),
        (rule(flag="own", flag_text=["own", "own"]), "C01：'flag_text' 应有中文表述，实为 'own'"),
        (rule(lane=None), "C01：hard_lane 的 lane 应为 fast、complex，实为 未写"),
        (rule(kind="hard_offer", lane="fast"), "C01：hard_offer 须以 'flag'、'flag_text' 写明所提建议"),
        (rule(kind="flag", lane="fast"), "C01：flag 不写 lane，实为 'fast'"),
        (rule(conditions=condition("at_least_share", "pres_cash", '{ share = 0, of = "unpaid" }')), "比例应大于 0"),
        (rule(conditions=condition("cause_in", "cause_code", '{ causes = { "2026" = ["101-98"] } }')), "'101-98'"),
    ],
)
def test_what_a_judge_could_not_read_or_no_case_could_meet_is_refused(text: str, reason: str) -> None:
    """English where Chinese belongs, characters that hide, shares of nothing, spans that run backwards."""
    assert reason in reasons(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rule("H03"), "H03：本院规则不得替换法定规则"),
        (rule("P01", kind="priority", lane=None, rank=2), "P01：本院规则不得替换法定规则"),
        (rule(kind="hard_stop", lane=None), "C01：立案条件由法律、司法解释规定，本院不得另设"),
        (rule(flag="limitation_near", flag_text=["甲", "a"]), "C01：提示代码已由法定规则使用"),
        (rule(kind="priority", lane=None, rank=1), "C01：涉民生案件优先"),
        (rule(kind="block_urge", lane=None, on_unknown="ignore"), "C01：禁止督促的规则，事实不明时须同样禁止"),
        (rule(on_unknown="met"), "C01：'on_unknown' 应为 block_urge、ignore 之一，实为 'met'"),
        (rule(conditions=condition(needed=False)), "C01：阶段 A 的条件均为 needed = false，事实不明也会成立"),
        (
            rule(combine="all", conditions=condition() + "\n" + condition("is_true", "supervised", "", needed=False)),
            "C01.2：决定分流去向的规则，needed = false",
        ),
        (rule(before=["H01"]), "C01：不认识的键 'before'"),
        (rule(yields_to=["H01"]), "C01：法定规则 H01 本就优先"),
        (
            rule(lane="fast", conditions=condition("one_of", "relief_type", '{ codes = ["delivery"] }')),
            "C01：凡符合本规则的案件，法定规则 H03（须由专门团队办理的案件）均另有去向",
        ),
        (
            rule(lane="fast", conditions=condition("not_passed", "performance_due", "")),
            "C01：凡符合本规则的案件，法定规则 H01（不符合执行立案条件）均另有去向",
        ),
    ],
    ids=lambda value: value[:40] if value.startswith("C") else "",
)
def test_a_court_cannot_loosen_the_law(text: str, reason: str) -> None:
    """Replacing, outranking, taking over, passing over unknown facts: each is refused with its reason."""
    assert reason in reasons(text)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("urging_days = 31", "urging_days：执前督促期（日）为 31，超出 1–30"),
        ("urging_days = 15.5", "urging_days：执前督促期（日）应为整数"),
        ("payout_days = 45", "payout_days：案款发放期限（日）为 45，超出 1–30"),
        ("fast_cash_days = 200", "fast_cash_days：快执时钟：足额存款（日）为 200，超出 1–180"),
        ("limitation_margin_days = 0", "limitation_margin_days：申请执行时效预留（日）为 0，超出 60–365"),
        ("fixed_wage = 0", "fixed_wage：固定工资标准（元/月）为 0，超出 1–"),
        ("willingness_threshold = 0", "willingness_threshold：督促期内自动履行概率标准为 0，超出 0.05–0.99"),
        ("willingness_threshold = nan", "willingness_threshold：督促期内自动履行概率标准为 nan，超出"),
        ('urgent_livelihood = ["support"]', "urgent_livelihood：不得少于 labour_pay"),
        ("grace_days = 9", "grace_days：法定规则没有声明这一参数"),
    ],
)
def test_a_court_sets_parameters_within_the_bounds_of_the_law(values: str, reason: str) -> None:
    """Each bound is named with what was given."""
    text = f'\n[[parameters]]\nversion = "1"\nin_force_from = 2026-01-01\n[parameters.values]\n{values}\n'

    assert reason in reasons(text)


LIMIT = """
[[limit]]
id = "T01"
zh = "立案"
en = "filing"
value = 9
unit = "days"
basis = "本院"
in_force_from = 2026-01-01
"""
PARAMETER = """
[[parameter]]
name = "x"
type = "number"
zh = "甲"
en = "a"
basis = "本院"
"""


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (HEAD + 'without = ["H07"]\n', "H07：法定规则不得省去"),
        (HEAD + 'without = ["C77"]\n', "C77：没有可省去的规则 C77"),
        (HEAD.replace("default", "nowhere"), "extends：没有名为 'nowhere' 的规则表"),
        (HEAD.replace('"default"', '"court"'), "extends：extends 成环：court → court"),
        (HEAD + LIMIT, "T01：法定期限只能由法定规则写明"),
        (HEAD + PARAMETER, "x：参数及其界限只能由法定规则声明"),
        (HEAD.replace('scope = "court"', 'scope = "statutory"'), "须恰有一份法定规则和一份本院规则"),
        (HEAD + 'without = ["M03"]\n', "每一天须恰有督促、快执、精办各一条 model 规则"),
    ],
)
def test_the_head_of_a_file_cannot_loosen_the_law_either(head: str, reason: str) -> None:
    """Leaving out, redefining, posing as the law, leaving holes."""
    assert reason in reasons(head=head)


def test_a_court_may_do_without_urging() -> None:
    """Leaving out M01 means that nobody is urged; nothing else is missing."""
    found = table(head=HEAD + 'without = ["M01", "H10"]\n')

    assert faults(head=HEAD + 'without = ["M01"]\n') == ()
    assert {"M01", "H10"}.isdisjoint(one.rule.id for one in found.on(TODAY).rules)


SMALL = condition("below", "claim_amount", "{ value = 10000 }")
NOT_SMALL = condition("at_least", "claim_amount", "{ value = 10000 }")
PERSON = condition("one_of", "debtor_type", '{ codes = ["person"] }')


def test_two_rules_that_send_one_case_two_ways_are_refused() -> None:
    """Small claims fast and persons complex: a person with a small claim would go both ways."""
    found = reasons(rule("C01", lane="fast", conditions=SMALL), rule("C02", conditions=PERSON))

    assert "C02：与 C01 可在同一案件上同时成立（阶段 A），一为快执、一为精办；请写 yields_to" in found
    assert "（阶段 B）" in found


@pytest.mark.parametrize("who", ["C01", "C02"])
def test_saying_which_gives_way_settles_it(who: str) -> None:
    """Either may give way, at once or by way of a third."""
    other = {"C01": "C02", "C02": "C01"}[who]
    keys = {name: {"yields_to": [other]} if name == who else {} for name in ("C01", "C02")}

    assert (
        faults(rule("C01", lane="fast", conditions=SMALL, **keys["C01"]), rule("C02", conditions=PERSON, **keys["C02"]))
        == ()
    )


def test_rules_that_cannot_meet_one_case_need_no_order() -> None:
    """Below and from ten thousand on exclude each other; so do codes, and whole numbers without one between."""
    few, many = (condition(test, "n_debtors", "{ value = 3 }") for test in ("below", "above"))
    three = condition("between", "n_debtors", "{ low = 2.5, high = 2.9 }")

    assert faults(rule("C01", lane="fast", conditions=SMALL), rule("C02", conditions=NOT_SMALL)) == ()
    assert faults(rule("C01", lane="fast", conditions=few), rule("C02", conditions=many)) == ()
    assert "C01：条件相互矛盾，阶段 A 没有案件能够成立" in reasons(rule(conditions=three))


def test_an_order_that_runs_in_a_circle_is_refused() -> None:
    """Nobody could ever go first."""
    found = reasons(rule("C01", yields_to=["C02"]), rule("C02", yields_to=["C03"]), rule("C03", yields_to=["C01"]))

    assert "先后次序成环：C" in found


NOT = {"not": True}
THREE_DAYS = ("passed_days", "received_at", "{ value = 3 }")
COVERED = ("covers_due", "pres_cash", "")
SUPERVISED = ("is_true", "supervised", "")


@pytest.mark.parametrize(
    "both",
    [
        (condition("at_least", params="{ value = 2 }"), condition("below", params="{ value = 2 }")),
        (condition("at_most", params="{ value = -1 }"),),
        (condition(*SUPERVISED), condition(*SUPERVISED, **NOT)),
        (condition(*COVERED), condition(*COVERED, **NOT)),
        (condition("cannot_check", "basis_authority", ""),),
        (PERSON, PERSON.replace("one_of", "none_of")),
        (condition(*THREE_DAYS), condition(*THREE_DAYS, **NOT).replace("3", "2")),
        (condition("at_least", "n_debtors", "{ value = 2 }"), condition("above", "n_debtors", "{ value = 1 }", **NOT)),
        (condition("after_today", "due_date", ""), condition("today_or_before", "due_date", "")),
    ],
    ids=["number", "negative", "yes and no", "money", "nobody can tell", "kinds", "days", "whole", "dates"],
)
def test_a_rule_that_no_case_can_meet_is_refused(both: tuple[str, ...]) -> None:
    """What contradicts itself would stand in the table and never do anything."""
    assert "C01：条件相互矛盾，阶段 A 没有案件能够成立" in reasons(rule(combine="all", conditions="\n".join(both)))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("at_least", "score.ability", "{ value = 1.5 }"), "分值标准应大于 0、不超过 1"),
        (("is_true", "settled", ""), "阶段 A、B 尚无 'settled'，条件永远不会成立"),
        (("at_least", "q_bank", "{ value = 5 }"), "阶段 A 尚无 'q_bank'"),
        (("one_of", "gender", '{ codes = ["M"] }'), "'gender' 为受保护属性，规则不得使用"),
        (("below", "age", "{ value = 60 }"), "'age' 为受保护属性"),
        (("at_least_share", "pres_cash", '{ share = 0.8, of = "q_bank" }'), "规则在这一阶段不得使用 'q_bank'"),
    ],
)
def test_facts_that_nobody_has_or_may_use_are_refused(asked: tuple[str, str, str], reason: str) -> None:
    """What is known only later, and what no decision may rest on."""
    assert reason in reasons(rule(conditions=condition(*asked)))


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ((("2026-01-01", "2026-03-01"), ("2026-02-01", None)), "C01：与同一编号的另一版本施行期间重叠"),
        ((("2026-01-01", "2026-03-01"), ("2026-03-02", None)), "C01：两个版本之间有空档：2026-03-01 至 2026-03-02"),
        ((("2026-01-01", "2025-03-01"),), "C01：失效日 2025-03-01 不晚于施行日"),
        ((("2019-01-01", "2021-03-01"),), "C01：施行期间在 2022-01-01 规则表施行前已结束"),
        ((("2026-01-01", "2026-03-01"), ("2026-03-01", None)), ""),
    ],
)
def test_every_day_has_one_version_of_a_rule(spans: tuple[tuple[str, str | None], ...], reason: str) -> None:
    """No overlap, no gap, nothing over before it began; one version may follow another on the same day."""
    found = reasons(*(rule(in_force_from=first, until=until) for first, until in spans))

    assert (reason in found) if reason else found == ""


LEAST = '[[rule.condition]]\nleast = 3\nof = [{ test = "always", field = "claim_amount" }]'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rule(flag="x"), "'flag' 与 'flag_text' 须同时写明"),
        (rule(team_text=["甲", "a"]), "'team' 与 'team_text' 须同时写明"),
        (rule(lane=None), "hard_lane 的 lane 应为 fast、complex，实为 未写"),
        (rule(rank=2), "只有 priority 规则有 rank"),
        (rule(kind="priority", lane=None, rank=12), "'rank' 应在 1 与 9 之间，实为 12"),
        (rule(kind="flag", lane=None, yields_to=["C02"]), "只有 hard_lane、hard_offer 可写 yields_to"),
        (rule(stages="AC"), "stages 只能由 A、B 组成"),
        (rule(zh=" "), "'zh' 缺失或不是文字"),
        (rule(basis=None), "'basis' 缺失或不是文字"),
        (rule(in_force_from="2026-02-30"), "无法解析"),
        (rule("c1"), "规则编号应如 H01、M02 或 H06a"),
        (rule("H0３"), "规则编号应如 H01、M02 或 H06a"),
        (rule(stages=""), "stages 为空的规则永远不会适用"),
        (rule("M01", kind="model", lane="urge", stages="AB"), "urge 道的 model 规则 stages 应为 'A'：立案后不得督促"),
        (rule("M02", kind="model", lane="fast", stages="A"), "fast 道的 model 规则 stages 应为 'AB'"),
        (rule("M03", kind="model", lane="complex"), "精办道收纳其余一切案件，条件只能是 always"),
        (rule(conditions=condition(stages="B") + "\n" + condition(stages="B")), "阶段 A 没有任何条件"),
        (rule(conditions="condition = 3"), "'condition' 应写作 [[condition]]"),
        (rule(conditions="[[rule.condition]]\nany = []"), "any 下没有条件"),
        (rule(conditions=LEAST), "least 应为 1 至 1 的整数，实为 3"),
        (rule(conditions=condition(id="a") + "\n" + condition(id="a")), "条件编号重复"),
        (rule(conditions=condition(met=["只有中文"])), "'met' 应为中英两句"),
        (rule(met=["共 {value} 件", "{value} cases"]), "met 中不能用 {value}"),
        (rule(conditions=condition(met=["{nobody} 元", "{nobody}"])), "说明中的 {nobody} 不是参数"),
    ],
    ids=lambda value: "" if value.startswith("\n") else value,
)
def test_a_slip_is_named_with_its_place_and_the_way_out(text: str, reason: str) -> None:
    """Every key and every parameter is checked before anything is used."""
    assert reason in reasons(text)


BY_KIND, CAUSES = '{ by = "cause_code.family", value = %s }', "{ causes = %s }"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("at_most", "claim_amount", '{ value = "x" }'), "参数应为数字，实为 'x'"),
        (("at_most", "claim_amount", "{ value = inf }"), "参数应为数字，实为 inf"),
        (("passed_days", "received_at", "{ value = 1.5 }"), "参数应为不小于零的整数"),
        (("one_of", "debtor_type", '{ codes = ["persn"] }'), "可用：person、individual_business"),
        (("one_of", "debtor_type", "{ codes = [] }"), "没有的值或不是列表"),
        (("at_most_by", "claim_amount", '{ by = "unpaid", value = { x = 1 } }'), "参数应为分类的事实的名称"),
        (("at_most_by", "claim_amount", BY_KIND % "{ loans = 1 }"), "没有类别 'loans'，可用：financial_loan"),
        (("at_most_by", "claim_amount", BY_KIND % "3"), "参数应为“类别 = 数字”的表"),
        (("cause_in", "cause_code", CAUSES % '{ "2027" = ["108"] }'), "没有案由版本 '2027'"),
        (("cause_in", "cause_code", CAUSES % '{ "2026" = ["10B"] }'), "案由编号应如 108、108.3 或 98-101"),
        (("cause_in", "cause_code", CAUSES % '["108"]'), "参数应为“案由版本 = 编号列表”的表"),
        (("at_least_share", "pres_cash", '{ share = 0.8, of = "debtor_type" }'), "参数应为数值的事实的名称"),
        (("covers_due", "debtor_type", ""), "测试 'covers_due' 不能用于 'debtor_type'（类型 enum），可用于：decimal"),
        (("atmost", "claim_amount", "{ value = 1 }"), "没有名为 'atmost' 的测试，可用：above、"),
        (("at_most", "claim_amount", '{ value = "$cap" }'), "本院参数中没有 '$cap'"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(asked: tuple[str, str, str], reason: str) -> None:
    """Tests, facts and parameters fit together, or the table is refused."""
    assert reason in reasons(rule(conditions=condition(*asked)))


def test_all_faults_of_a_file_are_told_at_once_in_both_languages() -> None:
    """A person mends a table in one go."""
    found = faults(rule("C01", basis=None), rule("C02", lane="urge"), rule("C03", mood="mild"))

    assert [one.rule for one in found] == ["C01", "C02", "C03"]
    assert all(one.file == "court.toml" and one.zh and one.en for one in found)
    assert all(str(one).index(one.zh) < str(one).index(one.en) for one in found)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ((HEAD + rule()).encode("gb18030"), "不是 UTF-8，请另存为 UTF-8 编码"),
        (b"", "文件是空的"),
        (b"x" * 1_000_001, "文件超过 1,000,000 字节，不是规则表"),
        (b"format = ", "无法解析"),
        (b"a = " + b"[" * 9_000 + b"]" * 9_000, "无法解析"),
        (b'format = "fenliu-rules/1"\nformat = "fenliu-rules/1"', "无法解析"),
        (b"\x00\x01\x02", "无法解析"),
    ],
    ids=["gb18030", "empty", "huge", "cut", "deep", "twice", "binary"],
)
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    """Wrong encoding, nothing, too much, broken, nested without end, binary."""
    path = tmp_path / "court.toml"
    path.write_bytes(raw)

    with pytest.raises(RuleTableError, match=f"court.toml .*{reason}"):
        RuleTable.load([path])


def test_a_mark_of_byte_order_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    path = tmp_path / "court.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + rule()).encode())

    assert RuleTable.check([path]) == ()


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """Neither a missing file nor a folder is a crash."""
    with pytest.raises(RuleTableError, match=r"none.toml -：无法读取"):
        RuleTable.load([tmp_path / "none.toml"])
    with pytest.raises(RuleTableError, match="无法读取"):
        RuleTable.load([tmp_path])


def test_a_rule_of_the_court_never_goes_before_the_law_by_its_name(tmp_path: Path) -> None:
    """Called H00 and complex, it still gives way to the direct deduction that the law offers."""
    always = condition("always", "claim_amount", "")
    found = table(rule("H00", lane="complex", conditions=always)).on(TODAY)

    assert found.rule("H00").statutory is False
    assert faults(rule("H00", conditions=always)) == ()
