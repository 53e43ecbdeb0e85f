"""Builders for tests of indicators: a court with cases of every course on record, and its figures reckoned apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from features.clock import SHANGHAI
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Principal
from serving.access.roles import Role, actions_of
from serving.decide import Decider
from serving.record.indicators.keeping import Keeping
from serving.record.opening import Record, open_record
from serving.repositories.indicators.figures import FigureStore
from serving.repositories.indicators.refreshing import CourseStore
from serving.store.transaction import Store
from tests.builders_serving import KEYS, decider, document, opened

COURT = "浙1022"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
EVERYTHING = Origin(
    Principal(
        kind="account", id="zhou", roles=frozenset(Role), courts=EVERY_COURT, actions=actions_of(Role)
    ), "req-1",
)  # fmt: skip

Event = tuple[str, int, Mapping[str, str]]
"""Kind, days after receipt, and what else there is to say."""


@dataclass
class Court:
    """A court whose clock a test may turn."""

    folder: Path
    store: Store
    now: datetime = NOW
    calls: int = 0

    @classmethod
    def empty(cls, folder: Path) -> Court:
        """Return a court without cases."""
        return cls(folder, opened(folder))

    @property
    def scoring(self) -> Decider:
        """The use case that scores."""
        return decider(self.folder, store=self.store, clock=lambda: self.now)

    @property
    def record(self) -> Record:
        """The use cases around advice."""
        return open_record(self.store, KEYS, clock=lambda: self.now, score=self.scoring.score)

    @property
    def keeping(self) -> Keeping:
        """The background job, which may always count."""
        return Keeping(
            CourseStore(self.store, KEYS), FigureStore(self.store), self.record.settings, lambda: self.now,
            seconds=lambda: 0.0,
        )  # fmt: skip

    def case(self, number: str, received: str, *events: Event, lane: str = "", **facts: object) -> str:
        """Put one case on record: an answer, what a person decided, and what became of it; return the answer's id."""
        came = datetime.fromisoformat(f"{received}T10:00:00+08:00")
        sent = document(
            application_id=number,
            as_of=came.isoformat(),
            case={"received_at": came.isoformat(), "claim_amount": "1000.00", "due_date": None, **facts},
        )
        sent["case"] = {name: value for name, value in sent["case"].items() if value is not None}
        advice = self.scoring.score(sent, key=self._key(), origin=EVERYTHING).id
        if lane:
            self.decide(advice, lane)
        if events:
            self.happened(number, came, events)
        return advice

    def decide(self, advice: str, lane: str, *, reason: str | None = None) -> None:
        """Decide on an answer; every one of them advised urging."""
        asked = {"advice_id": advice, "lane": lane, "warnings_checked": True}
        asked |= {"reason": reason or "unknown_facts"} if lane != "urge" else {}
        self.record.decisions.decide(asked, key=self._key(), tags=lambda _: True, origin=EVERYTHING)

    def happened(self, number: str, came: datetime, events: Sequence[Event]) -> None:
        """Report events."""
        told = [
            {
                "application_id": number,
                "court_code": COURT,
                "at": (came + timedelta(days=days, minutes=place)).isoformat(),
                "kind": kind,
                **more,
            }
            for place, (kind, days, more) in enumerate(events)
        ]
        self.record.outcomes.report(told, key=self._key(), origin=EVERYTHING)

    def set(self, **changes: object) -> None:
        """Change the court's settings."""
        self.record.settings.set(COURT, changes, "院长办公会决定", unchanged=lambda _: True, origin=EVERYTHING)

    def count(self) -> None:
        """Take in everything and count."""
        self.keeping.run()

    def sql(self, query: str, **values: object) -> list[Any]:
        """Return what a query of the test's own finds."""
        return self.store.read(lambda connection: list(connection.execute(text(query), values)))

    def facts(self) -> dict[str, Mapping[str, Any]]:
        """Return the case of every application's first answer, opened."""
        rows = self.sql("SELECT id, application_id, input FROM advice ORDER BY day DESC, number DESC")
        return {row[1]: json.loads(KEYS.seal.open(row[2], f"advice.input:{row[0]}"))["case"] for row in rows}

    def _key(self) -> str:
        self.calls += 1
        return f"key-{self.calls:08d}"


def paid(days: int, amount: str, kind: str = "payment") -> Event:
    """Return money that came in."""
    return kind, days, {"amount": amount}


def closed(days: int, mode: str = "full") -> Event:
    """Return a closing."""
    return "close", days, {"mode": mode}


def filed(days: int) -> Event:
    """Return a filing."""
    return "file", days, {}


def busy_court(folder: Path) -> Court:
    """Return a court with cases of every course in 2025 and 2026, some of them filed late, with and without consent."""
    court = Court.empty(folder)
    made: list[Callable[[], object]] = []
    for n in range(12):
        court.case(f"F{n}", f"2026-0{1 + n % 8}-1{n % 5}", filed(5), paid(40, "1000.00"), closed(45), lane="fast")
        court.case(f"Z{n}", f"2026-0{1 + n % 6}-0{1 + n % 9}", filed(7), paid(60, "150.50", "deduction"),
                   ("zhongben", 100, {}), closed(100, "zhongben"), lane="complex")  # fmt: skip
        court.case(f"S{n}", f"2026-0{1 + n % 9}-2{n % 8}", ("urge_start", 1, {}), paid(9, "400.00"),
                   paid(12, "600.00"), closed(13), lane="urge", consent_urge="agree")  # fmt: skip
    made += [
        lambda: court.case("LATE1", "2026-03-02", filed(30), closed(60, "other"), consent_urge="refuse"),
        lambda: court.case("LATE2", "2026-09-01", consent_urge="not_asked"),
        lambda: court.case("LATE3", "2026-04-01", filed(25), paid(26, "1000.00"), closed(27), consent_urge="refuse"),
        lambda: court.case("LATE4", "2026-05-06", paid(20, "1000.00"), consent_urge="not_asked"),
        lambda: court.case(
            "URGED", "2026-06-03", ("urge_start", 1, {}), ("convert", 17, {}), filed(18), consent_urge="agree"
        ),
        lambda: court.case("OLD", "2025-05-05", filed(6), paid(100, "10.00", "auction")),
        lambda: court.case("YEAR", "2025-03-05", filed(6), paid(90, "1000.00"), closed(100)),
        lambda: court.case("SLOW", "2025-11-03", filed(4), paid(230, "300.00"), closed(240, "terminated")),
        lambda: court.case("NEW", "2026-11-19"),
        lambda: court.case("(2026)浙1022执恢7号", "2026-02-03", filed(1), closed(20)),
    ]
    for one in made:
        one()
    return court


__all__ = ["COURT", "EVERYTHING", "NOW", "Court", "busy_court", "closed", "filed", "paid"]
