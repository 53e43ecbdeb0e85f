"""Errors that end a command with a sentence and an exit code instead of a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from serving.access.roles import RolesError
from serving.audit.heads import HeadFileError
from serving.audit.soundness import NotWholeError
from serving.audit.trail import ExportFileError
from serving.ciphers import SealError
from serving.identity.accounts import AccountError
from serving.identity.api_keys import ApiKeyError
from serving.identity.passwords import WeakPasswordError
from serving.keys import KeyFileError
from serving.record.outcomes import OutcomeFileError
from serving.repositories.accounts import NameTakenError, NoAccountError
from serving.store.backup import BackupError, OccupiedError
from serving.store.engine import StoreFileError
from serving.store.faults import StoreUnavailableError
from serving.store.roles import RoleError
from serving.store.schema import KeyMismatchError, StoreSchemaError

_USAGE: Final = 2
_UNREADABLE: Final = 3
_UNREACHABLE: Final = 6


@dataclass(frozen=True)
class Refusal:
    """How a command ends: the code that stands in brackets before the sentence, and the exit code."""

    code: str
    status: int


_KNOWN: Final[dict[type[Exception], Refusal]] = {
    ApiKeyError: Refusal("KEY", _USAGE),
    AccountError: Refusal("ACCOUNT", _USAGE),
    NameTakenError: Refusal("NAME_TAKEN", _USAGE),
    NoAccountError: Refusal("NO_ACCOUNT", _USAGE),
    RolesError: Refusal("ROLES", _USAGE),
    WeakPasswordError: Refusal("PASSWORD", _USAGE),
    KeyFileError: Refusal("KEY_FILE", _USAGE),
    KeyMismatchError: Refusal("KEY_MISMATCH", _USAGE),
    SealError: Refusal("SEAL", _USAGE),
    RoleError: Refusal("DATABASE_ROLE", _USAGE),
    StoreFileError: Refusal("STORE_FILE", _UNREACHABLE),
    StoreSchemaError: Refusal("STORE_SCHEMA", _UNREACHABLE),
    StoreUnavailableError: Refusal("STORE_UNAVAILABLE", _UNREACHABLE),
    HeadFileError: Refusal("HEAD_FILE", _UNREADABLE),
    ExportFileError: Refusal("EXPORT_FILE", _UNREADABLE),
    BackupError: Refusal("BACKUP", _UNREADABLE),
    NotWholeError: Refusal("NOT_WHOLE", _UNREADABLE),
    OccupiedError: Refusal("OCCUPIED", _USAGE),
    OutcomeFileError: Refusal("OUTCOMES", _UNREADABLE),
    FileExistsError: Refusal("FILE_EXISTS", _UNREADABLE),
    OSError: Refusal("FILE", _UNREADABLE),
}


def refusal_of(error: Exception) -> Refusal | None:
    """Return how this error ends a command; None for a bug."""
    return next((refusal for kind, refusal in _KNOWN.items() if isinstance(error, kind)), None)
