"""What stands on record around one answer: the facts it was given on, and every other answer about the same case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.advice import ErasedError
from serving.repositories.closings import events_of
from serving.repositories.court_scope import within
from serving.repositories.open_cases import of_application
from serving.store.tables.advice import advice
from serving.store.tables.decisions import corrections
from serving.store.transaction import Store

MOST: Final = 50
"""Answers about one case that are shown; there are hardly ever more than a handful."""

_SHOWN: Final = ("id", "stage", "created_at", "created_by", "status", "route", "erased_at")


@dataclass(frozen=True)
class Around:
    """The facts as the case was understood; the answers about the case with what each corrects, and its events.

    Both in the order of their recording.
    """

    document: Mapping[str, Any]
    answers: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class CaseFileStore:
    """Reads it; whoever asks has had his reading of the answer noted already."""

    store: Store
    keys: KeyRing

    def around(self, advice_id: str, *, origin: Origin) -> Around | None:
        """Return what stands around an answer; None if it is not there or of another court.

        Raises
        ------
        ErasedError
            The content was erased.
        """
        return self.store.read(lambda connection: self._around(connection, advice_id, origin))

    def note_reveal(self, advice_id: str, court: str, why: str, *, by: tuple[Origin, datetime]) -> None:
        """Note on the audit trail who saw the personal facts of a case, and for which reason."""
        origin, at = by
        event = event_of(origin, "person.reveal", kind="advice", object_id=advice_id, court=court, why=why)
        self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=at))

    def _around(self, connection: Connection, advice_id: str, origin: Origin) -> Around | None:
        query = select(advice.c.id, advice.c.input, advice.c.application_id, advice.c.court_code).where(
            advice.c.id == advice_id, within(advice.c.court_code, origin.by.courts)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.input is None:
            raise ErasedError(advice_id)
        document = json.loads(self.keys.seal.open(row.input, f"advice.input:{row.id}"))
        case = (row.application_id, row.court_code)
        return Around(document, _answers(connection, *case), events_of(connection, *case))


def _answers(connection: Connection, application_id: str, court: str) -> list[Mapping[str, Any]]:
    query = (
        select(*(advice.c[name] for name in _SHOWN), corrections.c.corrects)
        .join(corrections, corrections.c.id == advice.c.id, isouter=True)
        .where(of_application(application_id, court))
        .order_by(advice.c.day, advice.c.number)
        .limit(MOST)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
