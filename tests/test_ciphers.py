"""Sealing and message codes: two families of algorithms, nothing that was changed or moved is believed."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.ciphers import CIPHERS, MACS, Mac, Seal, SealError

KEY = b"k" * 32
PLACE = "advice.input:SCR-20261120-000001"


@pytest.mark.parametrize("algorithm", CIPHERS)
@given(plain=st.binary(max_size=200))
def test_what_is_sealed_opens_to_the_same_bytes(algorithm: str, plain: bytes) -> None:
    """Whatever the bytes, under either cipher."""
    seal = Seal(KEY, algorithm)
    assert seal.open(seal.close(plain, PLACE), PLACE) == plain


@pytest.mark.parametrize("algorithm", CIPHERS)
def test_no_byte_of_an_envelope_can_be_changed(algorithm: str) -> None:
    """Version, algorithm, key id, nonce, content and tag are all protected; so is the length."""
    seal = Seal(KEY, algorithm)
    envelope = seal.close(b"content", PLACE)
    for place in range(len(envelope)):
        changed = bytearray(envelope)
        changed[place] ^= 1
        with pytest.raises(SealError, match=r"无法解密 advice\.input:SCR-20261120-000001"):
            seal.open(bytes(changed), PLACE)
    for cut in range(len(envelope)):
        with pytest.raises(SealError, match="cannot open"):
            seal.open(envelope[:cut], PLACE)


def test_an_envelope_opens_in_its_own_place_only() -> None:
    """Two records cannot exchange their contents."""
    seal = Seal(KEY)
    with pytest.raises(SealError, match="内容被改动或移位"):
        seal.open(seal.close(b"content", PLACE), "advice.input:SCR-20261120-000002")


def test_another_key_is_named_as_the_cause() -> None:
    """An operator who restored the wrong key file is told so."""
    with pytest.raises(SealError, match="由另一把密钥加密"):
        Seal(b"x" * 32).open(Seal(KEY).close(b"content", PLACE), PLACE)


def test_a_change_of_algorithm_leaves_old_envelopes_and_codes_readable() -> None:
    """A court that turns to the national algorithms keeps its record."""
    assert Seal(KEY, "sm4").open(Seal(KEY, "aes").close(b"content", PLACE), PLACE) == b"content"
    assert Mac(KEY, "sm3").matches(Mac(KEY, "sha256").of(b"row"), b"row")


def test_two_envelopes_of_the_same_content_differ() -> None:
    """Nobody can see that two cases say the same."""
    seal = Seal(KEY)
    assert seal.close(b"content", PLACE) != seal.close(b"content", PLACE)


def test_codes_are_those_of_the_standards() -> None:
    """HMAC-SHA-256 as Python has it, and HMAC-SM3 of a known vector."""
    assert Mac(KEY).of(b"row") == "sha256:" + hmac.new(KEY, b"row", "sha256").hexdigest()
    found = Mac(bytes(range(1, 33)), "sm3").of(
        b"abc" * 0 + b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    )
    assert found == "sm3:ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"


@pytest.mark.parametrize("algorithm", MACS)
def test_a_code_belongs_to_one_message_and_one_algorithm(algorithm: str) -> None:
    """A changed message, digit or algorithm name does not match."""
    mac = Mac(KEY, algorithm)
    code = mac.of(b"row")
    assert mac.matches(code, b"row")
    other = next(name for name in MACS if name != algorithm)
    for wrong in (
        code[:-1] + ("0" if code[-1] != "0" else "1"),
        other + code[code.index(":") :],
        code[5:],
        "x:" + code,
    ):
        assert not mac.matches(wrong, b"row")
    assert not mac.matches(code, b"row ")


def test_a_key_is_not_shown() -> None:
    """Neither in a log nor in a failure message."""
    assert "kkkk" not in repr(Seal(KEY)) + repr(Mac(KEY))
