"""Importing a court's own export: a mapping file and source files in, a history directory and a report out."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features import history_tables as tables
from features.extensions import ExtensionField
from features.register import load_register
from training.importing.case_table import Lines, case_columns, extensions_of
from training.importing.converting import Converter
from training.importing.event_table import Happened, Importer, event_table, refuse_disorder
from training.importing.landmarks import panel
from training.importing.mapping import Mapped, Value, load_mapping
from training.importing.reading import DataRejectedError
from training.importing.rejects import Rejects
from training.importing.sources import Sources, read_sources, texts, unmapped
from training.importing.tokens import tokeniser

Rows = npt.NDArray[np.int64]
Progress = Callable[[str, int, int], None]
"""Called with the step's name, how many steps are done, and how many there are."""

STEPS = ("读取源文件 / reading", "案件 / cases", "事件 / events", "写出 / writing")


@dataclass(frozen=True)
class ImportReport:
    """What an import made of its sources; `report.json` holds the same, `report.csv` every refused line."""

    tables: Mapping[str, int]
    events: Mapping[str, int]
    courts: Mapping[str, int]
    source_lines: int
    left_out: int
    refused_cases: int
    refused_lines: int
    reasons: Mapping[str, int]
    unmapped_columns: Mapping[str, Sequence[str]]
    empty_fields: Sequence[str]
    observed_until: Mapping[str, str]
    first_received: str
    last_received: str
    mapping_sha256: str
    sources_sha256: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {"format": "fenliu-import/1", **asdict(self)}


def import_history(
    mapping: Path,
    source: Path | Sequence[Path],
    out: Path,
    *,
    progress: Progress | None = None,
    force: bool = False,
    key_file: Path | None = None,
) -> ImportReport:
    """Turn source files into a history directory by a mapping file.

    The same inputs give the same bytes. The directory appears whole or not at
    all: it is written beside its place and renamed. Lines that cannot be used
    are refused one by one, in the report; the others go on.

    Raises
    ------
    MappingError
        The mapping file is wrong (exit 2).
    DataRejectedError
        The sources cannot be imported at all (exit 3), or `out` holds something
        and `force` was not given (DATA_EXISTS, exit 2).
    """
    told = progress or (lambda _step, _done, _all: None)
    _check_out(out, force=force)
    mapped = load_mapping(mapping)
    extensions = extensions_of(mapped)
    register = load_register().extended(extension.field for extension in extensions)
    converter = Converter(mapped.time, register, tokeniser(key_file))
    rejects = Rejects()
    told(STEPS[0], 0, len(STEPS))
    given = [source] if isinstance(source, Path) else list(source)
    sources = read_sources(mapped, given, converter, rejects)
    importer = Importer(mapped, sources, converter, register, rejects, Lines.of(sources.main, rejects))
    draft = _draft(importer, told)
    told(STEPS[3], 3, len(STEPS))
    report = _report(importer, draft, digest=_digest(mapping))
    _write(out, draft, extensions=extensions, report=report, lines=rejects.as_csv())
    told(STEPS[3], len(STEPS), len(STEPS))
    return report


@dataclass(frozen=True)
class Draft:
    """The tables of the new history, and the last observed day of each court."""

    tables: Mapping[str, pa.Table]
    observed_until: Mapping[str, str]


def _draft(importer: Importer, told: Progress) -> Draft:
    """Read the parts of the mapping in turn; a case stands only if all of it could be read."""
    main, mapped = importer.main, importer.mapped
    told(STEPS[1], 1, len(STEPS))
    columns = case_columns(mapped, main, importer.converter, importer.register)
    told(STEPS[2], 2, len(STEPS))
    happened = [importer.happened(name, event) for name, event in mapped.events.items()]
    queries, debtors, decisions = importer.queries(), importer.debtors(), importer.decisions()
    if "received_at" in columns:
        refuse_disorder(main, columns["received_at"], happened)
    if not main.accepted.any():
        raise _no_good_rows(importer)
    until = _observed_until(importer, columns["court_code"])
    place = np.where(main.accepted, np.cumsum(main.accepted) - 1, -1)
    keep = pa.array(main.accepted)
    cases = {"case_id": _ids(importer.sources, mapped).filter(keep)} | {n: c.filter(keep) for n, c in columns.items()}
    stand = [_moved(h, place) for h in happened]
    if mapped.landmarks is not None:
        return _panel_draft(importer, cases, stand, debtors=_standing(debtors, place), until=until)
    written = {
        "cases": _table("cases", cases, importer),
        "events": event_table(stand, cases["case_id"]),
        "queries": _keyed("queries", _standing(queries, place), cases["case_id"], importer),
        "debtors": _keyed("debtors", _standing(debtors, place), cases["case_id"], importer),
    }
    if mapped.decisions is not None:
        written["decisions"] = _keyed("decisions", _standing(decisions, place), cases["case_id"], importer)
    return Draft(written, until)


