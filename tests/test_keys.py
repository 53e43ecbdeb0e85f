"""The key file: made once, for this service alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.tokens import join_token
from serving.keys import KeyFileError, KeyRing, key_ring


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """The first start makes it, every later one reads it."""
    path = tmp_path / "keys" / "token.key"
    first = key_ring(path, create=lambda: b"1" * 32)
    assert key_ring(path, create=lambda: b"2" * 32) == first == KeyRing(b"1" * 32)
    assert [item.name for item in path.parent.iterdir()] == ["token.key"]


def test_of_two_that_start_together_one_key_wins(tmp_path: Path) -> None:
    """A worker that loses the race uses the winner's key."""
    path = tmp_path / "token.key"

    def overtaken() -> bytes:
        key_ring(path, create=lambda: b"1" * 32)
        return b"2" * 32

    assert key_ring(path, create=overtaken) == KeyRing(b"1" * 32)


def test_nobody_else_can_read_the_key(tmp_path: Path) -> None:
    """File 0600, folder 0700."""
    path = tmp_path / "keys" / "token.key"
    key_ring(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    """A leaked key makes every token guessable."""
    path = tmp_path / "token.key"
    key_ring(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"密钥文件权限为 0640，须为 0600：token\.key"):
        key_ring(path)


def test_a_cut_key_is_refused(tmp_path: Path) -> None:
    """Half a key would quietly make other tokens."""
    path = tmp_path / "token.key"
    key_ring(path)
    path.write_bytes(b"short")
    with pytest.raises(KeyFileError, match="应为 32 字节，实为 5 字节"):
        key_ring(path)


def test_tokens_and_body_digests_are_apart() -> None:
    """The digest of a body can never be taken for a token, and neither shows the key."""
    keys = KeyRing(b"k" * 32)
    assert keys.token("x") == join_token(b"k" * 32, "x") != keys.body(b"x")
    assert len(keys.token("x")) == 64
    assert "k" * 8 not in repr(keys)
