"""Keyed digests: what identity numbers turn into, the same token in the court's service and in its history."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

KEY_BYTES: Final = 32


def join_token(secret: bytes, number: str) -> str:
    """Return the token of a normalised identity number (`features.identifiers.identify`) under the court's key."""
    return keyed_digest(secret, b"identity", number.encode("utf-8"))


def keyed_digest(secret: bytes, purpose: bytes, message: bytes) -> str:
    """Return HMAC-SHA-256 of the message, apart for each purpose.

    A digest without a key would not do: identity numbers are few enough to try them all.
    """
    return hmac.new(secret, purpose + b"\x00" + message, hashlib.sha256).hexdigest()
