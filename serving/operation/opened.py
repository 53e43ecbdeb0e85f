"""The court's store opened for a command, and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from serving.keys import KeyRing
from serving.opening import keys_of, open_store
from serving.settings import Settings
from serving.store.transaction import Store


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Store, KeyRing]]:
    """Yield the court's store and keys."""
    keys = keys_of(settings)
    store = open_store(settings, keys)
    try:
        yield store, keys
    finally:
        store.close()
