"""What the routes work with: one place where everything that was made at the start is handed to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request

from serving.desk import Desk


@dataclass(frozen=True)
class Office:
    """The collaborators of the routes: the desk, the service's descriptions of itself by path, and the start page."""

    desk: Desk
    descriptions: Mapping[str, Callable[[], bytes]]
    page: bytes


def office_of(request: Request) -> Office:
    """Return the collaborators of the routes."""
    office: Office = request.app.state.office
    return office


def hand_over(app: Starlette, office: Office) -> None:
    """Give the routes their collaborators, once, when the worker starts."""
    app.state.office = office
