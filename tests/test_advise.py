"""The use case: rules first, then scores, then reasons; the same answer alone, in a batch and after a reload."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.clock import days_of
from features.register import Stage, load_register
from models.advice import Advice, Degraded
from models.advise import EXPLAINED, Given, advise, received_on, warnings_of
from models.bundle import Bundle
from models.lanes import Lane
from models.rules.rule import RuleTableError
from models.triage import Triage
from tests.builders_advise import RULES, advice_on, batch_of, parsed, random_documents
from tests.builders_case import NOW, case_document, stage_b_document
from tests.builders_models import assembled, tiny_about, tiny_stage

BUNDLE = assembled()
STAGES = list(Stage)
SAMPLE = {Stage.A: case_document, Stage.B: stage_b_document}


def bundle_with(**about: Any) -> Bundle:
    """Return the tiny bundle under another manifest."""
    return Bundle.assemble(BUNDLE.stages.values(), about=replace(tiny_about(), **about))


@pytest.mark.parametrize("stage", STAGES)
def test_without_models_the_rules_answer_alone(stage: Stage) -> None:
    """No bundle: no score, no reason, no number, and a status that says so."""
    found = advice_on(SAMPLE[stage](), None)

    assert (found.proposal.status, found.scores, found.explanations) == ("rules_only", (), ())
    assert (found.versions.model, found.simulated) == (None, False)
    assert found.rules


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("facts", "lane"),
    [
        ({"bankruptcy_case": "accepted"}, Lane.NONE),
        ({"relief_type": "act"}, Lane.COMPLEX),
        ({"criminal_overlap": True}, Lane.COMPLEX),
    ],
)
def test_a_hard_rule_decides_whatever_the_models_say(stage: Stage, facts: dict[str, object], lane: Lane) -> None:
    """Three sets of models and none at all: the same lane, by the same rule, and no score is shown."""
    others = [Bundle.assemble([tiny_stage(one, seed=seed) for one in Stage], about=tiny_about()) for seed in (2, 3)]
    answers = [advice_on(SAMPLE[stage](**facts), bundle) for bundle in (BUNDLE, *others, None)]

    assert {answer.proposal.route for answer in answers} == {lane}
    assert {answer.proposal.deciding_rule for answer in answers} == {answers[-1].proposal.deciding_rule}
    assert {answer.proposal.status for answer in answers} == {"rules_only"}
    assert [answer.scores for answer in answers] == [(), (), (), ()]


@pytest.mark.parametrize("stage", STAGES)
def test_a_withheld_score_carries_no_number_and_no_reason(stage: Stage) -> None:
    """A court the models have never seen: the reason is given, every number is withheld."""
    found = advice_on(SAMPLE[stage](), bundle_with(courts=("京0105",)))

    assert [reason.code for reason in found.abstain_reasons] == ["UNKNOWN_COURT"]
    assert {(score.value, score.lower, score.upper, score.n_reference) for score in found.scores} == {(None,) * 4}
    assert found.explanations == ()


def test_an_expired_model_is_withheld_too() -> None:
    """After the bundle's last day no score is shown."""
    found = advice_on(case_document(), bundle_with(valid_until=date(2026, 11, 19)))

    assert [reason.code for reason in found.abstain_reasons] == ["MODEL_EXPIRED"]
    assert all(score.value is None for score in found.scores)


@pytest.mark.parametrize(("day", "codes"), [(18, []), (19, []), (20, ["MODEL_EXPIRED"])])
@pytest.mark.parametrize("stage", STAGES)
def test_the_day_of_the_answer_counts_too(stage: Stage, day: int, codes: list[str]) -> None:
    """Facts of last week do not bring a model back: before, on, and after its last day, whatever `as_of` says."""
    case = parsed(SAMPLE[stage]())
    bundle = bundle_with(valid_until=date(2027, 1, 19))
    given = Given(on=date(2027, 1, day))
    found = advise(case, bundle=bundle, rules=RULES, register=load_register(), given=given).advice

    assert [reason.code for reason in found.abstain_reasons] == codes
    assert (found.proposal.status == "abstained", found.explanations == ()) == (bool(codes), bool(codes))


def test_why_no_model_took_part_is_said_in_the_answer() -> None:
    """The mode follows from the versions; the reason is handed in and repeated as it is."""
    why = Degraded(code="STOPPED", text="已停用模型", text_en="the model was stopped")
    case = parsed(case_document())
    found = advise(case, bundle=None, rules=RULES, register=load_register(), given=Given(degraded=why)).advice.to_json()

    assert (found["mode"], found["degraded_reason"]) == ("rules", why.to_json())
    assert advice_on(case_document(), BUNDLE).to_json()["mode"] == "model"


@pytest.mark.parametrize("stage", STAGES)
def test_printed_effects_add_up_to_the_printed_score(stage: Stage) -> None:
    """Average plus effects plus rest is the score, to the last digit, for every explained score of 15 cases."""
    for document in random_documents(stage, 15):
        found = advice_on(document, BUNDLE)
        for one in found.explanations:
            shown = {score.name: score.value for score in found.scores}[one.name]
            assert one.average + sum(reason.effect_per_100 for reason in one.reasons) + one.rest == one.shown
            assert one.shown == int(np.floor(100 * shown + 0.5))


