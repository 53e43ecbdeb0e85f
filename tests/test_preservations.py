"""Several preservations of one case: each is named with its own day and article, and none speaks for another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from features.case import parse_case
from features.case.document import case_document as written
from features.register import load_register
from models.advice import Advice
from models.lanes import Lane
from tests.builders_advise import advice_on
from tests.builders_case import NOW, case_document, errors_of

CASH = {"kind": "deposit", "expires_on": "2027-10-01", "amount": "60000.00"}
CAR = {"kind": "movable", "expires_on": "2026-11-19"}
HOUSE = {"kind": "不动产", "expires_on": "2028-01-31", "order": 2}


def advised(*several: dict[str, Any], **facts: Any) -> Advice:
    """Return the advice by rule on the usual case with these preservations, none of whose facts it tells itself."""
    return advice_on(sent(*several, **facts), None)


def sent(*several: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return the document of the usual case with these preservations."""
    document = case_document(**facts)
    for name in ("preserved", "pres_stage", "pres_cash", "pres_expiry", "first_seal"):
        if name not in facts:
            document["case"].pop(name, None)
    return {**document, "preservations": list(several)}


def test_each_preservation_is_named_with_its_own_day_and_article() -> None:
    """The earliest first; what waits behind another court has no period of its own."""
    found = [(one.kind, str(one.date), one.text) for one in advised(CASH, CAR, HOUSE).deadlines]

    assert ("preservation_expiry", "2026-11-19", "第 2 项保全（动产） 2026-11-19 到期") in found
    assert ("preservation_renewal", "2027-09-24", "第 1 项保全（存款）：续行保全应在 2027-09-24 前申请") in found
    assert [kind for kind, _, text in found if "第 3 项保全（不动产）为第 2 顺位轮候" in text] == [
        "preservation_waiting"
    ]


def test_a_lapsed_car_ends_no_freeze_of_money_and_forbids_urging_all_the_same() -> None:
    """The money still holds, so it can be deducted; by the earliest day alone it could not."""
    by_each = advised(CASH, CAR, consent_urge="agree")
    by_earliest = advice_on(
        case_document(preserved=True, pres_expiry="2026-11-19", first_seal=True, pres_cash="60000.00"), None
    )
    rules = {one.id: one.result for one in by_each.rules}

    assert (by_each.proposal.deciding_rule, by_each.proposal.route) == ("H04", Lane.FAST)
    assert rules["H05"] == "met"
    assert by_earliest.proposal.deciding_rule != "H04"


def test_a_freeze_that_lapsed_counts_for_nothing_beside_one_that_holds() -> None:
    """Of two accounts the one that still holds is the money there is."""
    gone = {"kind": "deposit", "expires_on": "2026-11-01", "amount": "50000.00"}
    case = parse_case(sent(gone, {**CASH, "amount": "1000.00"}), now=NOW, register=load_register())

    assert case.values["pres_cash"] == Decimal("1000.00")
    assert {one.id: one.result for one in advised(gone, {**CASH, "amount": "1000.00"}).rules}["H04"] == "not_met"


def test_a_sum_that_no_fact_can_hold_is_unknown() -> None:
    """Two freezes of the largest amount there is: the case still reads back as itself."""
    most = {**CASH, "amount": "9999999999999.99"}
    case = parse_case(sent(most, most), now=NOW, register=load_register())

    assert "pres_cash" not in case.values
    assert parse_case(written(case), now=NOW, register=load_register()) == case


def test_one_preservation_before_enforcement_among_several_forbids_urging() -> None:
    """Its five days run whatever the others do."""
    found = advised({**CASH, "kind": "realty"}, {**CAR, "expires_on": "2027-12-01", "stage": "pre_enforcement"})

    assert "pre_enforcement_5d" in {one.kind for one in found.deadlines}
    assert {one.id: one.result for one in found.rules}["H05"] == "met"


def test_a_case_with_preservations_reads_back_as_itself() -> None:
    """What the record keeps is the same question."""
    case = parse_case(sent(CASH, CAR, HOUSE), now=NOW, register=load_register())

    assert parse_case(written(case), now=NOW, register=load_register()) == case


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"preserved": False}, "/case/preserved"),
        ({"pres_expiry": "2027-10-01"}, "/case/pres_expiry"),
        ({"pres_cash": "1.00"}, "/case/pres_cash"),
        ({"first_seal": False}, "/case/first_seal"),
    ],
)
def test_facts_that_contradict_the_list_are_refused(facts: dict[str, Any], pointer: str) -> None:
    """A sum that says otherwise than its parts is a slip that somebody has to mend."""
    [error] = errors_of(sent(CASH, CAR, **facts))

    assert (error.pointer, error.code) == (pointer, "CONTRADICTION")


@pytest.mark.parametrize(
    ("one", "pointer"),
    [
        ({"kind": "deposit"}, "/preservations/0/expires_on"),
        ({**CAR, "kind": "boat"}, "/preservations/0/kind"),
        ({**CAR, "order": 0}, "/preservations/0/order"),
        ({**CAR, "bank": "某行"}, "/preservations/0/?"),
        ({**CAR, "amount": 3}, "/preservations/0/amount"),
    ],
)
def test_a_preservation_of_another_form_is_refused(one: dict[str, Any], pointer: str) -> None:
    """Strictly, like every fact."""
    assert [error.pointer for error in errors_of(sent(one))] == [pointer]
