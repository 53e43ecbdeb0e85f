"""The cookie of a session: no script can read it, no other site can send it, and it travels encrypted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SECURE: Final = "__Host-fenliu"
_PLAIN: Final = "fenliu"
_NOTE: Final = "-sign-on"
_MOST_CHARACTERS: Final = 128
_MOST_NOTE_CHARACTERS: Final = 1024


def token_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the token of the session's cookie; None if there is none, or more than one."""
    found = [value for name, value in _pairs(headers) if name in {_SECURE, _PLAIN}]
    return found[0] if len(found) == 1 and 0 < len(found[0]) <= _MOST_CHARACTERS else None


def setting(token: str, *, host: str) -> str:
    """Return the header that hands the cookie over.

    Only a caller who speaks to this very machine gets it without encryption.
    """
    name, mark = _named(host)
    return f"{name}={token}; Path=/; HttpOnly; SameSite=Strict{mark}"


def note_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the note that somebody takes to the court's log-in service and back."""
    found = [value for name, value in _pairs(headers) if name in {_SECURE + _NOTE, _PLAIN + _NOTE}]
    return found[0] if len(found) == 1 and len(found[0]) <= _MOST_NOTE_CHARACTERS else None


def note_setting(note: str, *, host: str, seconds: int) -> str:
    """Return the header that hands over the note, or takes it away when it is empty.

    It must come back from another site, so it is Lax where the session is Strict.
    """
    name, mark = _named(host)
    return f"{name}{_NOTE}={note}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{mark}"


def removal(*, host: str) -> str:
    """Return the header that takes the cookie away."""
    name, mark = _named(host)
    return f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{mark}"


def value_of(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """Return the text of a cookie that is no secret; None if there is none, or more than one."""
    found = [value for known, value in _pairs(headers) if known == name]
    return found[0] if len(found) == 1 else None


def _named(host: str) -> tuple[str, str]:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return (_PLAIN, "") if name.lower() in LOCAL_NAMES else (_SECURE, "; Secure")


def _pairs(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[str, str]]:
    for header, value in headers:
        if header == b"cookie":
            for part in value.decode("latin-1").split(";"):
                name, _, text = part.strip().partition("=")
                yield name, text
