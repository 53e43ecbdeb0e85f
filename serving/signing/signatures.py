"""Signatures under bundles: one line a person, kept beside the bundles, over nothing but the bundle's hash."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serving.ciphers import is_signed, new_signing_key, sign
from serving.settings import SettingsError

FOLDER: Final = "signatures"
_MOST_BYTES: Final = 64 * 1024
_PURPOSE: Final = b"fenliu bundle signature 1\0"


@dataclass(frozen=True)
class Signature:
    """One person's signature under one bundle."""

    signer: str
    value: bytes

    def is_by(self, public: bytes, sha256: str) -> bool:
        """Whether the holder of this key has signed the bundle with this hash."""
        return is_signed(public, _message(sha256), self.value)


def kept(home: Path, sha256: str) -> list[Signature]:
    """Return what was put under a bundle; lines that are no signatures are passed over."""
    return list(_read(home / FOLDER / f"{sha256}.jsonl"))


def add(home: Path, sha256: str, key_file: Path) -> str:
    """Sign a bundle's hash with the key in a file, put the signature beside the others, and return who signed.

    Raises
    ------
    SettingsError
        The file holds no signing key, or others may read it.
    """
    signer, key = _private(key_file)
    line = {"signer": signer, "signature": _text(sign(key, _message(sha256)))}
    path = home / FOLDER / f"{sha256}.jsonl"
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return signer


def new_signer(name: str, key_file: Path) -> str:
    """Write a new signing key into a file of its owner alone, and return the line for the list of signers.

    Raises
    ------
    SettingsError
        The file is there already: a key is never replaced.
    """
    key, public = new_signing_key()
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        msg = f"{key_file} 已存在，密钥不会被覆盖；换一个文件名 / the file exists and a key is never replaced"
        raise SettingsError(msg) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{name} {_text(key)}\n")
    return f"{name} {_text(public)}"


def line_of(text: str) -> tuple[str, bytes]:
    """Return name and key of a line; raise ValueError where it holds no such thing."""
    name, _, value = text.strip().rpartition(" ")
    key = base64.b64decode(value, validate=True)
    if not name.strip() or len(key) != 32:
        msg = "not a name and a key"
        raise ValueError(msg)
    return name.strip(), key


def _private(key_file: Path) -> tuple[str, bytes]:
    try:
        if key_file.stat().st_mode & 0o077:
            msg = f"签名密钥 {key_file.name} 可被他人读取，请改为 0600 / others may read this key; make it 0600"
            raise SettingsError(msg)
        return line_of(key_file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        if isinstance(error, SettingsError):
            raise
        msg = f"{key_file.name} 不是签名密钥（{type(error).__name__}）/ holds no signing key"
        raise SettingsError(msg) from error


def _read(path: Path) -> Iterator[Signature]:
    try:
        with path.open("rb") as file:
            lines = file.read(_MOST_BYTES).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
            yield Signature(str(entry["signer"]), base64.b64decode(entry["signature"], validate=True))
        except (ValueError, KeyError, TypeError, binascii.Error):
            continue


def _message(sha256: str) -> bytes:
    return _PURPOSE + bytes.fromhex(sha256)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
