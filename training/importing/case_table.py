"""The cases table of an import: every mapped field typed and checked, every faulty line refused with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.extensions import ExtensionField
from features.feature import Group, Pull
from features.history_tables import INSTANT, arrow_type, days
from features.known import OBSERVED
from features.register import Field, Register
from training.importing.converting import Converted, Converter, cell_error
from training.importing.mapping import Extension, Mapped, Value
from training.importing.reading import Sheet
from training.importing.rejects import Rejects
from training.importing.sources import texts
from training.importing.strict_record import MappingError

Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]

ALWAYS = ("received_at", "court_code")


@dataclass
class Lines:
    """The lines of a sheet on their way in: which still stand, and why the others do not."""

    sheet: Sheet
    rejects: Rejects
    accepted: Flags

    @classmethod
    def of(cls, sheet: Sheet, rejects: Rejects) -> Lines:
        """Start with every line accepted."""
        return cls(sheet, rejects, np.ones(len(sheet), dtype=np.bool_))

    def refuse(self, faulty: Flags, code: str, column: str = "") -> None:
        """Refuse the lines that are marked and still stand."""
        faulty = faulty & self.accepted
        self.rejects.line(self.sheet, faulty, code, column)
        self.accepted &= ~faulty

    def read(self, value: Value, found: Converted, label: tuple[str, str], *, required: bool = False) -> None:
        """Report the faults of one column; refuse their lines unless the mapping says to leave them blank."""
        faults = dict(found.faults)
        if required:
            faults |= {-1: cell_error("REQUIRED")}
        blank = value.on_error == "blank" and not required
        for place, error in faults.items():
            lines = np.flatnonzero(found.empty & ~found.faulty if place < 0 else found.index == place)
            zh, en = f"{label[0]}：{error.zh}", f"{label[1]} {error.en}"
            reason = (error.code, zh + "（已置空）", en + " (left blank)") if blank else (error.code, zh, en)
            self.rejects.cells(self.sheet, lines, column=value.column, reason=reason)
            if not blank:
                self.accepted[lines] = False


def extensions_of(mapped: Mapped) -> tuple[ExtensionField, ...]:
    """Return the declared extension fields, those measured at landmarks included.

    Raises
    ------
    MappingError
        A declaration from which no sound feature can be made.
    """
    declared = dict(mapped.extensions) | dict(mapped.landmarks.fields if mapped.landmarks else {})
    return tuple(_extension(name, extension) for name, extension in declared.items())


def _extension(name: str, told: Extension) -> ExtensionField:
    codes = told.all_codes() if told.type == "enum" else ()
    field = Field(
        name=name, zh=told.zh, en=told.en, type=told.type, known_at="A" if told.stage == "A" else "F", source="court",
        codes=codes, codes_zh=told.codes_zh or codes,
    )  # fmt: skip
    try:
        return ExtensionField(field, told.zh, told.en, told.unit, Pull(told.pull), Group(told.group))
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise MappingError("MAPPING_VALUE", f"extensions.{name}", zh, en or zh) from error


def field_columns(
    values: Iterable[tuple[str, Value]],
    lines: Lines,
    converter: Converter,
    register: Register,
) -> dict[str, pa.Array]:
    """Return the typed columns of mapped fields, and of their observation dates where the mapping gives them."""
    columns: dict[str, pa.Array] = {}
    for name, value in values:
        field = register[name]
        found = converter.field(value, field, texts(lines.sheet, value))
        lines.read(value, found, (f"{field.zh}（{name}）", name), required=value.required or name in ALWAYS)
        columns[name] = found.array(arrow_type(field))
        if value.observed_at is not None:
            seen = converter.instant(value.observed_at, texts(lines.sheet, value.observed_at))
            label = (f"{field.zh}的取得时间", f"{name} observation date")
            lines.read(value.observed_at, seen, label)
            columns[name + OBSERVED] = seen.array(INSTANT)
    return columns


def case_columns(mapped: Mapped, lines: Lines, converter: Converter, register: Register) -> dict[str, pa.Array]:
    """Return the columns of the cases table for all lines; the lines that contradict themselves are refused."""
    own = ((name, extension) for name, extension in mapped.extensions.items() if extension.stage == "A")
    columns = field_columns([*mapped.cases.fields.items(), *own], lines, converter, register)
    if mapped.cases.applicant is not None:
        value = mapped.cases.applicant
        found = converter.token(value, texts(lines.sheet, value))
        lines.read(value, found, ("申请人", "applicant"))
        columns["applicant_token"] = found.array(pa.string())
    _refuse_contradictions(lines, columns)
    return columns


def _refuse_contradictions(lines: Lines, columns: Mapping[str, pa.Array]) -> None:
    """Refuse lines whose dates cannot all be true, by the same rules as a case that is sent to the service."""
    absent = np.full(len(lines.sheet), np.nan)

    def day(name: str) -> Array:
        return np.floor(days(columns[name])) if name in columns else absent

    lines.refuse(day("due_date") < day("basis_effective_date"), "DUE_BEFORE_BASIS", "due_date")
    if "instalment" in columns:
        by_parts = np.array([flag is True for flag in columns["instalment"].to_pylist()], dtype=np.bool_)
        early = by_parts & (day("last_instalment_due") < day("due_date"))
        lines.refuse(early, "LAST_BEFORE_DUE", "last_instalment_due")
