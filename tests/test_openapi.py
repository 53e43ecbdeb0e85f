"""The service's own OpenAPI document and the request schemas: complete, valid, and in step with what is enforced."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from features.case import InvalidCaseError, parse_case
from features.register import Stage, load_register
from serving.access.actions import Action
from serving.describe.case_schemas import case_schema
from serving.describe.openapi import openapi_document
from serving.describe.schemas import answer_schema, problem_schema
from serving.door.endpoint import Endpoint
from serving.door.problems import PROBLEMS, ProblemError, problem_body
from serving.door.strict_json import written
from serving.opening import now
from serving.routes.table import TABLE
from serving.samples import SAMPLES, sample
from tests.builders_case import case_document
from tests.builders_serving import NOW, advice_of, document, parse

REGISTER = load_register()
DOCUMENT: dict[str, Any] = json.loads(written(openapi_document(TABLE, REGISTER, version="1")))


def test_every_address_is_described_and_nothing_else() -> None:
    """The table and the document are one list."""
    listed = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    assert listed == {(method, one.path) for one in TABLE.endpoints for method in one.methods}


def opening(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    """Return what opens an address: nothing, a session, or a key or a session."""
    ways = {None: [], Action.SESSION_OWN: ["session"]}.get(endpoint.action, ["key", "session"])
    return [{way: []} for way in ways]


@pytest.mark.parametrize("endpoint", TABLE.endpoints, ids=str)
def test_each_operation_has_a_summary_its_problems_and_its_permission(endpoint: Endpoint) -> None:
    """Both languages; every declared code under its status as problem+json; security exactly where it is asked."""
    operation = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]
    assert operation["summary"] == f"{endpoint.zh} / {endpoint.en}"
    assert operation["security"] == opening(endpoint)
    for code in endpoint.codes:
        described = operation["responses"][str(PROBLEMS[code].status)]
        assert code in described["description"]
        assert set(described["content"]) - {"text/html"} == {"application/problem+json"}
        assert ("text/html" in described["content"]) == endpoint.pages


def test_operation_ids_are_unique() -> None:
    """Client generators need it."""
    ids = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere() -> None:
    """No dangling $ref."""
    text = json.dumps(DOCUMENT)
    names = set(DOCUMENT["components"]["schemas"])
    assert {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]} == names


@pytest.mark.parametrize("name", ["ScoreRequestA", "ScoreRequestB", "Answer", "Problem"])
def test_each_schema_is_a_valid_schema(name: str) -> None:
    """JSON Schema 2020-12."""
    assert jsonschema_rs.meta.is_valid(DOCUMENT["components"]["schemas"][name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_satisfy_schema_and_service(name: str) -> None:
    """What the schema allows in the samples the service reads as a case."""
    sent = sample(name)
    stage = Stage(str(sent["stage"]))
    assert list(jsonschema_rs.validator_for(case_schema(REGISTER, stage)).iter_errors(sent)) == []
    assert parse_case(sent, now=now(), register=REGISTER).stage is stage


@pytest.mark.parametrize(
    "wrong",
    [
        document(surprise=1), document(case={"surprise": 1}), document(case={"q_bank": "1.00"}),
        document(case={"claim_amount": 1}), document(case={"claim_amount": "1.234"}), document(stage="C"),
        document(case={"consent_urge": "maybe"}), document(missing={"x": "not_asked"}), document(explain={"flips": 6}),
        document(case={"clue_types": ["vehicle", "vehicle"]}), document(application_id=""),
    ],
)  # fmt: skip
def test_what_the_schema_forbids_the_service_refuses(wrong: dict[str, Any]) -> None:
    """A client that validates first never gets a 422 the schema could have told it."""
    assert not jsonschema_rs.validator_for(case_schema(REGISTER, Stage.A)).is_valid(wrong)
    with pytest.raises(ValueError, match="/"):
        parse(wrong, NOW)


@pytest.mark.parametrize("stage", list(Stage))
def test_every_field_of_the_stage_is_in_its_schema(stage: Stage) -> None:
    """No field of the register is left out, none of a later moment is in."""
    properties = case_schema(REGISTER, stage)["properties"]
    assert isinstance(properties, dict)
    listed = set(properties["case"]["properties"])
    assert listed == {field.name for field in REGISTER.allowed_at(stage)} - {"application_id", "court_code"}


def test_an_answer_satisfies_its_schema() -> None:
    """What leaves is what is promised."""
    answer = json.loads(written(advice_of(parse(document(), NOW)).to_json()))
    assert list(jsonschema_rs.validator_for(answer_schema()).iter_errors(answer)) == []


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_satisfies_its_schema(code: str) -> None:
    """Each of them."""
    body = json.loads(problem_body(ProblemError(code), instance="/v1/scores", request_id="req-1"))
    assert list(jsonschema_rs.validator_for(problem_schema()).iter_errors(body)) == []


def test_a_parameter_has_the_form_the_guard_demands() -> None:
    """Document and guard use one pattern."""
    assert TABLE.at("/v1/scores/SCR-20261120-000187")[1] == {"id": "SCR-20261120-000187"}
    (parameter,) = DOCUMENT["paths"]["/v1/scores/{id}"]["get"]["parameters"]
    assert parameter["schema"]["pattern"] == r"^(?:SCR-\d{8}-\d{6,9})$"


@pytest.mark.parametrize("hidden", list("\x00\x7f\u200b\u2028\u202e\u2066\ufeff\u200d\u00ad\u3164\U000e0041"))
def test_the_schema_refuses_hidden_characters_as_the_reader_does(hidden: str) -> None:
    """What the document allows is what is taken: nothing that cannot be seen."""
    schema = case_schema(load_register(), Stage.A)
    pattern = schema["properties"]["application_id"]["pattern"]  # type: ignore[index]
    assert re.search(pattern, "SQ1") is not None
    assert re.search(pattern, f"SQ{hidden}1") is None
    with pytest.raises(InvalidCaseError, match="application_id"):
        parse_case(case_document(application_id=f"SQ{hidden}1"), now=NOW, register=load_register())


BAD_AND_GOOD: list[tuple[dict[str, Any], bool]] = [
    (document(case={"n_debtors": 0}), False), (document(case={"n_debtors": 1}), True),
    (document(case={"n_debtors": 2**70}), False), (document(case={"claim_amount": "0.00"}), False),
    (document(case={"claim_amount": "000.01"}), True), (document(case={"due_date": "2025-02-29"}), False),
    (document(case={"due_date": "2024-02-29", "basis_effective_date": "2023-01-05"}), True),
    (document(case={"due_date": "1899-12-31"}), False),
    (document(case={"due_date": "2025-04-31"}), False), (document(as_of="2026-11-20T24:00:00+08:00"), False),
    (document(as_of="2026-11-20T09:12:00"), False), (document(as_of="2026-11-20T09:12:00.123+08:00"), True),
    (document(court_code="0"), False), (document(case={"currency": "USD"}), True),
    (document(case={"currency": "US"}), False), (document(case={"huji_region": "33100"}), False),
    (document(as_of=None) | {"as_of": "x"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "good"), BAD_AND_GOOD)
def test_schema_and_reader_draw_the_same_bounds(sent: dict[str, Any], good: bool) -> None:
    """Numbers, amounts, days that exist, instants, codes: what one refuses the other refuses too."""
    assert jsonschema_rs.validator_for(case_schema(REGISTER, Stage.A)).is_valid(sent) == good
    try:
        parse(sent, NOW)
    except InvalidCaseError:
        assert not good
    else:
        assert good


def test_the_instant_of_scoring_is_told_one_way_or_the_other() -> None:
    """As_of, or the moment of receipt, or at stage B the query's return; without any of them nothing is taken."""
    validator = jsonschema_rs.validator_for(case_schema(REGISTER, Stage.A))
    full = document()
    without_as_of = {name: value for name, value in full.items() if name != "as_of"}
    without_receipt = {**full, "case": {n: v for n, v in full["case"].items() if n != "received_at"}}
    neither = {**without_as_of, "case": without_receipt["case"]}
    assert [validator.is_valid(sent) for sent in (full, without_as_of, without_receipt, neither)] == [True] * 3 + [
        False
    ]
    with pytest.raises(InvalidCaseError, match="received_at"):
        parse(neither, NOW)