def _panel_draft(
    importer: Importer,
    cases: Mapping[str, pa.Array],
    happened: Sequence[Happened],
    *,
    debtors: tuple[Mapping[str, pa.Array], Rows],
    until: Mapping[str, str],
) -> Draft:
    """Turn cases into landmark rows; rows of one case share a batch, so that no split can part them."""
    spec = importer.mapped.landmarks
    if spec is None:
        msg = "没有 [landmarks] / there are no landmarks"
        raise ValueError(msg)
    ends = np.array([_last_moment(until[court]) for court in cases["court_code"].to_pylist()], dtype=np.float64)
    rows = panel(spec, happened, cases["case_id"], ends)
    if not len(rows.case):
        zh, en = "没有一个案件在任何观察日处于风险之中", "no case was at risk on any landmark"
        raise DataRejectedError("DATA_NO_GOOD_ROWS", zh, en, hint="检查 [landmarks] / check [landmarks]")
    place = pa.array(rows.case)
    columns = {name: column.take(place) for name, column in cases.items()}
    columns |= {"batch_id": columns["case_id"]} if "batch_id" not in columns else {}
    columns |= {"case_id": rows.ids(cases["case_id"]), **rows.fields}
    columns["received_at"] = pa.array(rows.at).cast(pa.timestamp("us")).cast(tables.INSTANT)
    written = {
        "cases": _table("cases", columns, importer),
        "events": event_table(rows.happened, columns["case_id"]),
        "debtors": _keyed("debtors", _of_rows(debtors, rows.case), columns["case_id"], importer),
    }
    return Draft(written, until)


def _of_rows(found: tuple[Mapping[str, pa.Array], Rows], case: Rows) -> tuple[Mapping[str, pa.Array], Rows]:
    """Return the first debtor of each landmark row's case; the rows' shared batch joins the others."""
    columns, owner = found
    first = np.full(int(case.max()) + 1, -1, dtype=np.int64)
    inside = owner < len(first)
    first[owner[inside][::-1]] = np.flatnonzero(inside)[::-1]
    chosen = first[case]
    place = pa.array(chosen[chosen >= 0])
    return {name: column.take(place) for name, column in columns.items()}, np.flatnonzero(chosen >= 0).astype(np.int64)


def _ids(sources: Sources, mapped: Mapped) -> pa.Array:
    return sources.main.columns[mapped.source.key].combine_chunks()


def _moved(event: Happened, place: Rows) -> Happened:
    """Return the events of the cases that stand, pointing to their new rows."""
    row = place[event.row]
    kept = np.flatnonzero(row >= 0).astype(np.int64)
    return event.take(kept, row[kept])


def _standing(found: tuple[Mapping[str, pa.Array], Rows], place: Rows) -> tuple[Mapping[str, pa.Array], Rows]:
    columns, line = found
    row = place[line]
    chosen = pa.array(np.flatnonzero(row >= 0))
    return {name: column.take(chosen) for name, column in columns.items()}, row[row >= 0]


def _table(name: str, columns: Mapping[str, pa.Array], importer: Importer) -> pa.Table:
    schema = tables.schema_of(name, importer.register, only=columns)
    return pa.table({field.name: columns[field.name].cast(field.type) for field in schema}, schema=schema)


def _keyed(name: str, found: tuple[Mapping[str, pa.Array], Rows], ids: pa.Array, importer: Importer) -> pa.Table:
    """Return a table of lines that belong to cases, in the order of the cases."""
    columns, row = found
    if not columns:
        return tables.schema_of(name, importer.register, only=tables.needed(name)).empty_table()
    order = np.argsort(row, kind="stable")
    place = pa.array(order)
    sorted_columns = {key: column.take(place) for key, column in columns.items()}
    return _table(name, {"case_id": ids.take(pa.array(row[order])), **sorted_columns}, importer)


