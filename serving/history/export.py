"""The export: every application on record becomes rows of the history tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from features.extensions import ExtensionField
from features.register import Register
from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.history.rows import (
    Advised,
    Application,
    case_row,
    debtor_rows,
    decision_rows,
    event_rows,
    mark_rows,
    query_row,
)
from serving.history.writing import Tables, history_folder
from serving.keys import KeyRing
from serving.repositories.applications import OnRecord, applications
from serving.store.transaction import Store


@dataclass(frozen=True)
class Exported:
    """What was written: rows by table, and applications left out because they were erased."""

    rows: Mapping[str, int]
    erased: int


@dataclass(frozen=True)
class HistoryExport:
    """Exports the record of one store; `register` knows the court's own fields too."""

    store: Store
    keys: KeyRing
    register: Register
    extensions: Sequence[ExtensionField] = ()

    def write(self, out: Path, *, origin: Origin, at: datetime) -> Exported:
        """Write a new history folder, and note on the audit trail that cases left the record.

        Follow-up ends with the last whole day before `at`. A history with
        advice of a simulated model in it is marked as simulated itself.

        Raises
        ------
        FileExistsError
            There is something at that place already.
        StoreUnavailableError
            The record could not be read, or the export not noted; nothing is left behind.
        """
        with history_folder(out, self.register) as (tables, meta):
            found = self.store.read(
                lambda connection: self._fill(tables, applications(connection, self.keys, origin.by.courts))
            )
            tables.finish()
            rows = dict(tables.rows)
            end = (at.date() - timedelta(days=1)).isoformat()
            meta |= {
                "simulated": found.simulated,
                "observed_until": dict.fromkeys(sorted(found.courts), end),
                "extensions": [extension.to_json() for extension in self.extensions],
            }
            event = event_of(
                origin, "history.export", kind="history", object_id=out.name[:200], court=str(origin.by.courts),
                cases=str(rows["cases"]),
            )  # fmt: skip
            self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=at))
        return Exported(rows, found.erased)

    def _fill(self, tables: Tables, found: Iterable[OnRecord]) -> _Found:
        seen = _Found()
        for one in found:
            if not one.answers:
                seen.erased += 1
                continue
            application = _application(one)
            self._add(tables, application)
            seen.courts.add(one.court_code)
            seen.simulated |= any(advised.simulated for advised in application.advised)
        return seen

    def _add(self, tables: Tables, application: Application) -> None:
        query = query_row(application, self.register)
        tables.add("cases", [case_row(application, self.register)])
        tables.add("queries", [] if query is None else [query])
        tables.add("events", event_rows(application))
        tables.add("decisions", decision_rows(application))
        tables.add("debtors", debtor_rows(application))
        tables.add("marks", mark_rows(application))


class _Found:
    """What was met on the way: courts, whether anything was simulated, and erased applications."""

    def __init__(self) -> None:
        self.courts: set[str] = set()
        self.simulated = False
        self.erased = 0


def _application(found: OnRecord) -> Application:
    case_id = f"{found.court_code} {found.application_id}"
    answers = [_advised(row) for row in found.answers]
    return Application(case_id, found.court_code, answers, found.events, found.acts, found.marks)


def _advised(row: Mapping[str, Any]) -> Advised:
    answer = json.loads(row["answer"])
    return Advised(
        id=row["id"],
        document=json.loads(row["input"]),
        stage=row["stage"],
        as_of=row["as_of"],
        created_at=row["created_at"],
        decided_by=row["decided_by"],
        route=row["route"],
        rule=answer["advice"].get("deciding_rule") or "",
        model=row["model_sha256"] or "",
        ruleset=row["ruleset_sha256"],
        simulated=bool(answer["simulated"]),
        corrects=row["corrects"],
    )
