"""The stop switch on record: who switched the models of which court off or on, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, insert, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.models import model_switches
from serving.store.transaction import Store

KIND: Final = "model_switch"
State = Literal["stopped", "running"]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One turn of the switch, of one court or of every one (`*`)."""

    court: str
    state: State
    reason: str
    at: str = ""
    by: str = ""
    number: int = 0

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "number": self.number,
            "court_code": self.court,
            "state": self.state,
            "reason": self.reason,
            "at": self.at,
            "by": self.by,
        }


@dataclass(frozen=True)
class SwitchStore:
    """Reads and writes turns of the switch; every one is on the audit chain."""

    store: Store
    keys: KeyRing

    def turn(self, turn: Turn, *, origin: Origin, at: datetime) -> Turn:
        """Record one turn and return it as it stands on record.

        Raises
        ------
        StoreUnavailableError
            Nothing was switched.
        """
        return self.store.write(lambda connection: self._turn(connection, turn, origin, at))

    def stopped(self) -> frozenset[str]:
        """Return the courts that are switched off now, `*` among them if every one is.

        Raises
        ------
        StoreUnavailableError
            Nobody can say.
        """
        rows = self.store.read(lambda connection: connection.execute(_STANDING).all())
        return frozenset(row.court_code for row in rows if row.state == "stopped")

    def standing(self) -> list[Turn]:
        """Return the newest turn of every court that was ever switched."""
        rows = self.store.read(lambda connection: connection.execute(_STANDING).mappings().all())
        return [self._shown(dict(row)) for row in rows]

    def history(self) -> list[Turn]:
        """Return every turn on record, the newest first."""
        query = select(model_switches).order_by(model_switches.c.number.desc())
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        return [self._shown(dict(row)) for row in rows]

    def _turn(self, connection: Connection, turn: Turn, origin: Origin, at: datetime) -> Turn:
        number = (connection.scalar(select(func.max(model_switches.c.number))) or 0) + 1
        row = {
            "number": number,
            "at": at.isoformat(timespec="seconds"),
            "court_code": turn.court,
            "state": turn.state,
            "reason": self.keys.seal.close(turn.reason.encode("utf-8"), _place(number)),
            "by": origin.by.actor,
        }
        connection.execute(insert(model_switches), row)
        action = "model.stop" if turn.state == "stopped" else "model.resume"
        event = event_of(
            origin, action, kind=KIND, object_id=str(number), court=turn.court, row_sha256=row_digest(row)
        )  # fmt: skip
        append(connection, event, mac=self.keys.mac, at=at)
        return self._shown(row)

    def _shown(self, row: Mapping[str, Any]) -> Turn:
        number = int(row["number"])
        return Turn(
            court=row["court_code"],
            state="stopped" if row["state"] == "stopped" else "running",
            reason=self.keys.seal.open(bytes(row["reason"]), _place(number)).decode("utf-8"),
            at=row["at"],
            by=row["by"],
            number=number,
        )


def _place(number: int) -> str:
    return f"model_switches.reason:{number}"


_NEWEST: Final = select(func.max(model_switches.c.number)).group_by(model_switches.c.court_code)
_STANDING: Final = (
    select(model_switches).where(model_switches.c.number.in_(_NEWEST)).order_by(model_switches.c.court_code)
)
