"""The secret keys of this court's service, kept in files outside the database, and what is done with them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from features.tokens import KEY_BYTES, join_token, keyed_digest
from serving.ciphers import Mac, Seal, key_id

DATA: Final = "data.key"
FILES: Final = ("token.key", "audit.key", DATA)
"""One file a purpose: tokens of identity numbers, message codes of the audit chain, sealing of stored data."""


class KeyFileError(RuntimeError):
    """A key file is missing, readable by others or not a key."""


@dataclass(frozen=True)
class KeyRing:
    """The court's keys: tokens and body digests under the first, the audit chain's codes, sealed columns."""

    secret: bytes = field(repr=False)
    mac: Mac
    seal: Seal

    def token(self, identity: str) -> str:
        """Return the join token of a normalised identity number."""
        return join_token(self.secret, identity)

    def person(self, token: str) -> str:
        """Return the digest under which a token is looked up: whoever has the table alone can join it to nothing."""
        return keyed_digest(self.secret, b"person", token.encode("utf-8"))

    def basis(self, court: str, number: str) -> str:
        """Return the digest under which applications on one basis are found at a court."""
        return keyed_digest(self.secret, b"basis", f"{court}\n{number}".encode())

    def body(self, canonical: bytes) -> str:
        """Return the digest by which two request bodies are told to be the same."""
        return keyed_digest(self.secret, b"body", canonical)

    def page(self, text: bytes) -> str:
        """Return the seal of a page token."""
        return keyed_digest(self.secret, b"page", text)

    def csrf(self, session: str) -> str:
        """Return the token that pages of a session send back with every change."""
        return keyed_digest(self.secret, b"csrf", session.encode("utf-8"))

    def subject(self, kind: str, text: str) -> str:
        """Return under which name the tries of an account or an address are counted: what was typed is not kept."""
        return f"{kind}:{keyed_digest(self.secret, b'subject', text.encode('utf-8'))}"

    @property
    def ids(self) -> Mapping[str, str]:
        """By which each key is known in the database that was written with it, hexadecimal."""
        keys = (self.secret, self.mac.key, self.seal.key)
        return dict(zip(FILES, (key_id(key).hex() for key in keys), strict=True))

    def knows(self, name: str, known: str) -> bool:
        """Whether a database that names this id for a file can be used: an earlier data key still opens it."""
        return self.ids[name] == known or (name == DATA and self.seal.knows(bytes.fromhex(known)))


@dataclass(frozen=True)
class DataKeys:
    """The keys in a folder that open what was sealed: the present `data.key` and earlier ones, `data-<id>.key`.

    The folder is looked into when an unknown id turns up, so that a worker
    that was started before a rotation reads what was sealed after it.
    """

    folder: Path
    _found: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def __call__(self, wanted: bytes) -> bytes | None:
        """Return the key with this id; None where there is none."""
        if wanted not in self._found:
            self._found.update(self._read())
        return self._found.get(wanted)

    def _read(self) -> dict[bytes, bytes]:
        secrets_there = [secret_of(path) for path in sorted(self.folder.glob("data*.key"))]
        return {key_id(secret): secret for secret in secrets_there}


def renew_data_key(folder: Path, *, create: Callable[[], bytes]) -> bytes:
    """Put a new key into `data.key`, keep the one of before as `data-<id>.key`, and return the new one's id.

    At any moment of it `data.key` is one of the two, whole, and nothing that
    was sealed is without its key.

    Raises
    ------
    KeyFileError
        There is no key to be replaced, or it cannot be used.
    """
    path, secret = folder / DATA, create()
    old = secret_of(path)
    with contextlib.suppress(FileExistsError):
        os.link(path, folder / f"data-{key_id(old).hex()}.key")
    draft = _drafted(path, secret)
    draft.replace(path)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return key_id(secret)


def new_secret() -> bytes:
    """Return fresh key material from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def key_ring(
    folder: Path,
    *,
    mac: str = "sha256",
    cipher: str = "aes",
    create: Callable[[], bytes] = new_secret,
) -> KeyRing:
    """Read the three key files; where there is none yet they are created on first use, with mode 0600.

    Losing `data.key` loses the record's content, losing `token.key` the
    joins, losing `audit.key` the proof: they belong into a backup of their
    own, apart from the database.

    Raises
    ------
    KeyFileError
        Some files are there and others missing (no key is made then: they are
        lost and not new), others can read a file, or it does not hold a key.
    """
    if _missing(folder):
        _make_all(folder, create)
    return _ring(folder, mac=mac, cipher=cipher)


def original_keys(folder: Path, *, mac: str = "sha256", cipher: str = "aes") -> KeyRing:
    """Read the three key files, making none: what was written with lost keys cannot be read with new ones.

    Raises
    ------
    KeyFileError
        A file is missing, others can read it, or it does not hold a key.
    """
    missing = _missing(folder)
    if missing:
        raise _lost(folder, missing)
    return _ring(folder, mac=mac, cipher=cipher)


def _ring(folder: Path, *, mac: str, cipher: str) -> KeyRing:
    token, audit, data = (secret_of(folder / name) for name in FILES)
    return KeyRing(token, Mac(audit, mac), Seal(data, cipher, DataKeys(folder)))


def _missing(folder: Path) -> list[str]:
    return [name for name in FILES if not (folder / name).exists()]


def _lost(folder: Path, missing: Sequence[str]) -> KeyFileError:
    names = "、".join(missing)
    return KeyFileError(
        f"{folder} 中缺少密钥文件 {names}；请先放回写成该数据库时的密钥 / "
        f"key files are missing: {names}; first put back those that the database was written with"
    )


def _make_all(folder: Path, create: Callable[[], bytes]) -> None:
    """Make all keys or none: they are drafted together, and whoever comes after a kill links what was drafted.

    Raises
    ------
    KeyFileError
        Some keys are there without the others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        missing = _missing(folder)
        drafts = {name: folder / f".{name}.new" for name in FILES}
        if len(missing) == len(FILES) and not any(folder.glob("*.key")):
            for name in FILES:
                _drafted(folder / name, create()).replace(drafts[name])
        elif not all(drafts[name].exists() for name in missing):
            raise _lost(folder, missing)
        for name in missing:
            os.link(drafts[name], folder / name)
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def secret_of(path: Path) -> bytes:
    """Return the key in the file.

    Raises
    ------
    KeyFileError
        There is no such file, others can read it, or it does not hold a key.
    """
    if not path.exists():
        raise _lost(path.parent, [path.name])
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        msg = f"密钥文件权限为 {mode:04o}，须为 0600：{path.name} / the key file must not be readable by others"
        raise KeyFileError(msg)
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        msg = f"密钥文件应为 {KEY_BYTES} 字节，实为 {len(secret)} 字节：{path.name} / not a key of {KEY_BYTES} bytes"
        raise KeyFileError(msg)
    return secret


def _drafted(path: Path, secret: bytes) -> Path:
    """Return a file beside the key's place that holds it, on disk."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return draft
