"""Everything on record when the applications of one court arrive, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from features.causes import IN_FORCE_FROM, VERSIONS
from features.clock import days_of
from features.known import OBSERVED, Array
from training.simulate.record import applicants as people
from training.simulate.record import calendar, claims, observation, trial
from training.simulate.record.debtors import (
    Debtors,
    draw_debtors,
    draw_owners,
    nth_case,
    person_columns,
    registry_columns,
    with_registry,
)
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code
from training.simulate.record.observation import LISTS, REGISTRY, Lookups
from training.simulate.settings import Court, Margins, Scenario


@dataclass(frozen=True)
class Record:
    """The applications of one court in order of receipt; history columns are added case by case."""

    columns: Columns
    debtors: Debtors
    applicants: people.Applicants
    batch: Rows
    wrong: Mapping[str, Flags]
    looked: Lookups
    years: Array

    @property
    def firm(self) -> Flags:
        """Whether each case's debtor is a firm."""
        return self.debtors.firm[self.debtors.of]


def draw_record(rng: Rng, n: int, *, court: Court, margins: Margins, scenario: Scenario, window: tuple[date, date]) -> Record:  # noqa: E501
    """Draw the applications that a court receives between two days."""
    received = calendar.receipts(rng, n, start=window[0], end=window[1], scenario=scenario)
    firms = sum(c.share * margins.profiles[court.profile].get(k, 1.0) * c.firms for k, c in margins.causes.items())
    firms /= sum(c.share * margins.profiles[court.profile].get(k, 1.0) for k, c in margins.causes.items())
    firm, owner = draw_owners(rng, n, firms)
    years = calendar.years_since(received, window[0])
    cause = people.draw_causes(rng, firm[owner], years, court=court, margins=margins, scenario=scenario)
    applicants = people.draw_applicants(rng, cause, margins)
    batch = people.batches(rng, applicants, owner, received, margins=margins)
    received = people.together(received, batch)
    order = np.argsort(received, kind="stable")
    applicants = people.Applicants(*(part[order] for part in (applicants.cause, applicants.who, applicants.bulk, applicants.kind)))
    owner, received, batch = owner[order], received[order], batch[order]
    debtors = Debtors(firm, draw_debtors(rng, firm), owner, nth_case(owner))
    years = calendar.years_since(received, window[0])
    looked = observation.lookups(rng, received, margins)
    columns = _columns(rng, debtors, applicants, batch, received=received, margins=margins)
    shown = years + (looked.registry_at - np.floor(received)) / calendar.YEAR
    columns |= person_columns(rng, debtors, years) | registry_columns(rng, debtors, np.maximum(shown, 0.0))
    columns = observation.blank_some(rng, with_registry(columns), margins, firm=firm[owner])
    columns, wrong = observation.spoil(rng, columns, margins.observation["wrong"])
    columns |= _observed(looked, columns)
    return Record(columns, debtors, applicants, batch, wrong, looked, years)


def _columns(
    rng: Rng, debtors: Debtors, applicants: people.Applicants, batch: Rows, *, received: Array, margins: Margins
) -> Columns:
    """Draw the columns of basis, trial, claim, applicant, preservation and clues."""
    firm = debtors.firm[debtors.of]
    columns = {"received_at": received} | trial.trial_columns(rng, received, firm=firm)
    columns |= trial.date_columns(rng, received, columns["trial_outcome"])
    agreed = columns["trial_outcome"] == code("trial_outcome", "mediation")
    columns |= claims.claim_columns(rng, applicants.cause, firm=firm, agreed=agreed, margins=margins)
    columns |= people.applicant_columns(rng, applicants, batch, received)
    columns |= people.sensitivity_columns(rng, columns["group_case"])
    corporate = applicants.kind != code("applicant_type", "person")
    columns |= claims.preservation_columns(
        rng, columns["claim_amount"], columns["basis_effective_date"], received=received, firm_applicant=corporate
    )
    columns |= claims.clue_columns(rng, firm=firm, preserved=columns["preserved"])
    return columns | {"cause_version": cause_versions(columns["basis_effective_date"])}


def cause_versions(effective: Array) -> Array:
    """Return the list of causes of each basis: that of 2026 from its first day, that of 2021 before.

    Older bases stand under the list of 2021, to which courts carried them over.
    """
    newest = effective >= days_of(IN_FORCE_FROM[VERSIONS.index("2026")])
    return np.where(newest, VERSIONS.index("2026"), VERSIONS.index("2021")).astype(np.float64)


def _observed(looked: Lookups, columns: Columns) -> Columns:
    """Return when registers and lists were looked at; missing where nothing came of it."""
    registry = {name + OBSERVED: np.where(np.isnan(columns[name]), np.nan, looked.registry_at) for name in REGISTRY}
    return registry | {name + OBSERVED: looked.lists_at for name in LISTS}
