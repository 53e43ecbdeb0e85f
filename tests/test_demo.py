"""The demonstration: three cases, three lanes, shown in Chinese, and the printed numbers add up."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from features.case import parse_case
from features.register import load_register
from models.advise import advise
from models.bundle import Bundle
from models.rules.table import RuleTable
from serving.client import Client, RefusedError, UnreachableError
from serving.demo.showing import folded, present
from serving.opening import now
from serving.samples import SAMPLES, sample
from tests.builders_models import assembled
from tests.builders_servers import free_port


def shown(score: Any) -> str:
    """Return what the demonstration prints on a screen of 80 columns."""
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False, markup=False, emoji=False)
    present(score, "http://127.0.0.1:3000", console)
    return out.getvalue()


def answered(document: Mapping[str, object], bundle: Bundle | None) -> dict[str, Any]:
    """Answer as the service does."""
    register = load_register()
    judge = partial(advise, bundle=bundle, rules=RuleTable.load(register=register), register=register)
    advice = judge(parse_case(document, now=now(), register=register)).advice
    return {"id": "SCR-20261120-000001", **advice.to_json()}


def by_rules(document: Mapping[str, object]) -> dict[str, Any]:
    """Answer without a model."""
    return answered(document, None)


@cache
def with_a_model() -> str:
    """Return what is printed with a small simulated bundle, whose scores are all shown."""
    bundle = assembled()
    return shown(lambda document: answered(document, bundle))


def test_each_sample_is_shown_with_lane_and_record() -> None:
    """Lane in both languages, who proposed it, and where the record is."""
    text = shown(by_rules)
    assert [f"■ 示例 {number}/3：" in text for number in (1, 2, 3)] == [True] * 3
    assert "建议：快执 / fast enforcement" in text
    assert "建议：精办 / complex enforcement" in text
    assert text.count("须由人决定") == 3
    assert "存档：http://127.0.0.1:3000/v1/scores/SCR-20261120-000001" in text
    assert "http://127.0.0.1:3000/v1/openapi.json" in text


def test_every_lane_comes_with_its_rule_and_article() -> None:
    """The deciding rule is among the acting ones; deadlines follow."""
    text = shown(by_rules)
    assert re.search(r"· M02 有足额财产：\S+ 93,200.00 元足以清偿。依据：", text)
    assert "· M02 不适用：" in text
    assert text.count("期限：") >= 3
    assert "…" not in text


def test_the_printed_numbers_add_up() -> None:
    """Average + reasons + everything else = this case, on every printed sum."""
    sums = re.findall(r"本院平均（件/百件）\s+(\d+)\s*\n(.*?)本件\s+= (\d+)\s*\n", with_a_model(), flags=re.DOTALL)
    assert sums
    for average, effects, total in sums:
        assert int(average) + sum(int(one) for one in re.findall(r" ([+-]\d+)\s*\n", effects)) == int(total)
        assert "其他因素合计" in effects


def test_simulated_answers_are_marked() -> None:
    """Beside every lane, and nowhere without a simulated model."""
    assert with_a_model().count("【模拟，不得用于办案】") == 3
    assert "模拟" not in shown(by_rules)


def test_nothing_but_an_address_is_wider_than_the_screen() -> None:
    """80 columns, Chinese characters counted as two."""
    wide = [line for line in with_a_model().splitlines() if cell_len(line.rstrip()) > 80 and "http" not in line]
    assert wide == []


def test_lines_break_where_a_reader_expects_it() -> None:
    """A number keeps its unit, punctuation stays with what it closes."""
    assert folded("督促期 15 日届满，转立案", 11) == ["督促期", "15 日届满，", "转立案"]
    assert "".join(folded("甲（乙）、丙：108.3 丁。", 6)).replace(" ", "") == "甲（乙）、丙：108.3丁。"


@pytest.mark.parametrize(("name", "stage"), [("urge", "A"), ("fast", "B"), ("complex", "B")])
def test_the_samples_are_what_they_are_called(name: str, stage: str) -> None:
    """By the rules alone the fast sample is fast and the complex one complex; urging needs a score."""
    answer = by_rules(sample(name))
    assert answer["stage"] == stage
    assert answer["advice"]["route"] == {"urge": "complex", "fast": "fast", "complex": "complex"}[name]
    assert answer["warnings"] == []


def test_nothing_stands_between_the_urging_sample_and_urging_but_a_score() -> None:
    """No rule blocks it."""
    answer = by_rules(sample("urge"))
    assert [rule["id"] for rule in answer["rules"] if rule.get("acts")] == []


def test_a_refusal_is_told() -> None:
    """The status and the code."""
    first = next(iter(SAMPLES))

    def refuse(_: object) -> dict[str, Any]:
        raise RefusedError(422, {"code": "VALIDATION_FAILED"})

    with pytest.raises(UnreachableError, match=rf"示例 {first} 未被受理（422 VALIDATION_FAILED）"):
        shown(refuse)


def test_a_service_that_is_not_there_is_told() -> None:
    """The address, in both languages."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UnreachableError, match=rf"服务不可达：{url}.*does not answer"):
        Client(url).once("GET", "/", None, {})
