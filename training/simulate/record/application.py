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
    person_columns,
    registry_columns,
    with_registry,
)
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, nth_of
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


def draw_record(
    rng: Rng, n: int, *, court: Court, margins: Margins, scenario: Scenario, window: tuple[date, date]
) -> Record:
    """Draw the applications that a court receives between two days."""
    received = calendar.receipts(rng, n, start=window[0], end=window[1], scenario=scenario)
    firm, owner = draw_owners(rng, n, _firms(court, margins))
    years = calendar.years_since(received, window[0])
    cause = people.draw_causes(rng, firm[owner], years, court=court, margins=margins, scenario=scenario)
    applicants = people.draw_applicants(rng, cause, margins)
    batch = people.batches(rng, applicants, owner, received, margins=margins)
    received = people.together(received, batch)
    order = np.argsort(received, kind="stable")
    applicants, owner, received, batch = applicants.at(order), owner[order], received[order], batch[order]
    debtors = Debtors(firm, draw_debtors(rng, firm), owner, nth_of(owner))
    years = calendar.years_since(received, window[0])
    columns = _columns(rng, debtors, applicants, batch, received=received, margins=margins)
    looked = observation.lookups(rng, received, margins)
    columns |= person_columns(rng, debtors, years)
    columns |= registry_columns(rng, debtors, calendar.years_since(looked.registry_at, window[0]))
    columns = observation.blank_some(rng, with_registry(columns), margins, firm=firm[owner])
    columns, wrong = observation.spoil(rng, columns, margins.observation["wrong"])
    return Record(columns | _observed(looked, columns), debtors, applicants, batch, wrong, looked, years)


def _firms(court: Court, margins: Margins) -> float:
    """Return the share of firms among a court's debtors, from its causes."""
    profile = margins.profiles[court.profile]
    share = np.array([cause.share * profile.get(name, 1.0) for name, cause in margins.causes.items()])
    return float(share @ np.array([cause.firms for cause in margins.causes.values()]) / share.sum())


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
