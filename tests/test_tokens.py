"""Join tokens: keyed, one construction, and fixed for good."""

from __future__ import annotations

from features.tokens import join_token, keyed_digest


def test_a_token_never_changes() -> None:
    """What a court has on record must be found again by every later version."""
    found = join_token(bytes(range(32)), "91330106MA2CFX3T5D")
    assert found == "3448118b69e4612a7b3adacd17b2b31f3d2f00b2680c612e562465735eb39e03"


def test_another_key_or_another_purpose_is_another_digest() -> None:
    """Nobody without the key can make a token, and no other digest can be taken for one."""
    mine = join_token(b"a" * 32, "x")
    assert mine == keyed_digest(b"a" * 32, b"identity", b"x")
    assert len({mine, join_token(b"b" * 32, "x"), keyed_digest(b"a" * 32, b"body", b"x")}) == 3
