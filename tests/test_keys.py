"""The key files: made once, for this service alone."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from features.tokens import join_token
from serving.audit.heads import WITNESS
from serving.ciphers import Mac, Seal
from serving.keys import FILES, KeyFileError, KeyRing, key_ring, secret_of
from serving.opening import keys_of
from serving.settings import Settings


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    """The first start makes them, every later one reads them."""
    first = key_ring(tmp_path / "keys")
    assert key_ring(tmp_path / "keys") == first
    assert sorted(item.name for item in (tmp_path / "keys").iterdir()) == sorted(FILES)


@pytest.mark.parametrize("lost", FILES)
def test_no_key_is_made_in_the_place_of_a_lost_one(tmp_path: Path, lost: str) -> None:
    """A stray key in its place would be taken for the right one."""
    key_ring(tmp_path)
    (tmp_path / lost).unlink()
    with pytest.raises(KeyFileError, match=rf"缺少密钥文件 {lost}；请先放回"):
        key_ring(tmp_path)
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(set(FILES) - {lost})


def test_earlier_data_keys_alone_are_no_first_use(tmp_path: Path) -> None:
    """Who has only a key of before has lost the others."""
    key_ring(tmp_path)
    for name in FILES:
        (tmp_path / name).rename(tmp_path / f"data-{name}")
    with pytest.raises(KeyFileError, match="缺少密钥文件 token"):
        key_ring(tmp_path)


def test_a_record_that_is_known_has_had_keys(tmp_path: Path) -> None:
    """All key files lost, and the second place knows of a record: no new ones."""
    settings = Settings(home=tmp_path)
    keys_of(settings)
    shutil.rmtree(settings.key_folder)
    settings.heads_folder.mkdir()
    (settings.heads_folder / WITNESS).write_text("x", encoding="utf-8")
    with pytest.raises(KeyFileError, match="缺少密钥文件 token"):
        keys_of(settings)
    assert not settings.key_folder.exists()


@pytest.mark.parametrize("linked", [0, 1, 2, 3])
def test_making_keys_survives_a_kill(tmp_path: Path, linked: int) -> None:
    """Killed after some keys got their places, the next start finishes with those that were drafted."""
    keys = key_ring(tmp_path)
    for name in FILES[linked:]:
        (tmp_path / name).rename(tmp_path / f".{name}.new")
    again = key_ring(tmp_path)
    assert (again == keys) is (linked > 0)
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(FILES)


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Three files, three keys; who may check the audit trail cannot open the record."""
    keys = key_ring(tmp_path / "keys", mac="sm3", cipher="sm4")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(FILES)
    assert len({keys.secret, keys.mac.key, keys.seal.key}) == 3
    assert (keys.mac.algorithm, keys.seal.algorithm) == ("sm3", "sm4")
    assert len(set(keys.ids.values())) == 3


def test_of_those_that_start_together_one_makes_the_keys(tmp_path: Path) -> None:
    """A worker that loses the race uses the winner's keys."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: key_ring(tmp_path / "keys").ids, range(16)))
    assert all(ids == found[0] for ids in found)


def test_nobody_else_can_read_the_key(tmp_path: Path) -> None:
    """File 0600, folder 0700."""
    path = tmp_path / "keys" / "token.key"
    key_ring(path.parent)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    """A leaked key makes every token guessable."""
    path = tmp_path / "token.key"
    key_ring(tmp_path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"密钥文件权限为 0640，须为 0600：token\.key"):
        secret_of(path)


def test_a_cut_key_is_refused(tmp_path: Path) -> None:
    """Half a key would quietly make other tokens."""
    path = tmp_path / "token.key"
    key_ring(tmp_path)
    path.write_bytes(b"short")
    with pytest.raises(KeyFileError, match="应为 32 字节，实为 5 字节"):
        secret_of(path)


def test_tokens_and_body_digests_are_apart() -> None:
    """The digest of a body can never be taken for a token, and neither shows the key."""
    keys = KeyRing(b"k" * 32, Mac(b"a" * 32), Seal(b"d" * 32))
    assert keys.token("x") == join_token(b"k" * 32, "x") != keys.body(b"x")
    assert len(keys.token("x")) == 64
    assert not {"kkkk", "aaaa", "dddd"} & {repr(keys)[n : n + 4] for n in range(len(repr(keys)))}
