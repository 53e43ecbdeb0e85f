"""The key files: made once, for this service alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.tokens import join_token
from serving.ciphers import Mac, Seal
from serving.keys import FILES, KeyFileError, KeyRing, key_ring, secret_of


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """The first start makes it, every later one reads it."""
    path = tmp_path / "keys" / "token.key"
    first = secret_of(path, create=lambda: b"1" * 32)
    assert secret_of(path, create=lambda: b"2" * 32) == first == b"1" * 32
    assert [item.name for item in path.parent.iterdir()] == ["token.key"]


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Three files, three keys; who may check the audit trail cannot open the record."""
    keys = key_ring(tmp_path / "keys", mac="sm3", cipher="sm4")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(FILES)
    assert len({keys.secret, keys.mac.key, keys.seal.key}) == 3
    assert (keys.mac.algorithm, keys.seal.algorithm) == ("sm3", "sm4")
    assert len(set(keys.ids.values())) == 3


def test_of_two_that_start_together_one_key_wins(tmp_path: Path) -> None:
    """A worker that loses the race uses the winner's key."""
    path = tmp_path / "token.key"

    def overtaken() -> bytes:
        secret_of(path, create=lambda: b"1" * 32)
        return b"2" * 32

    assert secret_of(path, create=overtaken) == b"1" * 32


def test_nobody_else_can_read_the_key(tmp_path: Path) -> None:
    """File 0600, folder 0700."""
    path = tmp_path / "keys" / "token.key"
    secret_of(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    """A leaked key makes every token guessable."""
    path = tmp_path / "token.key"
    secret_of(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"密钥文件权限为 0640，须为 0600：token\.key"):
        secret_of(path)


def test_a_cut_key_is_refused(tmp_path: Path) -> None:
    """Half a key would quietly make other tokens."""
    path = tmp_path / "token.key"
    secret_of(path)
    path.write_bytes(b"short")
    with pytest.raises(KeyFileError, match="应为 32 字节，实为 5 字节"):
        secret_of(path)


def test_tokens_and_body_digests_are_apart() -> None:
    """The digest of a body can never be taken for a token, and neither shows the key."""
    keys = KeyRing(b"k" * 32, Mac(b"a" * 32), Seal(b"d" * 32))
    assert keys.token("x") == join_token(b"k" * 32, "x") != keys.body(b"x")
    assert len(keys.token("x")) == 64
    assert not {"kkkk", "aaaa", "dddd"} & {repr(keys)[n : n + 4] for n in range(len(repr(keys)))}
