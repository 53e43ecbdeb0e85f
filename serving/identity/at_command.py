"""Keys and accounts from the command line: the same work as online, under the name of whoever runs the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from serving.access.origin import Origin
from serving.identity.accounts import Accounts, Applicant
from serving.identity.api_keys import ApiKeys, Scope
from serving.identity.opening import open_accounts, open_api_keys
from serving.identity.policy import Policy
from serving.opening import keys_of, now, open_store, operator
from serving.settings import Settings

__all__ = ["Applicant", "Bureau", "Scope", "bureau"]


@dataclass(frozen=True)
class Bureau:
    """What a command works with, and under whose name."""

    api_keys: ApiKeys
    accounts: Accounts
    origin: Origin


@contextmanager
def bureau(settings: Settings) -> Iterator[Bureau]:
    """Open the store that the settings name, for one command."""
    keys = keys_of(settings)
    store = open_store(settings, keys)
    try:
        yield Bureau(
            open_api_keys(store, keys, clock=now),
            open_accounts(store, keys, policy=Policy.of(settings), clock=now),
            operator(),
        )
    finally:
        store.close()
