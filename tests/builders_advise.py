"""Builders for whole answers: many different documents, and the advice on one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from features.case import Case, parse_case
from features.columns import columns_of
from features.known import Columns
from features.register import Stage, load_register
from models.advice import Advice
from models.advise import advise
from models.bundle import Bundle
from models.rules.table import RuleTable
from tests.builders_case import ABSENT, NOW, case_document, stage_b_document

RULES = RuleTable.load()


def random_documents(stage: Stage, n: int, *, seed: int = 20261101) -> list[dict[str, Any]]:
    """Return n different cases of a stage: sums, counts and answers drawn around the sample case."""
    rng = np.random.default_rng(seed)
    plain = case_document if stage is Stage.A else stage_b_document
    return [
        plain(
            application_id=f"SQ20261120-{i:04d}",
            claim_amount=f"{rng.lognormal(10.5, 1.0) + 2000.0:.2f}",
            paid_before=ABSENT if rng.random() < 0.1 else f"{rng.uniform(0.0, 2000.0):.2f}",
            pres_cash=f"{rng.lognormal(8.0, 1.5):.2f}",
            first_seal=bool(rng.random() < 0.7),
            prior_enf_n=int(rng.poisson(2.0)) + 2,
            age=int(rng.integers(19, 80)),
            phone_provided=bool(rng.random() < 0.8),
            clue_specific=bool(rng.random() < 0.5),
            criminal_overlap=bool(rng.random() < 0.1),
            trial_days=int(rng.integers(20, 200)),
            trial_contacts_ok=int(rng.poisson(2.0)),
        )
        for i in range(n)
    ]


def parsed(document: dict[str, Any], *, now: datetime = NOW) -> Case:
    """Return the case of a document."""
    return parse_case(document, now=now, register=load_register())


def advice_on(document: dict[str, Any], bundle: Bundle | None, *, explained: bool = True) -> Advice:
    """Return the advice on a document under the shipped rules."""
    case = parsed(document)
    return advise(case, bundle=bundle, rules=RULES, register=load_register(), explained=explained).advice


def batch_of(cases: list[Case]) -> Columns:
    """Return the columns of many cases, one under another; what a case does not have is missing."""
    each = [columns_of(case, load_register()) for case in cases]
    names = dict.fromkeys(name for columns in each for name in columns)
    return {name: np.concatenate([_or_missing(columns, name) for columns in each]) for name in names}


def _or_missing(columns: Columns, name: str) -> np.ndarray:
    return columns.get(name, np.array([np.nan]))