def _observed_until(importer: Importer, courts: pa.Array) -> dict[str, str]:
    """Return each court's last observed day: as told, or the latest date of a column."""
    told = importer.mapped.observation
    known = sorted({str(court) for court in pc.unique(courts.filter(pa.array(importer.main.accepted))).to_pylist()})
    if told.column:
        value = Value(column=told.column)
        found = importer.converter.instant(value, texts(importer.main.sheet, value)).array(tables.INSTANT)
        latest = pa.table({"court": courts, "at": found}).group_by("court").aggregate([("at", "max")])
        by_court = dict(zip(latest["court"].to_pylist(), tables.days(latest["at_max"]), strict=True))
        return {court: str(np.datetime64(int(np.floor(by_court[court])), "D")) for court in known}
    absent = [court for court in known if court not in told.until and "*" not in told.until]
    if absent:
        zh, en = f"[observation] until 没有法院 {absent[0]}", f"[observation] until does not name court {absent[0]}"
        raise DataRejectedError("DATA_NO_FOLLOW_UP_END", zh, en)
    return {court: told.until.get(court, told.until.get("*", "")) for court in known}


def _last_moment(day: str) -> float:
    return float(np.datetime64(day, "D").astype(np.int64)) + 1.0


def _no_good_rows(importer: Importer) -> DataRejectedError:
    """Say why every line was refused: there is no report to read when nothing is written."""
    lines = importer.sources.lines
    reasons = ", ".join(f"{code} {count}" for code, count in list(importer.rejects.by_code().items())[:5])
    zh = f"{lines} 行没有一行可用" + (f"；最常见的原因：{reasons}" if reasons else "")
    en = f"none of {lines} lines can be used" + (f"; most frequent reasons: {reasons}" if reasons else "")
    return DataRejectedError("DATA_NO_GOOD_ROWS", zh, en)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _report(importer: Importer, draft: Draft, *, digest: str) -> ImportReport:
    cases, rejects = draft.tables["cases"], importer.rejects
    kinds = pc.value_counts(draft.tables["events"]["kind"].cast(pa.string())).to_pylist()
    courts = pc.value_counts(cases["court_code"]).to_pylist()
    received = pc.min_max(cases["received_at"]).as_py()
    return ImportReport(
        tables={name: table.num_rows for name, table in draft.tables.items()},
        events=dict(sorted((item["values"], item["counts"]) for item in kinds)),
        courts=dict(sorted((item["values"], item["counts"]) for item in courts)),
        source_lines=importer.sources.lines,
        left_out=importer.sources.left_out,
        refused_cases=int((~importer.main.accepted).sum()),
        refused_lines=len({(reject.file, reject.row) for reject in rejects.found}),
        reasons=rejects.by_code(),
        unmapped_columns=unmapped(importer.mapped, importer.sources),
        empty_fields=[name for name in cases.column_names if cases[name].null_count == cases.num_rows],
        observed_until=draft.observed_until,
        first_received=received["min"].date().isoformat(),
        last_received=received["max"].date().isoformat(),
        mapping_sha256=digest,
        sources_sha256={path.name: _digest(path) for path in importer.sources.paths},
    )


def _check_out(out: Path, *, force: bool) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not force:
        zh, en = f"{out.name} 已存在且不为空", f"{out.name} exists and is not empty"
        raise DataRejectedError("DATA_EXISTS", zh, en, hint="换一个 --out 或加 --force / another --out, or --force")


def _write(
    out: Path,
    draft: Draft,
    *,
    extensions: Sequence[ExtensionField],
    report: ImportReport,
    lines: str,
) -> None:
    """Write everything beside the target and rename it into place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        for name, table in draft.tables.items():
            pq.write_table(table, work / f"{name}.parquet", compression="zstd")
        meta = {
            "format": tables.FORMAT,
            "simulated": False,
            "observed_until": dict(draft.observed_until),
            "extensions": [extension.to_json() for extension in extensions],
        }
        _write_json(work / "meta.json", meta)
        _write_json(work / "report.json", report.to_json())
        (work / "report.csv").write_text(lines, encoding="utf-8")
        work.chmod(0o755)
        _put(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _put(work: Path, out: Path) -> None:
    """Rename the finished directory into place; what was there goes only after the new one stands."""
    if not out.exists():
        work.rename(out)
        return
    old = out.with_name(f".{out.name}.old.{os.getpid()}")
    out.rename(old)
    work.rename(out)
    shutil.rmtree(old)
