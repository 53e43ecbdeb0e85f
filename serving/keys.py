"""The secret key of this court's service, and what it turns identity numbers and bodies into."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from features.tokens import KEY_BYTES, join_token, keyed_digest


class KeyFileError(RuntimeError):
    """The key file is missing, readable by others or not a key."""


@dataclass(frozen=True)
class KeyRing:
    """The court's key, and the digests the service makes under it."""

    secret: bytes = field(repr=False)

    def token(self, identity: str) -> str:
        """Return the join token of a normalised identity number."""
        return join_token(self.secret, identity)

    def body(self, canonical: bytes) -> str:
        """Return the digest by which two request bodies are told to be the same."""
        return keyed_digest(self.secret, b"body", canonical)

    def page(self, text: bytes) -> str:
        """Return the seal of a page token."""
        return keyed_digest(self.secret, b"page", text)


def new_secret() -> bytes:
    """Return fresh key material from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def key_ring(path: Path, *, create: Callable[[], bytes] = new_secret) -> KeyRing:
    """Read the key file, creating it on first use with mode 0600.

    Losing the key means that old tokens cannot be matched with new ones, so
    it belongs into the backup, apart from the database.

    Raises
    ------
    KeyFileError
        Others can read the file, or it does not hold a key.
    """
    if not path.exists():
        _create(path, create())
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        msg = f"密钥文件权限为 {mode:04o}，须为 0600：{path.name} / the key file must not be readable by others"
        raise KeyFileError(msg)
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        msg = f"密钥文件应为 {KEY_BYTES} 字节，实为 {len(secret)} 字节：{path.name} / not a key of {KEY_BYTES} bytes"
        raise KeyFileError(msg)
    return KeyRing(secret)


def _create(path: Path, secret: bytes) -> None:
    """Write the key beside its place and link it there: of two workers starting at once one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
