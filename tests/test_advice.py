"""The advice: complete, honest about what it lacks, and in the shape the API promises."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pytest

from features.register import Stage
from models.advice import (
    AbstainReason,
    Advice,
    DataWarning,
    ExplainedScore,
    Flip,
    Reason,
    ShownScore,
    Versions,
)
from models.deadlines import filing
from models.lanes import Lane, is_provisional, lane_of, lane_text
from models.rules.loading import shipped_limits
from tests.builders_rules import TODAY, at_noon, routed

VERSIONS = Versions(model="auto/3.2.0", model_sha256="4f1c", ruleset="2026-11", ruleset_sha256="b7d0", schema="2026-11")


def advice(routes=None, **parts):
    """Return an advice on the plain case."""
    routes = routes or routed(willingness=0.63)
    return Advice(
        application_id="SQ20261120-0187",
        court_code="浙1022",
        stage=routes.outcomes.view.stage,
        as_of=at_noon(TODAY),
        proposal=routes.proposal(0),
        rules=routes.outcomes.trace(0),
        versions=VERSIONS,
        input_sha256="b7d0",
        simulated=False,
        **parts,
    )


def test_the_answer_has_the_shape_the_api_promises():
    """Every block stands in the body, in one order, and survives JSON."""
    body = json.loads(json.dumps(advice().to_json()))

    assert list(body) == [
        *("application_id", "court_code", "stage", "as_of", "provisional", "status", "mode", "degraded_reason"),
        *("abstain_reasons", "advice"),
        *(
            "rules",
            "scores",
            "reasons",
            "reasons_rest_per_100",
            "explanations",
            "flips",
            "warnings",
            "deadlines",
            "versions",
        ),
        *("input_sha256", "simulated", "notice", "notice_en"),
    ]
    assert body["advice"]["route"] == "urge"
    assert body["advice"]["route_text"] == "执前督促"
    assert body["as_of"] == "2026-11-20T12:00:00+08:00"


def test_a_human_always_decides():
    """No route, status or confidence changes the last word."""
    for routes in (routed(), routed(abstained=True), routed(Stage.B, q_bank=100000), routed(due_date=TODAY)):
        assert advice(routes).to_json()["advice"]["requires_human_decision"] is True


def test_an_open_lane_is_null_with_words():
    """Where the system abstains, the body says so instead of leaving a hole."""
    reason = AbstainReason(code="UNKNOWN_COURT", text="未见过的法院", text_en="court not seen in training")

    body = advice(routed(abstained=True), abstain_reasons=(reason,)).to_json()

    assert body["status"] == "abstained"
    assert (body["advice"]["route"], body["advice"]["route_text"]) == (None, "由法官确定")
    assert body["abstain_reasons"][0]["code"] == "UNKNOWN_COURT"


def test_fast_and_complex_are_provisional_before_filing_only():
    """The national rule splits after the query, so before it the lane is provisional by name."""
    assert lane_text(Lane.FAST, Stage.A)[0] == "立案，暂定快执"
    assert lane_text(Lane.FAST, Stage.B)[0] == "快执"
    assert [is_provisional(lane, Stage.A) for lane in (*Lane, None)] == [False, True, True, False, False]
    assert advice(routed(willingness=0.1)).to_json()["provisional"] is True
    assert advice(routed(Stage.B, quick=0.1)).to_json()["provisional"] is False


def test_rules_show_result_value_article_and_conditions():
    """A rule line can be checked without the system at hand."""
    rules = {one["id"]: one for one in advice().to_json()["rules"]}

    assert rules["H07"] == {
        "id": "H07",
        "result": "not_met",
        "text": "申请人同意督促",
        "text_en": "the applicant agrees to urging",
        "value": "agree",
        "field": "consent_urge",
        "source": "申请表",
        "observed_at": None,
        "missing": [],
        "basis": "法发〔2014〕26号第3条；执前督促须申请人自愿",
        "kind": "block_urge",
        "acts": False,
        "in_force_from": "2015-01-01",
        "conditions": rules["H07"]["conditions"],
    }
    assert [one["id"] for one in rules["H03"]["conditions"]] == [f"H03.{i}" for i in range(1, 7)]


def test_scores_reasons_flips_and_warnings_are_carried_whole():
    """What other parts explain reaches the body unchanged."""
    score = ShownScore(
        name="voluntary_in_window", value=0.63, lower=0.52, upper=0.73, n_reference=412, text="", text_en=""
    )
    share = ShownScore(name="recovered", kind="share", value=0.4, text="", text_en="")
    reason = Reason(
        code="W01",
        text="有自动履行记录",
        text_en="paid before",
        value="近3年2次",
        effect_per_100=11,
        direction="up",
        party_visible=True,
        as_of=date(2026, 11, 19),
    )
    explained = ExplainedScore(name="voluntary_in_window", shown=63, average=49, rest=3, reasons=(reason,))
    flip = Flip(
        when="申请人撤回同意", when_en="consent withdrawn", route=Lane.COMPLEX, kind="rule", field="consent_urge"
    )
    late = DataWarning(code="SOURCE_TIMEOUT", field="tax_arrears", text="欠税信息未返回", text_en="no reply")

    body = advice(
        scores=(score, share),
        explanations=(explained,),
        flips=(flip,),
        warnings=(late,),
        deadlines=(filing(TODAY, shipped_limits(TODAY)["T01"]),),
    ).to_json()

    assert body["scores"]["voluntary_in_window"]["p"] == 0.63
    assert body["scores"]["recovered"]["value"] == 0.4
    assert (body["reasons"][0]["as_of"], body["reasons_rest_per_100"]) == ("2026-11-19", 3)
    assert body["flips"][0]["route"] == "complex"
    assert body["warnings"][0]["code"] == "SOURCE_TIMEOUT"
    assert body["deadlines"][0]["date"] == "2026-11-27"


def test_every_answer_carries_the_notice_and_its_versions():
    """It says that it is no basis for a ruling, and which rules and model produced it."""
    body = advice().to_json()

    assert body["notice"] == "本建议由系统辅助生成，仅供参考，不作为裁判依据。"
    assert body["versions"]["ruleset_sha256"] == "b7d0"
    assert body["versions"]["api"] == "v1"


def test_an_advice_cannot_be_changed_afterwards():
    """What was said to a judge stays said."""
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'simulated'"):
        advice().simulated = True


def test_the_code_of_an_open_lane_is_none():
    """Arrays use -1 where the advice says null."""
    assert lane_of(-1) is None
    assert [lane_of(code) for code in range(4)] == list(Lane)
