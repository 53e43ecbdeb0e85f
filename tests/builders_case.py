"""Documents of complete, valid cases as an intake system would send them; tests override what they are about."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import pytest

from features.case import Case, CaseError, InvalidCaseError, parse_case
from features.clock import SHANGHAI
from features.register import load_register

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
"""The test court's clock."""

TOKEN = "9b1c" * 16

_CASE_A: dict[str, Any] = {
    "received_at": "2026-11-20T09:12:00+08:00",
    "intake_channel": "counter",
    "basis_no": "(2026)浙1022民初3321号",
    "basis_type": "judgment",
    "basis_authority": "浙江省三门县人民法院",
    "basis_effective_date": "2026-07-30",
    "due_date": "2026-08-14",
    "instalment": False,
    "cause_code": "108.3",
    "cause_version": "2026",
    "trial_procedure": "summary",
    "trial_outcome": "judgment",
    "default_judgment": False,
    "served_by_notice": False,
    "debtor_appeared": True,
    "appealed": False,
    "trial_days": 62,
    "address_confirmed": True,
    "e_service_ok": True,
    "trial_contacts_ok": 3,
    "trial_clue": False,
    "relief_type": "money",
    "claim_amount": "38600.00",
    "principal": "35000.00",
    "ordinary_interest": "3600.00",
    "paid_before": "2000.00",
    "priority_right": False,
    "collateral_type": "none",
    "joint_liability": False,
    "n_debtors": 1,
    "n_guarantors": 0,
    "basis_clear": True,
    "currency": "CNY",
    "applicant_type": "enterprise",
    "n_applicants": 1,
    "has_lawyer": True,
    "assigned_claim": False,
    "consent_urge": "agree",
    "wants_no_asset_cert": False,
    "applicant_bulk_12m": 4,
    "applicant_hardship": False,
    "payee_confirmed": True,
    "debtor_type": "person",
    "id_token": TOKEN,
    "age": 41,
    "gender": "M",
    "huji_region": "331022",
    "in_jurisdiction": True,
    "phone_provided": True,
    "foreign_hkmt": False,
    "public_entity": False,
    "military": False,
    "dead_or_deregistered": "none",
    "in_custody": False,
    "bankruptcy_case": "none",
    "prior_enf_n": 3,
    "open_enf_n": 1,
    "open_enf_amount": "12000.00",
    "prior_full_n": 2,
    "prior_zhongben_n": 0,
    "prior_recovery_rate": 0.8,
    "dishonest_now": False,
    "dishonest_n": 0,
    "restricted_now": False,
    "voluntary_n": 2,
    "settle_default_n": 0,
    "sanction_n": 0,
    "as_creditor_n": 0,
    "debt_relief_status": "none",
    "batch_id": "B-2026-118",
    "batch_size": 1,
    "preserved": True,
    "pres_stage": "during_suit",
    "pres_cash": "5200.00",
    "pres_realty_n": 0,
    "pres_vehicle_n": 1,
    "vehicle_in_custody": False,
    "pres_other_value": "0.00",
    "first_seal": True,
    "seal_rank": 1,
    "pres_expiry": "2027-06-01",
    "clue_n": 2,
    "clue_types": ["vehicle", "wage"],
    "clue_specific": True,
    "applicant_view_ability": 4,
    "group_case": False,
    "petition_risk": False,
    "supervised": False,
    "criminal_overlap": False,
}

_QUERY: dict[str, Any] = {
    "enf_case_no": "(2026)浙1022执1234号",
    "pre_case_no": "(2026)浙1022执前督56号",
    "urge_start": "2026-10-12T09:00:00+08:00",
    "urge_reached": True,
    "urge_promise_date": "2026-10-25",
    "urge_result": "failed",
    "urge_paid": "0.00",
    "filed_at": "2026-11-02T08:30:00+08:00",
    "query_at": "2026-11-04T15:45:30+08:00",
    "q_bank": "1820.55",
    "q_netpay": "310.00",
    "q_realty_n": 0,
    "q_realty_enc": "none",
    "q_vehicle_n": 1,
    "q_securities": "0.00",
    "q_wealth": "0.00",
    "q_insurance": "0.00",
    "q_equity_n": 0,
    "q_hpf": "15600.00",
    "q_wage": "6200.00",
    "q_vessel_n": 0,
}

ABSENT = object()
"""An override of this value takes the field out of the document."""


def case_document(**overrides: Any) -> dict[str, Any]:
    """Return a stage-A document; an override goes to the envelope if it is named there, else into `case`."""
    document = {
        "application_id": "SQ20261120-0187",
        "court_code": "浙1022",
        "stage": "A",
        "schema_version": "2026-11",
        "case": copy.deepcopy(_CASE_A),
        "missing": {"insured_headcount": "not_applicable"},
        "observed_at": {"dishonest_now": "2026-11-19", "open_enf_n": "2026-11-19T18:00:00+08:00"},
        "explain": {"reasons": 5, "flips": 3},
    }
    return _overridden(document, overrides)


def stage_b_document(**overrides: Any) -> dict[str, Any]:
    """Return a stage-B document of the same debtor: urged, filed and queried."""
    document = case_document(stage="B", received_at="2026-10-10T09:12:00+08:00")
    document["case"] |= copy.deepcopy(_QUERY)
    document["observed_at"] = {"dishonest_now": "2026-11-03", "q_bank": "2026-11-04T15:45:30+08:00"}
    return _overridden(document, overrides)


def case_of(document: dict[str, Any] | None = None, **overrides: Any) -> Case:
    """Return the parsed case of a document, or of a stage-A document with overrides."""
    return parse_case(document or case_document(**overrides), now=NOW, register=load_register())


def errors_of(document: object, **options: Any) -> tuple[CaseError, ...]:
    """Return what is wrong with a document; it must be refused."""
    with pytest.raises(InvalidCaseError, match=" / ") as caught:
        parse_case(document, now=NOW, register=load_register(), **options)
    return caught.value.errors


def only_error(document: object, **options: Any) -> tuple[str, str]:
    """Return pointer and code of the one thing wrong with a document."""
    (error,) = errors_of(document, **options)
    return error.pointer, error.code


def _overridden(document: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    beside = {
        "application_id",
        "court_code",
        "stage",
        "as_of",
        "schema_version",
        "case",
        "missing",
        "observed_at",
        "explain",
    }
    for name, value in overrides.items():
        place = document if name in beside else document["case"]
        place[name] = value
        if value is ABSENT:
            del place[name]
    return document
