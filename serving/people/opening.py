"""Opening what people's rights need: its use cases on one store, handed to the routes and to commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from serving.keys import KeyRing
from serving.people.export import PersonExport
from serving.people.holding import Holding
from serving.people.party_sheet import PartySheets
from serving.people.reviewing import Reviewing
from serving.repositories.advice import AdviceStore
from serving.repositories.holds import HoldStore
from serving.repositories.persons import PersonStore
from serving.repositories.reviews.requests import ReviewStore
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class People:
    """The use cases around people's rights."""

    export: PersonExport
    holding: Holding
    sheets: PartySheets
    reviewing: Reviewing


def open_people(store: Store, keys: KeyRing, *, clock: Callable[[], datetime]) -> People:
    """Return the use cases on one store."""
    return People(
        export=PersonExport(PersonStore(store, keys), keys, clock),
        holding=Holding(HoldStore(store, keys), clock),
        sheets=PartySheets(AdviceStore(store, keys), clock),
        reviewing=Reviewing(ReviewStore(store, keys), keys, clock),
    )
