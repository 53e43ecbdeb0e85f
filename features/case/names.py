"""Numbers and codes inside a document: brought to their canonical form, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from features.case.errors import CaseError, case_error
from features.case.quality import QualityFlag, flag
from features.identifiers import (
    ENFORCEMENT_TYPES,
    CaseNumberError,
    IdentityKind,
    court_code,
    half_width,
    identify,
    is_local_number,
    parse_case_number,
    points_to_a_person,
)

FORMS = {
    "currency": (re.compile(r"[A-Z]{3}"), "三位大写字母，例如 CNY", "three capital letters such as CNY"),
    "huji_region": (re.compile(r"[0-9]{6}"), "六位数字", "six digits"),
    "industry_code": (
        re.compile(r"[A-T]([0-9]{2,4})?|[0-9]{2,4}"),
        "国民经济行业代码，例如 C1711",
        "a GB/T 4754 code such as C1711",
    ),
}
"""Field -> the form its text must have, in two languages."""

_COURT_FORM = ("法院代字，例如 浙1022", "a court code such as 浙1022")

_COURT_BASES = frozenset({"judgment", "mediation", "judicial_confirmation", "payment_order", "security_realisation"})
"""Kinds of basis that a court made, whose number must be a 案号."""


@dataclass
class Names:
    """The case's values with canonical numbers, and what was found on the way."""

    values: dict[str, object]
    court: str
    errors: list[CaseError] = field(default_factory=list)
    flags: list[QualityFlag] = field(default_factory=list)

    def refuse(self, name: str, code: str, **params: str) -> None:
        """Note an error of a field of the case."""
        self.errors.append(case_error(f"/case/{name}", code, **params))


def check_names(
    sent: Mapping[str, Any],
    *,
    local_prefixes: tuple[str, ...],
    tokenise: Callable[[str], str] | None,
) -> Names:
    """Return the values with canonical numbers; a raw identity number never gets further than here."""
    court = court_code(sent["court_code"])
    names = Names(dict(sent["case"]), court or "")
    if court is None:
        names.errors.append(case_error("/court_code", "PATTERN", expected=_COURT_FORM[0], expected_en=_COURT_FORM[1]))
    if points_to_a_person(sent["application_id"]):
        names.errors.append(case_error("/application_id", "PERSONAL_NUMBER"))
    _check_forms(names)
    _check_basis_number(names)
    _check_enforcement_number(names)
    _check_local_number(names, local_prefixes)
    _check_identity(names, tokenise)
    return names


def _check_forms(names: Names) -> None:
    for name, (form, expected, expected_en) in FORMS.items():
        if name not in names.values:
            continue
        text = half_width(str(names.values[name])).upper()
        names.values[name] = text
        if not form.fullmatch(text):
            names.refuse(name, "PATTERN", expected=expected, expected_en=expected_en)
    if "cause_code" in names.values:
        names.values["cause_code"] = half_width(str(names.values["cause_code"]))


def _check_basis_number(names: Names) -> None:
    """Parse a court's number; awards and notarial deeds carry numbers of their own form."""
    if "basis_no" not in names.values:
        return
    text = half_width(str(names.values["basis_no"]))
    names.values["basis_no"] = text
    try:
        number = parse_case_number(text)
    except CaseNumberError:
        if names.values.get("basis_type") in _COURT_BASES:
            names.flags.append(flag("BASIS_NO_UNPARSED", "basis_no"))
        return
    names.values["basis_no"] = str(number)
    if number.legacy:
        names.flags.append(flag("BASIS_NO_LEGACY", "basis_no"))


def _check_enforcement_number(names: Names) -> None:
    """Refuse a number that is not of a national enforcement type: an urging number is no filed case."""
    if "enf_case_no" not in names.values:
        return
    try:
        number = parse_case_number(str(names.values["enf_case_no"]))
    except CaseNumberError:
        names.refuse("enf_case_no", "CASE_NO_FORMAT")
        return
    names.values["enf_case_no"] = str(number)
    if number.legacy:
        names.flags.append(flag("ENF_CASE_NO_LEGACY", "enf_case_no"))
    elif not number.enforcement:
        names.refuse("enf_case_no", "CASE_NO_TYPE", allowed="/".join(ENFORCEMENT_TYPES))


def _check_local_number(names: Names, prefixes: tuple[str, ...]) -> None:
    if "pre_case_no" not in names.values:
        return
    text = half_width(str(names.values["pre_case_no"]))
    names.values["pre_case_no"] = text
    try:
        number = parse_case_number(text)
    except CaseNumberError:
        names.flags.append(flag("PRE_CASE_NO_UNPARSED", "pre_case_no"))
        return
    names.values["pre_case_no"] = str(number)
    if not is_local_number(number, prefixes):
        names.flags.append(flag("PRE_CASE_NO_PREFIX", "pre_case_no"))


def _check_identity(names: Names, tokenise: Callable[[str], str] | None) -> None:
    """Replace a raw number by its token; keep only whether its check digit held."""
    if "id_token" not in names.values:
        return
    identity = identify(str(names.values["id_token"]))
    if identity.kind is IdentityKind.TOKEN:
        names.values["id_token"] = identity.number
        return
    del names.values["id_token"]
    if tokenise is None:
        names.refuse("id_token", "RAW_ID_NOT_ALLOWED")
        return
    names.values["id_token"] = tokenise(identity.number)
    if identity.checksum_ok is not None:
        names.values["id_checksum_ok"] = identity.checksum_ok
