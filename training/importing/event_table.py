"""The events, queries and debtors of an import: what happened to each case, when, and when it could be known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features import history_tables as tables
from features.events import CLOSE_MODES, EVENT_KINDS
from features.register import Register, Stage
from models.lanes import LANES
from training.history.decision_log import DECIDERS
from training.importing.case_table import Lines, field_columns
from training.importing.converting import Converted, Converter
from training.importing.mapping import Debtors, Event, Mapped, Value
from training.importing.rejects import Rejects
from training.importing.sources import Sources, case_rows, holds, texts

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

Reader = Callable[[Value], Converted]


@dataclass(frozen=True)
class Happened:
    """One kind of event over all cases; `row` is the line of the main sheet, times are microseconds."""

    name: str
    kind: str
    row: Rows
    at: Rows
    recorded_at: Rows
    amount: npt.NDArray[np.float64]
    source: pa.Array
    mode: pa.Array

    def where(self, keep: Flags) -> Happened:
        """Return only the marked events."""
        return self.take(np.flatnonzero(keep).astype(np.int64), self.row[keep])

    def take(self, places: Rows, row: Rows) -> Happened:
        """Return the events at these places, given to these rows."""
        chosen = pa.array(places)
        return Happened(
            self.name, self.kind, row, self.at[places], self.recorded_at[places], self.amount[places],
            self.source.take(chosen), self.mode.take(chosen),
        )  # fmt: skip

    def first(self, n: int) -> Rows:
        """Return each case's first time, the largest whole number where it never happened."""
        first = np.full(n, np.iinfo(np.int64).max)
        np.minimum.at(first, self.row, self.at)
        return first


