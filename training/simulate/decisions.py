"""The routing decisions of a simulated court: what was usual for such a case, what a person decided, and why."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from features.known import Array
from models.lifecycle import OverrideReason
from training.simulate import arrow
from training.simulate.course.flow import Flow
from training.simulate.record.application import Record
from training.simulate.record.draws import Rng, Rows
from training.simulate.settings import LANES
from training.simulate.tables import Sheet

RULESET: Final = "habit"
SMALL_AT_FIRST: Final = 50_000.0
BEFORE: Final = 10.0 / 86_400.0
"""Days between a proposal and the decision about it."""

REASONS: Final = {
    OverrideReason.UNKNOWN_FACTS: 0.45,
    OverrideReason.PARTY: 0.25,
    OverrideReason.LAW_OR_POLICY: 0.15,
    OverrideReason.WRONG_DATA: 0.10,
    OverrideReason.OTHER: 0.05,
}
"""Why people decide otherwise (assumption)."""


def decisions_table(rng: Rng, sheet: Sheet, record: Record, flow: Flow, *, until: float) -> pa.Table:
    """Return proposals and decisions by case, stage and time.

    A proposal is the lane that was usual for such a case. A person decided,
    with the chance that the decision had; where it is not the usual one, with a
    reason. Reasons have a stream of their own: no other draw depends on them.
    """
    n = flow.n
    rows, stage = np.tile(np.arange(n), 2), np.repeat([0, 1], n)
    at = np.concatenate([
        record.columns["received_at"] + rng.uniform(0.02, 0.28, n), flow["query_at"] + rng.uniform(0.01, 0.4, n),
    ])  # fmt: skip
    lane, chance = _taken(record, flow)
    usual = np.where(chance >= 0.5, lane, np.concatenate([_other_first(record, flow), 2 - flow.rows("lane")]))
    reason = np.where(usual == lane, -1, _reasons(sheet, len(lane)))
    order = np.lexsort((stage, rows))
    order = order[(at < until)[order]]
    twice, person = np.repeat(order, 2), np.tile([False, True], len(order))
    same = np.zeros(len(twice))
    return pa.table({
        "case_id": sheet.ids.take(pa.array(rows[twice])),
        "at": arrow.instants(at[twice] - np.where(person, 0.0, BEFORE)),
        "stage": arrow.texts_array(stage[twice], ["A", "B"]),
        "lane": arrow.texts_array(np.where(person, lane[twice], usual[twice]), ["urge", *LANES]),
        "by": arrow.texts_array(person, ["rule", "person"]),
        "rule_ids": arrow.texts_array(same, [""]),
        "propensity": pa.array(chance[twice], mask=~person),
        "model": arrow.texts_array(same - 1, [""]),
        "ruleset": arrow.texts_array(same, [RULESET]),
        "reason": arrow.texts_array(np.where(person, reason[twice], -1), [str(one) for one in REASONS]),
    })  # fmt: skip


def _taken(record: Record, flow: Flow) -> tuple[Rows, Array]:
    """Return the lane of every case at receipt, then after the query, and the chance that it had."""
    lane = np.concatenate([np.where(flow.flags("urged"), 0, _provisional(record)), flow.rows("lane") + 1])
    urged = np.where(flow.flags("urged"), flow["urge_chance"], 1.0 - flow["urge_chance"])
    return lane, np.concatenate([urged, flow["lane_chance"]])


def _other_first(record: Record, flow: Flow) -> Rows:
    """Return what else could have been decided at receipt: not to urge, or to urge."""
    return np.where(flow.flags("urged"), _provisional(record), 0)


def _provisional(record: Record) -> Rows:
    """Return the lane by the amount alone of a case that is not urged."""
    small = np.nan_to_num(record.columns["claim_amount"], nan=np.inf) < SMALL_AT_FIRST
    return np.where(small, 1, 2)


def _reasons(sheet: Sheet, n: int) -> Rows:
    own = np.random.default_rng([sheet.salt, sheet.number])
    return own.choice(len(REASONS), n, p=list(REASONS.values()))
