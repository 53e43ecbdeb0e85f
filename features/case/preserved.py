"""Facts about preservation against the preservations that were sent one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from features.case.errors import CaseError, case_error
from features.preservations import Preservation, first_deposits, money_of, together


def check_preservations(several: Sequence[Preservation], values: Mapping[str, object], on: date) -> Iterator[CaseError]:
    """Yield where the facts of the case contradict its preservations one by one."""
    told = together(several, on)
    names: list[str] = [name for name in ("preserved", "pres_expiry", "pres_stage", "first_seal") if name in told]
    wrong = [name for name in names if name in values and values[name] != told[name]]
    amounts = {money_of(first_deposits(several)), told.get("pres_cash")} - {None}
    if "pres_cash" in told and "pres_cash" in values and values["pres_cash"] not in amounts:
        wrong.append("pres_cash")
    yield from (case_error(f"/case/{name}", "CONTRADICTION", other="/preservations") for name in wrong)