@dataclass(frozen=True)
class Importer:
    """What the readers of a mapping's parts share."""

    mapped: Mapped
    sources: Sources
    converter: Converter
    register: Register
    rejects: Rejects
    main: Lines

    def lines_of(self, table: str) -> tuple[Lines, Rows]:
        """Return a table's lines and the main line of the case that each belongs to; strangers are refused."""
        if not table:
            return Lines(self.main.sheet, self.rejects, self.main.accepted.copy()), np.arange(len(self.main.sheet))
        sheet = self.sources.many[table]
        key = self.mapped.source.tables[table].key
        row = case_rows(sheet, key, self.main.sheet.columns[self.mapped.source.key].combine_chunks())
        lines = Lines.of(sheet, self.rejects)
        lines.refuse(case_rows(sheet, key, self.sources.keys) < 0, "KEY_UNKNOWN", key)
        lines.accepted &= row >= 0
        return lines, row

    def happened(self, name: str, event: Event) -> Happened:
        """Return one mapped event over all cases.

        A case of which an event cannot be read is refused, because its
        outcome would be wrong, unless the mapping says to skip the event.
        """
        lines, row = self.lines_of(event.table)
        wanted = holds(event.when, lines.sheet, self.converter) & lines.accepted
        lines.accepted = wanted.copy()
        chosen = lines.sheet
        where = f"events.{name}"
        at = self._instant(lines, event.at, where=f"{where}.at")
        dated = at.is_valid().to_numpy(zero_copy_only=False)
        if event.table:
            lines.refuse(~dated & lines.accepted, "EVENT_NO_DATE", event.at.column)
        recorded = self._recorded(lines, event, at, where=f"{where}.recorded_at")
        amount = self._amount(lines, event.amount, where=f"{where}.amount")

        def words(value: Value) -> Converted:
            return self.converter.text(value, texts(chosen, value))

        def ending(value: Value) -> Converted:
            return self.converter.code(value, CLOSE_MODES, texts(chosen, value))

        source = _or_null(lines, event.source, words, where=f"{where}.source")
        mode = _or_null(lines, event.mode, ending, where=f"{where}.mode")
        at_us, recorded_us = _micros(at), _micros(recorded)
        if event.kind != "promise":
            lines.refuse(dated & (recorded_us < at_us), "RECORDED_BEFORE_EVENT", event.at.column)
        self._refuse_cases(event, broken=wanted & ~lines.accepted, row=row, column=event.at.column)
        every = Happened(name, event.kind, row, at_us, recorded_us, amount, source, mode)
        return every.where(lines.accepted & dated)

    def _refuse_cases(self, event: Event, *, broken: Flags, row: Rows, column: str) -> None:
        if event.on_error == "skip":
            return
        cases = np.zeros(len(self.main.sheet), dtype=np.bool_)
        cases[row[broken & (row >= 0)]] = True
        if event.table:
            self.main.refuse(cases, "EVENTS_INCOMPLETE", column)
        self.main.accepted &= ~cases

    def _instant(self, lines: Lines, value: Value, *, where: str, end_of_day: bool = False) -> pa.Array:
        found = self.converter.instant(value, texts(lines.sheet, value), end_of_day=end_of_day)
        _faults(lines, value, found, where=where)
        return found.array(tables.INSTANT)

    def _recorded(self, lines: Lines, event: Event, at: pa.Array, *, where: str) -> pa.Array:
        """Return when the court could know: as recorded, after the lag, or at once; a bare date at its day's end."""
        if event.lag_days is not None:
            return pc.add(at, pa.scalar(int(event.lag_days * tables.DAY_MICROSECONDS), pa.duration("us")))
        return self._instant(lines, event.recorded_at or event.at, where=where, end_of_day=True)

    def _amount(self, lines: Lines, value: Value | None, *, where: str) -> npt.NDArray[np.float64]:
        if value is None:
            return np.full(len(lines.sheet), np.nan)
        found = self.converter.field(value, self.register["paid_before"], texts(lines.sheet, value))
        _faults(lines, value, found, where=where)
        return np.asarray(pc.fill_null(found.array(pa.float64()), float("nan")).to_numpy(), dtype=np.float64)

    def queries(self) -> tuple[dict[str, pa.Array], Rows]:
        """Return the columns of the queries table and the main line of each; only a case's first query counts."""
        told = self.mapped.queries
        if told is None:
            return {}, np.zeros(0, dtype=np.int64)
        lines, row = self.lines_of(told.table)
        own = [(name, value) for name, value in self.mapped.extensions.items() if value.stage == "B"]
        filed = [("filed_at", told.filed_at)] if told.filed_at is not None else []
        mapped = [("query_at", told.query_at), *filed, *told.fields.items(), *own]
        columns = field_columns(mapped, lines, self.converter, self.register)
        queried = _micros(columns["query_at"])
        dated = columns["query_at"].is_valid().to_numpy(zero_copy_only=False)
        if told.table:
            lines.refuse(~dated, "QUERY_NO_DATE", told.query_at.column)
        lines.accepted &= dated
        if told.filed_at is not None:
            early = np.floor(tables.days(columns["query_at"])) < np.floor(tables.days(columns["filed_at"]))
            lines.refuse(early, "QUERY_BEFORE_FILING", told.query_at.column)
        lines.refuse(~_earliest(row, queried, lines.accepted), "QUERY_LATER", told.query_at.column)
        keep = np.flatnonzero(lines.accepted)
        return {name: column.take(pa.array(keep)) for name, column in columns.items()}, row[keep]

    def debtors(self) -> tuple[dict[str, pa.Array], Rows]:
        """Return the columns of the debtors table and the main line of each; a debtor without a number has none."""
        told: Debtors | None = self.mapped.debtors
        if told is None:
            return {}, np.zeros(0, dtype=np.int64)
        lines, row = self.lines_of(told.table)
        found = self.converter.token(told.id, texts(lines.sheet, told.id))
        _faults(lines, told.id, found, where="debtors.id")
        kind = self.register["debtor_type"]
        sheet = lines.sheet

        def kinds(value: Value) -> Converted:
            return self.converter.field(value, kind, texts(sheet, value))

        types = _or_null(lines, told.type, kinds, where="debtors.type")
        keep = np.flatnonzero(lines.accepted & ~found.empty)
        chosen = pa.array(keep)
        return {"id_token": found.array(pa.string()).take(chosen), "type": types.take(chosen)}, row[keep]

    def decisions(self) -> tuple[dict[str, pa.Array], Rows]:
        """Return the columns of the decisions table and the main line of each; one that cannot be read is refused."""
        told = self.mapped.decisions
        if told is None:
            return {}, np.zeros(0, dtype=np.int64)
        lines, row = self.lines_of(told.table)
        sheet = lines.sheet
        columns = {"at": self._instant(lines, told.at, where="decisions.at")}
        dated = columns["at"].is_valid().to_numpy(zero_copy_only=False)
        if told.table:
            lines.refuse(~dated, "DECISION_NO_DATE", told.at.column)
        lines.accepted &= dated
        for name, known in (("stage", _STAGES), ("lane", _LANES), ("by", DECIDERS)):

            def one_of(value: Value, known: tuple[str, ...] = known) -> Converted:
                return self.converter.code(value, known, texts(sheet, value))

            columns[name] = _or_null(lines, getattr(told, name), one_of, where=f"decisions.{name}")
        for name in ("rule_ids", "model", "ruleset"):

            def words(value: Value) -> Converted:
                return self.converter.text(value, texts(sheet, value))

            columns[name] = _or_null(lines, getattr(told, name), words, where=f"decisions.{name}")
        columns["propensity"] = self._propensity(lines, told.propensity)
        lines.refuse(columns["stage"].is_null().to_numpy(zero_copy_only=False), "DECISION_NO_STAGE", told.stage.column)
        keep = np.flatnonzero(lines.accepted)
        return {name: column.take(pa.array(keep)) for name, column in columns.items()}, row[keep]

    def _propensity(self, lines: Lines, value: Value | None) -> pa.Array:
        """Return the chance that each lane had; one of nothing is none."""
        if value is None:
            return pa.nulls(len(lines.sheet), pa.float64())
        found = self.converter.field(value, self.register[_A_SHARE], texts(lines.sheet, value))
        _faults(lines, value, found, where="decisions.propensity")
        chance = found.array(pa.float64())
        none = pc.fill_null(pc.equal(chance, 0.0), False)  # noqa: FBT003 - pyarrow's own way to fill
        lines.refuse(np.asarray(none.to_numpy(zero_copy_only=False)), "PROPENSITY_ZERO", value.column)
        return chance


