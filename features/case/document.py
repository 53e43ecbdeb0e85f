"""A case written back as the document it was read from: what the record keeps of the question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from features.case.case import Case


def case_document(case: Case) -> dict[str, object]:
    """Return the envelope that reads back as this very case.

    Identity numbers appear as tokens, and `as_of` is always written out, so
    the record can be scored again at any later time.
    """
    document: dict[str, object] = {
        "application_id": case.application_id,
        "court_code": case.court_code,
        "stage": case.stage.value,
        "as_of": case.as_of.isoformat(),
        "schema_version": case.schema_version,
        "case": _plain_values(case.values),
        "explain": {"reasons": case.explain_reasons, "flips": case.explain_flips},
    }
    if case.preservations:
        document["preservations"] = [one.document() for one in case.preservations]
    if case.missing:
        document["missing"] = dict(case.missing)
    if case.observed_at:
        document["observed_at"] = _plain_values(case.observed_at)
    return document


def document_sha256(case: Case) -> str:
    """Return the hash of the case's one spelling; equal for equal cases, whatever the order of what was sent."""
    return hashlib.sha256(_SPELLING.encode(case_document(case)).encode()).hexdigest()


_SPELLING = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _plain_values(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value if type(value) in _AS_THEY_ARE else _plain(value) for name, value in values.items()}


_AS_THEY_ARE = frozenset({str, bool, int, float})


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | frozenset):
        return [_plain(item) for item in value]
    return value
