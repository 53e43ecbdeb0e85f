"""The kinds of cryptography that the service rests on: codes that prove, sealing that hides, signatures that vouch.

International and Chinese national algorithms (GM/T 0004 SM3, GM/T 0002 SM4)
stand side by side; a setting chooses which one is used for what is written
from now on, and whatever was written earlier stays readable, because every
code and every envelope says how it was made.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = 2 + _KEY_ID_BYTES + _NONCE_BYTES
KEY_ID: Final = slice(2, 2 + _KEY_ID_BYTES)
"""Where in an envelope the id of its key stands."""


KEYS_AT_HAND: Final = 8
"""Keys whose ids, derived keys and ciphers are kept ready; a service has one, and two while the data key changes."""


class SealError(RuntimeError):
    """An envelope cannot be opened: it was changed, moved to another row, or sealed under another key."""


@dataclass(frozen=True)
class Mac:
    """Message codes under one key, such as `sm3:` with 64 hexadecimal digits."""

    key: bytes = field(repr=False)
    algorithm: str = "sha256"

    def of(self, message: bytes) -> str:
        """Return the code of a message under the chosen algorithm."""
        return f"{self.algorithm}:{_MACS[self.algorithm](self.key, message).hex()}"

    def matches(self, code: str, message: bytes) -> bool:
        """Whether the code belongs to the message, by the algorithm that the code itself names."""
        algorithm, _, digits = code.partition(":")
        return algorithm in _MACS and hmac.compare_digest(_MACS[algorithm](self.key, message).hex(), digits)


@dataclass(frozen=True)
class Seal:
    """Sealed bytes under one key: hidden, and bound to the place they belong to.

    An envelope is version, algorithm, id of the key, nonce, hidden bytes and
    tag. Its head and the `place` (table, column and row id) are authenticated
    with it, so that an envelope moved to another row does not open.

    Nonces are random: one key is good for 2**32 envelopes, a thousand million
    cases. `others` finds a key that sealed earlier by its id; it only opens.
    """

    key: bytes = field(repr=False)
    algorithm: str = "aes"
    others: Callable[[bytes], bytes | None] = field(default=lambda _: None, repr=False, compare=False)

    @property
    def key_id(self) -> bytes:
        """What tells keys apart without showing them."""
        return key_id(self.key)

    def close(self, plain: bytes, place: str) -> bytes:
        """Return the envelope of some bytes for this place."""
        method = _SEALS[self.algorithm]
        head = _VERSION + method.mark + self.key_id + os.urandom(_NONCE_BYTES)
        hidden = method.hide(method.key_of(self.key), head[-_NONCE_BYTES:], plain, head + place.encode("utf-8"))
        return head + hidden

    def open(self, envelope: bytes, place: str) -> bytes:
        """Return what an envelope holds.

        Raises
        ------
        SealError
            It was changed, belongs to another place, or needs another key.
        """
        head, hidden = envelope[:_HEAD_BYTES], envelope[_HEAD_BYTES:]
        method = _BY_MARK.get(head[1:2])
        if head[:1] != _VERSION or method is None or len(hidden) < _TAG_BYTES:
            raise _unreadable("信封格式不符", "not an envelope", place)
        key = self._key(head[KEY_ID])
        if key is None:
            raise _unreadable("由另一把密钥加密", "sealed under another key", place)
        try:
            return method.show(method.key_of(key), head[-_NONCE_BYTES:], hidden, head + place.encode("utf-8"))
        except InvalidTag:
            raise _unreadable("内容被改动或移位", "changed or moved", place) from None

    def knows(self, wanted: bytes) -> bool:
        """Whether the key with this id is at hand."""
        return self._key(wanted) is not None

    def _key(self, wanted: bytes) -> bytes | None:
        return self.key if wanted == self.key_id else self.others(wanted)


@lru_cache(maxsize=KEYS_AT_HAND)
def key_id(key: bytes) -> bytes:
    """Return eight bytes by which a key is known."""
    return hmac.digest(key, b"key-id", "sha256")[:_KEY_ID_BYTES]


def new_signing_key() -> tuple[bytes, bytes]:
    """Return a new key that signs, and the public one that its signatures are held against (Ed25519, RFC 8032)."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def sign(key: bytes, message: bytes) -> bytes:
    """Return the signature of a message under a signing key."""
    return Ed25519PrivateKey.from_private_bytes(key).sign(message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key has signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _unreadable(zh: str, en: str, place: str) -> SealError:
    return SealError(f"无法解密 {place}：{zh} / cannot open {place}: {en}")


def _hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _hmac_sm3(key: bytes, message: bytes) -> bytes:
    code = HMAC(key, hashes.SM3())
    code.update(message)
    return code.finalize()


_MACS: Final[Mapping[str, Callable[[bytes, bytes], bytes]]] = MappingProxyType(
    {"sha256": _hmac_sha256, "sm3": _hmac_sm3}
)


@dataclass(frozen=True)
class _Method:
    """One way of sealing: `hide` and `show` take key, nonce, bytes and what is authenticated beside them."""

    mark: bytes
    key_of: Callable[[bytes], bytes]
    hide: Callable[[bytes, bytes, bytes, bytes], bytes]
    show: Callable[[bytes, bytes, bytes, bytes], bytes]


@lru_cache(maxsize=KEYS_AT_HAND)
def _aes_key(key: bytes) -> bytes:
    return _hmac_sha256(key, b"seal aes-256-gcm")


@lru_cache(maxsize=KEYS_AT_HAND)
def _sm4_key(key: bytes) -> bytes:
    return _hmac_sm3(key, b"seal sm4-gcm")[:16]


@lru_cache(maxsize=KEYS_AT_HAND)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)


def _hide_aes(key: bytes, nonce: bytes, plain: bytes, beside: bytes) -> bytes:
    return _aes(key).encrypt(nonce, plain, beside)


def _show_aes(key: bytes, nonce: bytes, hidden: bytes, beside: bytes) -> bytes:
    return _aes(key).decrypt(nonce, hidden, beside)


def _hide_sm4(key: bytes, nonce: bytes, plain: bytes, beside: bytes) -> bytes:
    sealing = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(beside)
    return sealing.update(plain) + sealing.finalize() + sealing.tag


def _show_sm4(key: bytes, nonce: bytes, hidden: bytes, beside: bytes) -> bytes:
    opening = Cipher(algorithms.SM4(key), modes.GCM(nonce, hidden[-_TAG_BYTES:])).decryptor()
    opening.authenticate_additional_data(beside)
    return opening.update(hidden[:-_TAG_BYTES]) + opening.finalize()


_SEALS: Final = MappingProxyType(
    {
        "aes": _Method(b"\x01", _aes_key, _hide_aes, _show_aes),
        "sm4": _Method(b"\x02", _sm4_key, _hide_sm4, _show_sm4),
    }
)
_BY_MARK: Final = MappingProxyType({method.mark: method for method in _SEALS.values()})

MACS: Final = tuple(_MACS)
CIPHERS: Final = tuple(_SEALS)
