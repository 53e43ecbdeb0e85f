"""Hypothesis strategies: valid documents of every shape, and JSON junk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from features.case.schema import ENVELOPE_ONLY
from features.derived import COMPUTED
from features.register import Field, Stage, load_register
from tests.builders_case import case_document, stage_b_document

_DATES = {
    "basis_effective_date",
    "due_date",
    "last_instalment_due",
    "received_at",
    "filed_at",
    "query_at",
    "urge_start",
}
_SPECIAL = {"id_token", "currency", "huji_region", "industry_code", "enf_case_no", "cause_code", "cause_version"}

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
"""Anything that a JSON parser may hand over, NaN and infinity included."""


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a valid document of either stage with any subset of fields and any allowed values."""
    stage = draw(st.sampled_from(list(Stage)))
    document = case_document() if stage is Stage.A else stage_b_document()
    case = document["case"]
    for field in load_register().allowed_at(stage):
        choice = draw(st.integers(0, 2))
        if field.name in _DATES | _SPECIAL | ENVELOPE_ONLY | set(COMPUTED) or choice == 0:
            continue
        if choice == 1:
            case.pop(field.name, None)
        else:
            case[field.name] = draw(value_of(field))
    effective = date(2026, 1, 5) + timedelta(days=draw(st.integers(-700, 150)))
    due = effective + timedelta(days=draw(st.integers(0, 120)))
    case |= {"basis_effective_date": str(effective), "due_date": str(due), "cause_code": draw(_CAUSES)}
    case["last_instalment_due"] = str(due + timedelta(days=draw(st.integers(0, 900))))
    case["industry_code"] = draw(st.sampled_from(["C1711", "01", "T97", "5211"]))
    document["missing"] = {}
    document["observed_at"] = {name: at for name, at in document["observed_at"].items() if name in case}
    return document


_CAUSES = st.sampled_from(["108.3", "103.3", "205.5", "120.11", "9999", "411"])


def value_of(field: Field) -> st.SearchStrategy[Any]:
    """Return allowed JSON values of a field."""
    by_type = {
        "bool": st.booleans(),
        "date": st.dates(date(2026, 1, 1), date(2029, 1, 1)).map(str),
        "decimal": st.decimals("0.01", "9999999999999.99", places=2).map(str),
        "enum": st.sampled_from(field.codes or ("",)),
        "float": st.floats(0, 1),
        "int": st.integers(1, 5),
        "ordinal": st.integers(1, 5),
        "set": st.lists(st.sampled_from(field.codes or ("",)), unique=True),
        "string": st.sampled_from(["甲", "B-7"]),
        "text": st.sampled_from(["甲", "第一行\n第二行"]),
    }
    return by_type[field.type]
