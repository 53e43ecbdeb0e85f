"""Case: the strict shape of what an intake system sends; everything else is refused with reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from features.case.dates import as_of_of, check_dates
from features.case.errors import CaseError, InvalidCaseError
from features.case.names import Names, check_names
from features.case.preserved import check_preservations
from features.case.quality import QualityFlag, flags_of
from features.case.reading import read_document
from features.case.schema import SCHEMA_VERSIONS
from features.clock import SHANGHAI
from features.identifiers import LOCAL_PREFIXES
from features.preservations import Preservation, together
from features.register import Register, Stage

__all__ = ["Case", "CaseError", "InvalidCaseError", "QualityFlag", "parse_case"]


@dataclass(frozen=True)
class Case:
    """One application as of one instant, checked once; inside, its types are trusted.

    `values` hold the registered facts that were sent: bool, int, float,
    Decimal, date, datetime (+08:00), str codes, and tuples of codes for sets.
    What was not sent is absent, never a default. `missing` says why.
    `preservations` are the preserved assets one by one, where they were sent;
    the facts about preservation in `values` are what they say together.
    """

    application_id: str
    court_code: str
    stage: Stage
    as_of: datetime
    schema_version: str
    values: Mapping[str, object]
    missing: Mapping[str, str]
    observed_at: Mapping[str, date | datetime]
    quality: tuple[QualityFlag, ...]
    explain_reasons: int = 5
    explain_flips: int = 3
    preservations: tuple[Preservation, ...] = ()


def parse_case(
    document: object,
    *,
    now: datetime,
    register: Register,
    local_prefixes: tuple[str, ...] = LOCAL_PREFIXES,
    tokenise: Callable[[str], str] | None = None,
) -> Case:
    """Return the case that a decoded JSON document describes.

    `now` closes the future. `local_prefixes` are the court's own urging
    registers. `tokenise` turns a raw identity number into the join token;
    without it a raw number is refused.

    Raises
    ------
    InvalidCaseError
        With every mistake found (at most 50), its JSON pointer and both languages.
    """
    stage, sent = read_document(document, register)
    names = check_names(sent, local_prefixes=local_prefixes, tokenise=tokenise)
    as_of = as_of_of(sent, names.values, stage)
    errors = [*names.errors, *check_dates(sent, names.values, as_of=as_of, now=now.astimezone(SHANGHAI), stage=stage)]
    several = tuple(Preservation(**one) for one in sent.get("preservations", ()))
    if as_of is not None:
        errors += check_preservations(several, names.values, as_of.date())
    if errors or as_of is None:
        raise InvalidCaseError(errors)
    names.values = {**together(several, as_of.date()), **names.values}
    return replace(_case(sent, names, stage=stage, as_of=as_of, register=register), preservations=several)


def _case(sent: Mapping[str, Any], names: Names, *, stage: Stage, as_of: datetime, register: Register) -> Case:
    values = {**names.values, "received_at": names.values.get("received_at", as_of)}
    missing, explain = sent.get("missing", {}), sent.get("explain", {})
    flags = flags_of(values, missing=missing, as_of=as_of, stage=stage, register=register)
    return Case(
        application_id=sent["application_id"],
        court_code=names.court,
        stage=stage,
        as_of=as_of,
        schema_version=sent.get("schema_version", SCHEMA_VERSIONS[-1]),
        values=MappingProxyType(values),
        missing=MappingProxyType(missing),
        observed_at=MappingProxyType(sent.get("observed_at", {})),
        quality=(*names.flags, *flags),
        explain_reasons=explain.get("reasons", 5),
        explain_flips=explain.get("flips", 3),
    )
