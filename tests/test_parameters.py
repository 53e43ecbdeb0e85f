"""Parameters: only declared ones, each once, each in its form."""

from __future__ import annotations

from datetime import date

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.door.parameters import VISIBLE, Choice, Day, Form, Parameter, Text, Whole, YesNo, values_of
from serving.door.problems import ProblemError


def parameter(form: Form, *, name: str = "x", **changes: object) -> Parameter:
    """Return a query parameter of this form."""
    return Parameter(**{"name": name, "form": form, "zh": "参数", "en": "parameter", **changes})  # type: ignore[arg-type]


FORMS = {
    "size": Whole(1, 200),
    "kind": Choice(("a", "b")),
    "all": YesNo(),
    "since": Day(),
    "id": Text(VISIBLE + "{1,9}"),
}
DECLARED = [parameter(form, name=name) for name, form in FORMS.items()]


def test_values_come_out_in_their_form() -> None:
    """Numbers as numbers, days as days, texts decoded."""
    query = b"size=50&kind=b&all=true&since=2026-11-20&id=%E6%B5%99%201+2"
    assert values_of(DECLARED, query, {}) == {
        "size": 50, "kind": "b", "all": True, "since": date(2026, 11, 20), "id": "浙 1 2",
    }  # fmt: skip


@pytest.mark.parametrize("query", [
    b"size=0", b"size=201", b"size=+5", b"size=1e2", b"size=", b"size=\xd9\xa5", b"kind=c", b"kind=A", b"all=True",
    b"all=1", b"since=2026-02-30", b"since=20261120", b"id=", b"id=0123456789", b"id=%00", b"id=a%E2%80%AEb",
    b"size=" + b"9" * 30, b"since=2026-1-2",
])  # fmt: skip
def test_a_value_out_of_form_is_refused_by_name(query: bytes) -> None:
    """The problem names the parameter, both languages, and not the value."""
    name = query.partition(b"=")[0].decode()
    with pytest.raises(ProblemError, match=r"PARAMETER_INVALID|QUERY_INVALID") as caught:
        values_of(DECLARED, query, {})
    assert [error["pointer"] for error in caught.value.errors] in ([f"/query/{name}"], [])


@pytest.mark.parametrize(("query", "code"), [
    (b"size=1&size=2", "QUERY_INVALID"), (b"size", "QUERY_INVALID"), (b"size=%zz", "QUERY_INVALID"),
    (b"id=%ff", "QUERY_INVALID"), (b"size=%", "QUERY_INVALID"), (b"&" * 40, "QUERY_INVALID"),
    (b"id=" + b"a" * 3000, "QUERY_INVALID"), (b"Size=1", "QUERY_NOT_ALLOWED"), (b"size=1&y=2", "QUERY_NOT_ALLOWED"),
    (b"size%00=1", "QUERY_NOT_ALLOWED"),
])  # fmt: skip
def test_a_query_that_two_readers_could_take_differently_is_refused(query: bytes, code: str) -> None:
    """Doubles, undecodable parts, unknown names."""
    with pytest.raises(ProblemError, match=code):
        values_of(DECLARED, query, {})


def test_an_address_without_parameters_takes_no_query() -> None:
    """Not even an innocent one."""
    with pytest.raises(ProblemError, match="QUERY_NOT_ALLOWED"):
        values_of([], b"x=1", {})


def test_a_header_has_problems_of_its_own() -> None:
    """A missing and a wrong idempotency key are told apart."""
    key = parameter(
        Text("[a-z]{8}"), name="Idempotency-Key", place="header", required=True,
        missing="IDEMPOTENCY_KEY_MISSING", invalid="IDEMPOTENCY_KEY_INVALID",
    )  # fmt: skip
    assert values_of([key], b"", {"idempotency-key": "abcdefgh"}) == {"Idempotency-Key": "abcdefgh"}
    with pytest.raises(ProblemError, match="IDEMPOTENCY_KEY_MISSING"):
        values_of([key], b"", {})
    with pytest.raises(ProblemError, match="IDEMPOTENCY_KEY_INVALID"):
        values_of([key], b"", {"idempotency-key": "short"})


@given(text=st.text(max_size=12), name=st.sampled_from(sorted(FORMS)))
def test_what_is_read_satisfies_the_printed_schema(text: str, name: str) -> None:
    """A value that the guard takes is one that the interface document allows."""
    form = FORMS[name]
    try:
        value = form.read(text)
    except ValueError:
        return
    shown = value.isoformat() if isinstance(value, date) else value
    assert jsonschema_rs.validator_for(dict(form.schema)).is_valid(shown)
