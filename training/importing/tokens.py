"""Join tokens: identity numbers under the court's key, the same token here as in the court's service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from features.identifiers import IdentityKind, identify
from features.tokens import KEY_BYTES, join_token
from training.importing.reading import DataRejectedError


def tokeniser(key_file: Path | None) -> Callable[[str], str]:
    """Return what turns a raw identity number into its token; a token stays as it is.

    Without a key file the first raw number is refused, and so is the whole import.
    """
    secret = None if key_file is None else _secret(key_file)

    def tokenise(raw: str) -> str:
        identity = identify(raw)
        if identity.kind is IdentityKind.TOKEN:
            return identity.number
        if secret is None:
            zh = "源数据含证件号原文，但没有给出密钥文件"
            en = "the source holds raw identity numbers, but no key file was given"
            raise DataRejectedError("DATA_NO_KEY", zh, en, hint="加 --key-file（32 字节） / give --key-file, 32 bytes")
        return join_token(secret, identity.number)

    return tokenise


def _secret(path: Path) -> bytes:
    if not path.is_file():
        zh, en = f"找不到密钥文件 {path.name}", f"key file {path.name} was not found"
        raise DataRejectedError("DATA_NO_KEY", zh, en)
    if path.stat().st_mode & 0o077:
        zh = f"密钥文件 {path.name} 可被他人读取，须为 0600"
        en = f"key file {path.name} can be read by others; make it 0600"
        raise DataRejectedError("DATA_KEY_OPEN", zh, en)
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        zh, en = f"密钥应为 {KEY_BYTES} 字节，实为 {len(secret)}", f"a key has {KEY_BYTES} bytes, found {len(secret)}"
        raise DataRejectedError("DATA_NO_KEY", zh, en)
    return secret
