"""The demonstration: three cases, three lanes, shown in Chinese."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from rich.console import Console

from features.case import parse_case
from features.register import load_register
from models.advise import advise
from models.rules.table import RuleTable
from serving.bootstrap import now
from serving.demo import Client, UnreachableError, present
from serving.samples import SAMPLES, sample
from tests.builders_servers import free_port


def shown(ask: Any) -> str:
    """Return what the demonstration prints."""
    out = io.StringIO()
    present(ask, "http://127.0.0.1:3000", Console(file=out, width=200))
    return out.getvalue()


def by_rules(_method: str, _path: str, document: Mapping[str, object] | None) -> tuple[int, dict[str, Any]]:
    """Answer as the service does without a model."""
    register = load_register()
    judge = partial(advise, bundle=None, rules=RuleTable.load(register=register), register=register)
    advice = judge(parse_case(document, now=now(), register=register)).advice
    return 201, {"id": "SCR-20261120-000001", **advice.to_json()}


def test_each_sample_is_shown_with_lane_and_record() -> None:
    """Lane in both languages, who proposed it, and where the record is."""
    text = shown(by_rules)
    assert [f"■ 示例 {name}" in text for name in SAMPLES] == [True] * 3
    assert "快执" in text
    assert "精办" in text
    assert "须由人决定" in text
    assert "http://127.0.0.1:3000/v1/scores/SCR-20261120-000001" in text
    assert "http://127.0.0.1:3000/v1/openapi.json" in text


def test_scores_and_reasons_are_shown_when_there_are_any() -> None:
    """The sentence of each score, and reasons with value and effect."""
    reason = {"text": "有自动履行记录", "value": "近3年2次", "effect_per_100": 11}

    def scored(*call: Any) -> tuple[int, dict[str, Any]]:
        status, answer = by_rules(*call)
        return status, {**answer, "scores": {"w": {"text": "100 件中约 63 件"}}, "reasons": [reason]}

    text = shown(scored)
    assert "100 件中约 63 件" in text
    assert "有自动履行记录" in text
    assert "+11" in text


@pytest.mark.parametrize(("name", "stage"), [("urge", "A"), ("fast", "B"), ("complex", "B")])
def test_the_samples_are_what_they_are_called(name: str, stage: str) -> None:
    """By the rules alone the fast sample is fast and the complex one complex; urging needs a score."""
    _, answer = by_rules("POST", "/v1/scores", sample(name))
    assert answer["stage"] == stage
    assert answer["advice"]["route"] == {"urge": "complex", "fast": "fast", "complex": "complex"}[name]
    assert answer["warnings"] == []


def test_nothing_stands_between_the_urging_sample_and_urging_but_a_score() -> None:
    """No rule blocks it."""
    _, answer = by_rules("POST", "/v1/scores", sample("urge"))
    assert [rule["id"] for rule in answer["rules"] if rule.get("acts")] == []


def test_a_refusal_is_told() -> None:
    """The status and the code."""
    with pytest.raises(UnreachableError, match="示例 urge 未被受理（422 VALIDATION_FAILED）"):
        shown(lambda *_: (422, {"code": "VALIDATION_FAILED"}))


def test_a_service_that_is_not_there_is_told() -> None:
    """The address, in both languages."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UnreachableError, match=rf"服务不可达：{url}.*does not answer"):
        Client(url)("GET", "/", None)
