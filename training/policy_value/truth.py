"""On simulated data: what each action would have brought to each case; to judge estimates by, never to make them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.known import Array
from features.register import Stage
from models.utility import Amounts
from training.history import DecisionLog, History
from training.policy_value.consequences import Course, lane_hours
from training.simulate.course import process
from training.simulate.course.flow import Flow, recovered_by
from training.simulate.settings import LANES


def potential(history: History, stage: Stage, *, horizon: float, hours: Amounts) -> tuple[Course, ...] | None:
    """Return the course of every case row under each action of the stage; None where there is no truth.

    At stage A the actions are to urge and to file, with the lane after the
    query as the habit chose it or would have; at stage B, of filed cases, fast
    and complex.
    """
    file = history.path / "truth.parquet"
    if not history.simulated or not file.is_file():
        return None
    would = _Would(history, pq.read_table(file), horizon, hours)
    if stage is Stage.A:
        return would.urged(), would.filed()
    return would.in_lane("fast"), would.in_lane("complex")


class _Would:
    """The truth of a history, by case row."""

    def __init__(self, history: History, table: pa.Table, horizon: float, hours: Amounts) -> None:
        n = history.cases.num_rows
        row = history.rows_of(table["case_id"], table="truth")
        self.horizon, self.hours, self.n = horizon, hours, n
        self.claim = np.asarray(history.cases["claim_amount"].fill_null(float("nan")).to_numpy(), dtype=np.float64)
        self.flow = Flow(n)
        for name in table.column_names:
            if pa.types.is_floating(table[name].type):
                values = pc.fill_null(table[name], float("nan")).to_numpy()
                self.flow.put(row, {name: np.where(np.isnan(values), np.inf, values)})
        self.fast = np.zeros(n, dtype=np.bool_)
        self.fast[row] = table["lane"].to_numpy(zero_copy_only=False) == "fast"
        for lane in LANES:
            self._add_closing(lane)
        self.was_urged = np.zeros(n, dtype=np.bool_)
        self.was_urged[DecisionLog.of(history).last(Stage.A).urged().row] = True

    def urged(self) -> Course:
        """Return what urging would bring, and filing after it where it fails."""
        flow, start = self.flow, self.flow["urge_after"]
        paid = np.isfinite(flow["urge_paid_day"])
        in_time = paid & (start + flow["urge_paid_day"] <= self.horizon)
        part = np.where(np.isfinite(flow["urge_part"]), flow["urge_part"], 0.0)
        after = self._filed(flow["convert_after"])
        days = np.fmin(start + flow["urge_paid_day"], self.horizon)
        return Course(
            days=np.where(paid, days, after.days),
            share=np.where(paid, in_time, part + (1.0 - part) * after.share),
            hours=self.hours.urge_hours + np.where(paid, 0.0, after.hours),
            failed=np.where(in_time, 0.0, 1.0),
            claim=self.claim,
        )

    def filed(self) -> Course:
        """Return what filing at once would bring."""
        return self._filed(self.flow["file_after"])

    def in_lane(self, lane: str) -> Course:
        """Return what a lane would bring from filing on; what urging had brought before is not counted again."""
        left = np.where(self.was_urged & np.isfinite(self.flow["urge_part"]), 1.0 - self.flow["urge_part"], 1.0)
        course = self._from_filing(np.full(self.n, lane == "fast"), np.zeros(self.n))
        return Course(**{**vars(course), "share": left * course.share})

    def _filed(self, wait: Array) -> Course:
        return self._from_filing(self.fast, wait)

    def _from_filing(self, fast: np.ndarray, wait: Array) -> Course:
        flow, everyone, left = self.flow, np.arange(self.n), self.horizon - wait
        shares = [recovered_by(flow, left, rows=everyone, suffix=f"_{lane}") for lane in LANES]
        closed = np.where(fast, flow["closed_fast"], flow["closed_complex"])
        return Course(
            days=np.fmin(wait + closed, self.horizon),
            share=np.where(fast, *shares),
            hours=lane_hours(
                self.hours,
                filed=left >= 0,
                fast=fast,
                handed_over=flow["handed_fast"] == 1.0,
                early=closed <= np.fmin(self.hours.survey_days, left),
            ),
            failed=np.zeros(self.n),
            claim=self.claim,
        )

    def _add_closing(self, lane: str) -> None:
        ends = [self.flow[f"{end}_day_{lane}"] for end in ("full", "zhongben", "other")]
        kinds = np.array([process.FULL, process.ZHONGBEN, process.OTHER], dtype=np.float64)
        first = np.stack(ends).argmin(axis=0)
        self.flow.put(np.arange(self.n), {f"how_{lane}": kinds[first], f"closed_{lane}": np.stack(ends).min(axis=0)})
