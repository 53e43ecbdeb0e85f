"""The trial behind the application: the basis, how the debtor was served, whether he came, and when he had to pay."""

from __future__ import annotations

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, code, flag, pick_code, sigmoid

BASIS = {
    "judgment": 0.605, "mediation": 0.255, "judicial_confirmation": 0.045, "payment_order": 0.015,
    "security_realisation": 0.005, "arbitral_award": 0.028, "arbitral_mediation": 0.012, "notarised_debt": 0.02,
    "civil_in_criminal": 0.005, "administrative_penalty": 0.004, "foreign_hkmt": 0.002, "criminal_property": 0.004,
}  # fmt: skip
TRIED = ("judgment", "mediation", "judicial_confirmation", "payment_order", "security_realisation", "civil_in_criminal")
NOTICE = 0.53
"""Service by notice among judgments, which puts it at about a third of all cases (data-based)."""


def trial_columns(rng: Rng, received: Array, *, firm: Flags) -> Columns:
    """Return the columns of the basis and of the trial; trial facts are missing where no court tried the case."""
    n = len(received)
    basis = pick_code(rng, n, field="basis_type", weights=BASIS)
    tried = np.isin(basis, [code("basis_type", name) for name in TRIED])
    judged = basis == code("basis_type", "judgment")
    agreed = np.isin(basis, [code("basis_type", name) for name in ("mediation", "judicial_confirmation")])
    notice = flag(rng, np.where(judged, NOTICE + np.where(firm, 0.04, -0.02), 0.03))
    default = np.where(judged, flag(rng, np.where(notice == 1, 0.97, 0.20)), 0.0)
    came = np.where(agreed, flag(rng, np.full(n, 0.97)), np.where(default == 1, 0.0, flag(rng, np.full(n, 0.93))))
    columns = {
        "trial_procedure": _procedure(rng, basis),
        "default_judgment": default,
        "debtor_appeared": came,
        "appealed": flag(rng, np.where(judged & (came == 1), 0.13, 0.005)),
        "trial_days": _trial_days(rng, notice),
        "address_confirmed": flag(rng, sigmoid(-0.9 + 2.3 * came - 0.5 * notice)),
        "e_service_ok": flag(rng, sigmoid(-1.2 + 2.0 * came - 0.5 * notice)),
        "trial_contacts_ok": rng.poisson(0.35 + 1.5 * came).astype(np.float64),
        "trial_clue": flag(rng, np.full(n, 0.08)),
    }
    blanked = {name: np.where(tried, values, np.nan) for name, values in columns.items()}
    return {"basis_type": basis, "trial_outcome": _outcome(basis), "served_by_notice": notice} | blanked


def _procedure(rng: Rng, basis: Array) -> Array:
    n = len(basis)
    court = pick_code(
        rng, n, field="trial_procedure", weights={"small_claims": 0.22, "summary": 0.58, "ordinary": 0.20}
    )
    special = np.isin(basis, [code("basis_type", name) for name in ("judicial_confirmation", "security_realisation")])
    order = basis == code("basis_type", "payment_order")
    court = np.where(special, code("trial_procedure", "special"), court)
    return np.where(order, code("trial_procedure", "payment_order"), court)


def _outcome(basis: Array) -> Array:
    outcome = np.full(len(basis), code("trial_outcome", "other"))
    for name in ("judgment", "mediation", "judicial_confirmation"):
        outcome[basis == code("basis_type", name)] = code("trial_outcome", name)
    return outcome


def _trial_days(rng: Rng, notice: Array) -> Array:
    days = np.exp(rng.normal(4.0, 0.6, len(notice))) + np.where(notice == 1, 65.0, 0.0)
    return np.asarray(np.clip(np.floor(days), 1.0, 900.0))


def date_columns(rng: Rng, received: Array, trial_outcome: Array) -> Columns:
    """Return when the basis took effect and when the debtor had to pay; always before the application."""
    n = len(received)
    agreed = trial_outcome == code("trial_outcome", "mediation")
    instalment = flag(rng, np.where(agreed, 0.45, 0.05))
    overdue = np.floor(np.exp(rng.normal(4.05, 1.15, n))).clip(1.0, 1300.0)
    due = np.floor(received) - overdue
    period = rng.choice(np.array([10.0, 15.0, 30.0]), n, p=[0.6, 0.2, 0.2])
    spread = np.floor(rng.uniform(30.0, 540.0, n))
    return {
        "basis_effective_date": due - period - np.where(instalment == 1, np.floor(spread / 3), 0.0),
        "due_date": due,
        "instalment": instalment,
        "last_instalment_due": np.where(instalment == 1, due + spread, np.nan),
    }
