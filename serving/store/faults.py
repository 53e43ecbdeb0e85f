"""What can go wrong between the service and its database, told without a word of what was to be written."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_FAULTS = (DBAPIError, PoolTimeoutError)


class StoreUnavailableError(RuntimeError):
    """The store could not be read or written; nothing was acknowledged."""


@contextmanager
def faults_told() -> Generator[None]:
    """Turn the database's own errors into one that says that nothing was written."""
    try:
        yield
    except _FAULTS as error:
        raise _unavailable(error) from error


@contextmanager
def alone(place: Path | str) -> Generator[None]:
    """Hold the lock beside an SQLite file: of several workers starting together one sets it up.

    On PostgreSQL the writers' lock does the same, because migrations are one writing transaction.
    """
    if isinstance(place, str):
        yield
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place.with_name(place.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unavailable(error: DBAPIError | PoolTimeoutError) -> StoreUnavailableError:
    """Wrap a database error without the values of its statement."""
    reason = _reason(error.orig) if isinstance(error, DBAPIError) else "no free connection"
    msg = f"存储不可用：{reason} / the store cannot be used: {reason}"
    return StoreUnavailableError(msg)


def _reason(error: BaseException | None) -> str:
    """Return the first line of what the driver says; PostgreSQL's further lines may show the row's values."""
    return str(error).partition("\n")[0]
