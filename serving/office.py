"""What the routes work with: one place where everything that was made at the start is handed to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request

from models.rules.windows import Windowed
from serving.batches.opening import Batches
from serving.control.room import ControlRoom
from serving.desk import Desk
from serving.health.findings import Health
from serving.identity.reception import Reception
from serving.jobs.desk import Jobs
from serving.people.opening import People
from serving.record.opening import Record


class Shown(Protocol):
    """What the service says of itself: its descriptions by path, the start page, and the rule tables it goes by."""

    @property
    def descriptions(self) -> Mapping[str, Callable[[], bytes]]:
        """The bodies of the descriptions, by path."""

    @property
    def page(self) -> bytes:
        """The start page."""

    def windowed(self, court: str) -> Windowed:
        """Return the rule table that a court's answers are given by, and what of its signed windows is not in it."""


@dataclass(frozen=True)
class Office:
    """What the routes work with: desk, reception, record, rights, jobs, descriptions, state of health, how to close."""

    desk: Desk
    reception: Reception
    record: Record
    people: People
    jobs: Jobs
    batches: Batches
    shown: Callable[[], Shown]
    ready: Callable[[], Awaitable[Health]]
    control: ControlRoom
    leave: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Finish what was begun, and let go of everything."""
        self.leave()
        self.control.close()
        self.reception.close()
        self.desk.close()


def office_of(request: Request) -> Office:
    """Return the collaborators of the routes."""
    office: Office = request.app.state.office
    return office


def hand_over(app: Starlette, office: Office) -> None:
    """Give the routes their collaborators, once, when the worker starts."""
    app.state.office = office
