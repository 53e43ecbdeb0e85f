"""Builders for batches: facts to link, and whole batches with their routes by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from features.clock import days_of
from features.columns import complete, encode
from features.register import Stage, load_register
from models.batches import BatchSettings, Group, LinkFacts, Seen, group
from models.routing import route
from models.rules.evaluate import evaluate
from tests.builders_rules import PLAIN, TODAY, at_noon, rules

SHIPPED = BatchSettings.load()


def figures(**changed: float) -> BatchSettings:
    """Return the shipped figures with some changed."""
    return replace(SHIPPED, **changed)


def facts(debtors: Sequence[set[str]], **changed: Any) -> LinkFacts:
    """Return cases with these debtors, each of an applicant of its own unless `applicant` says otherwise."""
    n = len(debtors)
    usual: dict[str, Any] = {
        "ids": [f"申{i:04d}" for i in range(n)], "debtors": [frozenset(one) for one in debtors],
        "applicant": [f"人{i}" for i in range(n)], "form": ["108.1"] * n, "text": [None] * n,
        "claim": np.full(n, 10_000.0), "received": np.full(n, days_of(TODAY)),
    }  # fmt: skip
    return LinkFacts(**{**usual, **changed})


def serial(n: int, **changed: Any) -> LinkFacts:
    """Return n cases of one applicant and one form, each with a debtor of its own."""
    return facts([{f"债{i}"} for i in range(n)], **{"applicant": ["某行"] * n, **changed})


def seen(n: int, *, on_hand: Sequence[int] = (), **varied: Sequence[object]) -> Seen:
    """Return a batch of plain cases routed by rule; `varied` gives one value a case for a field, None for unknown."""
    register = load_register()
    plain = {name: [value] * n for name, value in {**PLAIN, "received_at": at_noon(TODAY)}.items()}
    columns = {}
    for name, values in {**plain, **varied}.items():
        columns.update(encode(register[name], list(values)))
    as_of = np.full(n, days_of(at_noon(TODAY)))
    columns = complete(columns, n, register, Stage.A, as_of=as_of)
    routes = route(evaluate(rules(), columns, as_of=as_of, stage=Stage.A, scores=None), None)
    known = np.isin(np.arange(n), on_hand)
    ids = [f"申{i:04d}" for i in range(n)]
    return Seen.of_routes(routes, ids=ids, columns=columns, as_of=as_of, on_hand=known)


def grouped(batch: Seen, *, seed: int = 1, **changed: float) -> tuple[Group, ...]:
    """Return the groups of a batch."""
    return group(batch, load_register(), figures(**changed), seed=seed)
