"""Routing decisions as logged, by a court's store or by the simulator: which lane, when, and how likely it was."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.history_tables import days, texts
from features.known import Array
from features.register import Stage
from models.lanes import LANES, UNDECIDED, Lane
from training.history.history import History, HistoryError

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Texts = npt.NDArray[np.generic]

DECIDERS = ("rule", "model", "person")
"""Who can have decided; at the same instant the later of these has the last word."""

NOT_TOLD = -1
"""Code of a decider that the log does not name."""

_PERSON = DECIDERS.index("person")
_STAGES = tuple(str(stage) for stage in Stage)


@dataclass(frozen=True)
class DecisionLog:
    """Logged decisions, sorted by case row and time; all arrays have the same length.

    `row` points into the cases table and `at` is in days; `stage` is a place in
    A, B and `lane` a code of `models.lanes.LANES`, UNDECIDED where no lane was
    chosen (the ordinary procedure). `by` is a place in DECIDERS, -1 where not
    told. `propensity` is the chance that the lane taken had, NaN where it was
    not logged; `rule_ids` names the deciding rules and `reason` why a person
    decided otherwise than proposed, both empty where none is told.
    """

    row: Rows
    at: Array
    stage: Codes
    lane: Codes
    by: Codes
    propensity: Array
    rule_ids: Texts
    reason: Texts

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.row)

    @classmethod
    def of(cls, history: History) -> DecisionLog:
        """Read the decisions of a history; empty where it has none.

        Raises
        ------
        HistoryError
            A stage, lane or decider is unknown, a propensity is no chance, an
            instant is missing, or a row belongs to no case.
        """
        table = history.decisions
        row = history.rows_of(table["case_id"], table="decisions")
        found = cls(
            row=row,
            at=_instants(table["at"]),
            stage=_codes(table, "stage", _STAGES, empty=None),
            lane=_codes(table, "lane", tuple(str(lane) for lane in LANES), empty=UNDECIDED),
            by=_codes(table, "by", DECIDERS, empty=NOT_TOLD),
            propensity=_propensity(table),
            rule_ids=_told(table, "rule_ids"),
            reason=_told(table, "reason"),
        )
        return found.where(np.lexsort((found.by, found.at, found.stage, found.row)))

    def where(self, keep: Rows | npt.NDArray[np.bool_]) -> DecisionLog:
        """Return the marked or listed decisions only."""
        return DecisionLog(**{one.name: getattr(self, one.name)[keep] for one in fields(self)})

    def at_stage(self, stage: Stage) -> DecisionLog:
        """Return the decisions of one stage."""
        return self.where(self.stage == _STAGES.index(str(stage)))

    def last(self, stage: Stage) -> DecisionLog:
        """Return the decision in force of each case at a stage: the last one, a person's before a model's.

        Where people decide, a proposal that nobody decided on was never in
        force and is none. A log that names no person at all is taken at its word.
        """
        mine = self.at_stage(stage)
        if (mine.by == _PERSON).any():
            mine = mine.where((mine.by == _PERSON) | (mine.by == NOT_TOLD))
        ends = np.ones(len(mine), dtype=np.bool_)
        ends[:-1] = mine.row[1:] != mine.row[:-1]
        return mine.where(ends)

    def urged(self) -> DecisionLog:
        """Return the decisions that urging be tried."""
        return self.where(self.lane == LANES.index(Lane.URGE))


def _instants(values: pa.ChunkedArray) -> Array:
    at = days(values)
    if missing := int(np.isnan(at).sum()):
        zh, en = f"decisions.parquet 有 {missing} 行没有 at", f"{missing} rows of decisions.parquet have no at"
        raise _fault("DATA_REJECTED", zh, en)
    return at


def _codes(table: pa.Table, name: str, known: tuple[str, ...], *, empty: int | None) -> Codes:
    """Return the place of each text among the known ones; `empty` stands for no text, None where one is needed."""
    if name not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int8)
    plain = table[name].cast(pa.string())
    place = pc.index_in(plain, value_set=pa.array(known, pa.string()))
    blank = pc.fill_null(pc.equal(plain, ""), True)  # noqa: FBT003 - pyarrow's own way to say what a null counts as
    strange = pc.is_null(place) if empty is None else pc.and_(pc.is_null(place), pc.invert(blank))
    if count := int(pc.sum(strange).as_py() or 0):
        zh = f"decisions.parquet 的列 {name} 有 {count} 行不是 {'、'.join(known)} 之一"
        raise _fault("DATA_UNKNOWN_CODE", zh, f"{count} rows of decisions.{name} are none of {', '.join(known)}")
    return np.asarray(pc.fill_null(place, -1 if empty is None else empty).to_numpy(), dtype=np.int8)


def _propensity(table: pa.Table) -> Array:
    if "propensity" not in table.column_names:
        return np.full(table.num_rows, np.nan)
    chance = np.asarray(pc.fill_null(table["propensity"].cast(pa.float64()), float("nan")).to_numpy(), dtype=np.float64)
    if wrong := int(((chance <= 0.0) | (chance > 1.0)).sum()):
        zh = f"decisions.parquet 有 {wrong} 行的 propensity 不是大于 0、不超过 1 的概率"
        raise _fault("DATA_REJECTED", zh, f"{wrong} propensities of decisions.parquet are not within (0, 1]")
    return chance


def _told(table: pa.Table, name: str) -> Texts:
    if name not in table.column_names:
        return np.full(table.num_rows, "", dtype=object)
    return texts(pc.fill_null(table[name].cast(pa.string()), ""))


def _fault(code: str, zh: str, en: str) -> HistoryError:
    return HistoryError(code, zh, en, hint="见 docs/own-data.zh.md / see docs/own-data.md")
