"""The use case without its record: one case in, advice out; rules first, then scores, then reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import cast

import numpy as np

from features.case import Case
from features.case.document import document_sha256
from features.clock import SHANGHAI, days_of
from features.columns import columns_of
from features.known import Array, Columns
from features.register import Register, Stage
from models.abstention import WORDS
from models.advice import (
    AbstainReason,
    Advice,
    DataWarning,
    Deadline,
    Degraded,
    ExplainedScore,
    Flip,
    Proposal,
    Versions,
)
from models.bundle import Bundle
from models.deadlines import deadlines_of
from models.explain.reasons import CaseFacts, explain
from models.explain.shown import shown_scores
from models.explain.what_ifs import WhatIf, flips_of
from models.lanes import Lane
from models.lifecycle import FastClock, fast_clock, window_of
from models.program import program_version
from models.rules.table import RulesInForce, RuleTable
from models.scores import Scores
from models.triage import Triage, Triaged

EXPLAINED: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {Stage.A: ("willingness", "ability"), Stage.B: ("quick_close", "ability")}
)
"""Scores that are explained, per stage; the first is the one the lane hangs on."""


@dataclass(frozen=True)
class Judged:
    """Advice, and the exact row of features (float32, little endian) that the models saw; None without models."""

    advice: Advice
    features: bytes | None


@dataclass(frozen=True, kw_only=True)
class Given:
    """What an answer depends on beside case, models and rules: the day it is given, and why no model takes part.

    The day counts for the validity of the bundle only: an intake system may
    ask today about the facts of last month, but not with a model that is past
    its date today. None asks no calendar, as for past cases in an evaluation.
    """

    on: date | None = None
    degraded: Degraded | None = None


ANY_DAY = Given()


@dataclass(frozen=True)
class _File:
    """One case on the desk: the case, its columns and instant, the rules that apply, and what triage found."""

    case: Case
    columns: Columns
    as_of: Array
    triage: Triage
    found: Triaged
    degraded: Degraded | None


def advise(
    case: Case,
    *,
    bundle: Bundle | None,
    rules: RuleTable,
    register: Register,
    explained: bool = True,
    given: Given = ANY_DAY,
) -> Judged:
    """Return advice on one case; without a bundle the rules answer alone.

    Raises
    ------
    RuleTableError
        No rule table covers the day on which the application was received.
    """
    in_force = rules.on(received_on(case))
    triage = Triage(stage=case.stage, rules=in_force, register=register, bundle=bundle, on=given.on)
    columns, as_of = columns_of(case, register), np.array([days_of(case.as_of)])
    found = triage(columns, as_of=as_of, court=[case.court_code])
    file = _File(case, columns, as_of, triage, found, given.degraded)
    table = file.found.table
    return Judged(_advice(file, explained=explained), None if table is None else table.rows.astype("<f4").tobytes())


def received_on(case: Case) -> date:
    """Return the Shanghai day of receipt: the rules in force on it apply."""
    return cast("datetime", case.values["received_at"]).astimezone(SHANGHAI).date()


def _advice(file: _File, *, explained: bool) -> Advice:
    case, routes = file.case, file.found.routes
    proposal = routes.proposal(0)
    scores = None if file.found.table is None else file.found.table.row(0)
    asked = scores is not None and proposal.status != "rules_only"
    clock = fast_clock(routes.outcomes, 0) if proposal.route is Lane.FAST else None
    return Advice(
        application_id=case.application_id,
        court_code=case.court_code,
        stage=case.stage,
        as_of=case.as_of,
        proposal=proposal,
        rules=routes.outcomes.trace(0),
        versions=_versions(case, file.triage.rules, file.triage.bundle),
        input_sha256=document_sha256(case),
        simulated=file.triage.bundle is not None and file.triage.bundle.about.simulated,
        scores=shown_scores(scores) if scores is not None and asked else (),
        explanations=_explanations(file, scores) if scores is not None and asked and explained else (),
        flips=_flips(file, proposal, clock) if explained else (),
        warnings=warnings_of(case),
        deadlines=_deadlines(file, clock, lane=proposal.route),
        abstain_reasons=_abstained(scores) if scores is not None and asked else (),
        degraded=file.degraded,
    )


def _explanations(file: _File, scores: Scores) -> tuple[ExplainedScore, ...]:
    """Explain what is shown; a withheld score is not explained."""
    bundle, table = file.triage.bundle, file.found.table
    if bundle is None or table is None or scores.abstain:
        return ()
    facts = CaseFacts(file.found.known, file.case.court_code, file.case.observed_at, file.triage.register)
    models = bundle.stages[file.case.stage]
    names = [name for name in EXPLAINED[file.case.stage] if name in table.columns]
    found = [(name, explain(models, facts, table, name=name, count=file.case.explain_reasons)) for name in names]
    return tuple(
        ExplainedScore(name=name, shown=one.shown, average=one.average, rest=one.rest, reasons=one.reasons)
        for name, one in found
    )


def _flips(file: _File, proposal: Proposal, clock: FastClock | None) -> tuple[Flip, ...]:
    what_if = WhatIf(file.triage, file.columns, file.as_of, file.case.court_code)
    return flips_of(what_if, proposal, most=file.case.explain_flips, clock=clock)


def _abstained(scores: Scores) -> tuple[AbstainReason, ...]:
    words = ((reason.value, *WORDS[reason]) for reason in scores.abstain)
    return tuple(AbstainReason(code=code, text=zh, text_en=en) for code, zh, en in words)


def warnings_of(case: Case) -> tuple[DataWarning, ...]:
    """Return every doubt about the data, and what was said to be missing."""
    return tuple(DataWarning(code=flag.code, field=flag.field, text=flag.zh, text_en=flag.en) for flag in case.quality)


def _deadlines(file: _File, clock: FastClock | None, *, lane: Lane | None) -> tuple[Deadline, ...]:
    """Return the dates to keep; urging that is proposed would start on the day of the advice."""
    case, rules = file.case, file.triage.rules
    return deadlines_of(
        case.values,
        stage=case.stage,
        limits=rules.limits,
        urging=_urging(case, rules, lane=lane),
        fast_until=None if clock is None else (clock.last_on, clock.sure),
        preservations=case.preservations,
    )


def _urging(case: Case, rules: RulesInForce, *, lane: Lane | None) -> tuple[date, date] | None:
    """Return the first and last day of urging, as recorded or as proposed; None without any."""
    values, begun = case.values, case.values.get("urge_start")
    start = begun if isinstance(begun, datetime) else case.as_of if lane is Lane.URGE else None
    if start is None:
        return None
    window = window_of(values, rules, starts_on=start.astimezone(SHANGHAI).date())
    return window.starts_on, max(window.ends_on, window.starts_on)


def _versions(case: Case, rules: RulesInForce, bundle: Bundle | None) -> Versions:
    return Versions(
        model=None if bundle is None else bundle.about.name,
        model_sha256=None if bundle is None else bundle.sha256,
        ruleset=rules.version,
        ruleset_sha256=rules.sha256,
        schema=case.schema_version,
        program=program_version(),
    )