@pytest.mark.parametrize("stage", STAGES)
def test_two_scores_are_explained_by_at_most_as_many_reasons_as_asked(stage: Stage) -> None:
    """The lane's own score stands first; `reasons` bounds the reasons of each."""
    found = advice_on(SAMPLE[stage](explain={"reasons": 2, "flips": 0}), BUNDLE)

    assert tuple(one.name for one in found.explanations) == EXPLAINED[stage]
    assert all(len(one.reasons) <= 2 for one in found.explanations)
    assert found.flips == ()


def test_an_answer_without_explanation_is_the_same_otherwise() -> None:
    """Leaving reasons and flips out changes nothing else."""
    whole, bare = (advice_on(case_document(), BUNDLE, explained=explained) for explained in (True, False))

    assert (bare.explanations, bare.flips) == ((), ())
    assert replace(whole, explanations=(), flips=()) == bare


def test_the_hash_of_the_question_does_not_depend_on_the_order_of_keys() -> None:
    """The same facts in another order are the same question; another fact is another one."""
    document = case_document()
    turned = {name: document[name] for name in reversed(document)}
    turned["case"] = dict(reversed(document["case"].items()))

    assert advice_on(turned, None).input_sha256 == advice_on(document, None).input_sha256
    assert advice_on(case_document(age=42), None).input_sha256 != advice_on(document, None).input_sha256


def numbers(answer: Advice) -> list[tuple[str, str]]:
    """Return every number of the scores exactly."""
    values = [(s.name, v) for s in answer.scores for v in (s.value, s.lower, s.upper)]
    return [(name, "-" if value is None else float(value).hex()) for name, value in values]


@pytest.mark.parametrize("stage", STAGES)
def test_one_case_equals_its_row_in_a_batch_and_after_a_reload(stage: Stage, tmp_path: Path) -> None:
    """Twenty-five cases one by one, together through triage, and from a saved bundle: equal bit for bit."""
    BUNDLE.save(tmp_path / "saved")
    loaded = Bundle.load(tmp_path / "saved")
    documents = random_documents(stage, 25)
    cases = [parsed(document) for document in documents]
    rules = RULES.on(received_on(cases[0]))
    triage = Triage(stage=stage, rules=rules, register=load_register(), bundle=BUNDLE)
    as_of = np.array([days_of(case.as_of) for case in cases])
    batch = triage(batch_of(cases), as_of=as_of, court=[case.court_code for case in cases])
    assert batch.table is not None

    for i, document in enumerate(documents):
        alone, again = advice_on(document, BUNDLE), advice_on(document, loaded)
        judged = advise(cases[i], bundle=loaded, rules=RULES, register=load_register(), explained=False)
        assert batch.routes.proposal(i) == alone.proposal == again.proposal
        assert batch.routes.outcomes.trace(i) == alone.rules
        assert batch.table.rows[i].astype("<f4").tobytes() == judged.features
        if alone.scores:
            held = {name: float(score.p).hex() for name, score in batch.table.row(i).by_name.items()}
            assert {s.name: float(s.value).hex() for s in alone.scores if s.name in held} == held
        assert numbers(alone) == numbers(again)
        assert replace(again, versions=alone.versions) == alone


def test_an_answer_names_everything_needed_to_replay_it() -> None:
    """Model, rules and schema by version and hash, and the row of features that the models saw."""
    judged = advise(parsed(case_document()), bundle=BUNDLE, rules=RULES, register=load_register())
    versions = judged.advice.versions

    assert (versions.model, versions.ruleset_sha256) == ("tiny-1", RULES.sha256)
    assert judged.advice.simulated
    assert judged.features is not None
    assert len(judged.features) == 4 * len(BUNDLE.stages[Stage.A].features)
    assert len(judged.advice.input_sha256) == hashlib.sha256().digest_size * 2


def test_the_rules_of_the_day_of_receipt_apply() -> None:
    """The Shanghai day counts, and a day before the first table has no rules."""
    case = parsed(case_document(received_at="2026-11-19T17:00:00+00:00"))
    assert received_on(case) == date(2026, 11, 20)

    early = replace(case, values={**case.values, "received_at": NOW.replace(year=2019)})
    with pytest.raises(RuleTableError, match=r"2019-11-20 早于规则表的施行日 .* / .*no table before"):
        advise(early, bundle=None, rules=RULES, register=load_register())


def test_doubts_about_the_data_are_passed_on() -> None:
    """Every flag of the case is a warning of the answer, in both languages."""
    case = parsed(case_document(principal="90000.00"))

    assert case.quality
    assert [warning.code for warning in warnings_of(case)] == [flag.code for flag in case.quality]
    assert all(warning.text and warning.text_en for warning in warnings_of(case))


def test_a_claim_in_dollars_is_answered_without_a_score() -> None:
    """An amount the model cannot compare is withheld with its reason, and no number slips out."""
    answer = advice_on(case_document(currency="USD"), bundle_with())

    assert "OTHER_CURRENCY" in {reason.code for reason in answer.abstain_reasons}
    assert all(score.value is None for score in answer.scores)