_STAGES = tuple(str(stage) for stage in Stage)
_LANES = tuple(str(lane) for lane in LANES)
_A_SHARE = "prior_recovery_rate"
"""A registered field from 0 to 1, in whose form a chance is written."""


def refuse_disorder(main: Lines, received: pa.Array, happened: Sequence[Happened]) -> None:
    """Refuse cases that were filed before they were received, or closed before they were filed."""
    n = len(main.sheet)
    never = np.full(n, np.iinfo(np.int64).max)
    day = tables.DAY_MICROSECONDS

    def first_day(kind: str) -> Rows:
        first = np.minimum.reduce([never, *(h.first(n) for h in happened if h.kind == kind)])
        return np.asarray((first + tables.SHANGHAI_MICROSECONDS * (first != never)) // day)

    filed, closed = first_day("file"), first_day("close")
    came = (_micros(received) + tables.SHANGHAI_MICROSECONDS) // day
    main.refuse(filed < came, "FILE_BEFORE_RECEIPT")
    main.refuse((filed != never // day) & (closed < filed), "CLOSE_BEFORE_FILING")


def event_table(happened: Sequence[Happened], case_ids: pa.Array) -> pa.Table:
    """Return the events table; `row` points into `case_ids`, order is by case and then by time."""
    schema = tables.schema_of("events", Register(()))
    written = [h for h in happened if h.kind and len(h.row)]
    if not written:
        return schema.empty_table()
    row, at, recorded = (np.concatenate([getattr(h, name) for h in written]) for name in ("row", "at", "recorded_at"))
    kind = np.concatenate([np.full(len(h.row), EVENT_KINDS.index(h.kind)) for h in written])
    order = np.lexsort((kind, recorded, at, row))
    place = pa.array(order)
    amounts = np.concatenate([h.amount for h in written])[order]
    columns = {
        "case_id": case_ids.take(pa.array(row[order])),
        "at": pa.array(at[order]).cast(pa.timestamp("us")).cast(tables.INSTANT),
        "recorded_at": pa.array(recorded[order]).cast(pa.timestamp("us")).cast(tables.INSTANT),
        "kind": pa.array(np.array(EVENT_KINDS)[kind[order]]).cast(schema.field("kind").type),
        "amount": pa.array(amounts, mask=np.isnan(amounts)),
        "source": pa.concat_arrays([h.source for h in written]).take(place),
        "mode": pa.concat_arrays([h.mode for h in written]).take(place).cast(schema.field("mode").type),
    }
    return pa.table(columns, schema=schema)


def _or_null(lines: Lines, value: Value | None, read: Reader, *, where: str) -> pa.Array:
    if value is None:
        return pa.nulls(len(lines.sheet), pa.string())
    found = read(value)
    _faults(lines, value, found, where=where)
    return found.array(pa.string())


def _faults(lines: Lines, value: Value, found: Converted, *, where: str) -> None:
    """Report faults by their place in the mapping, only of lines that still stand: what no event needs is no fault."""
    standing = Converted(found.distinct, np.where(lines.accepted, found.index, -1), found.faults)
    lines.read(value, standing, (where, where))


def _micros(values: pa.Array) -> Rows:
    """Return instants as whole microseconds; empty ones become the largest number, which is never the first."""
    numbers = values.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(pc.fill_null(numbers, np.iinfo(np.int64).max).to_numpy(), dtype=np.int64)


def _earliest(row: Rows, at: Rows, counted: Flags) -> Flags:
    """Mark the earliest counted line of each case."""
    order = np.lexsort((at, ~counted, row))
    first = np.ones(len(row), dtype=np.bool_)
    first[order[1:]] = row[order[1:]] != row[order[:-1]]
    return first
