"""Passwords: told apart without being readable, and weak ones refused with a reason that does not repeat them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.identity.passwords import Cost, Rules, WeakPasswordError, check, hashed, is_dated, matches, new_password

CHEAP = Cost(log_n=4, block=1, lanes=1)
GOOD = "Xiaoshan-2026-qiu"


def test_a_password_is_known_by_its_hash_and_no_other_is() -> None:
    """The same again, not a similar one; the hash repeats neither."""
    stored = hashed(GOOD, CHEAP)
    assert matches(stored, GOOD)
    assert not matches(stored, GOOD.lower())
    assert GOOD not in stored


def test_the_same_password_is_never_stored_twice_alike() -> None:
    """Each has its own salt."""
    assert hashed(GOOD, CHEAP) != hashed(GOOD, CHEAP)


def test_the_cost_stands_in_the_hash_and_can_be_raised() -> None:
    """An old hash still works and is known to be old."""
    stored = hashed(GOOD, CHEAP)
    dearer = Cost(log_n=5, block=1, lanes=1)
    assert stored.startswith("scrypt$4$1$1$")
    assert (is_dated(stored, CHEAP), is_dated(stored, dearer)) == (False, True)
    assert matches(stored, GOOD)


def test_the_usual_cost_is_the_recommended_one() -> None:
    """N = 2**15, r = 8, p = 3."""
    assert Cost() == Cost(log_n=15, block=8, lanes=3)


def test_two_spellings_of_a_letter_are_one_password() -> None:
    """A composed and a decomposed accent, full-width and half-width forms."""
    assert matches(hashed("Caf\u00e9-ＡＢＣ-12345", CHEAP), "Cafe\u0301-ABC-12345")


@pytest.mark.parametrize(("password", "why"), [
    ("Ab1-ef", "10 至 128"), ("A1-" + "b" * 200, "10 至 128"), ("abcdefghijkl", "三种"), ("abcdefgh1234", "三种"),
    ("Abcd-ef\u200b1234", "不可见"), ("Abcd-ef\x001234", "控制"), ("Li.Ming-2026-x", "账户名"),
    ("My-Password-99", "常见"), ("Xx-123456-yy", "常见"), ("Aa1-Aa1-Aa1-", "常见"),
])  # fmt: skip
def test_weak_passwords_are_refused_with_the_reason(password: str, why: str) -> None:
    """Short, long, plain, hidden characters, common words, the account's own name; both languages."""
    with pytest.raises(WeakPasswordError, match=f"{why}.* / ") as caught:
        check(password, name="li.ming", rules=Rules())
    assert password not in str(caught.value)


def test_without_complexity_length_is_asked_for_instead() -> None:
    """Fifteen letters of one kind pass, fourteen do not."""
    check("meiyourenzhidao", name="li.ming", rules=Rules(complexity=False))
    with pytest.raises(WeakPasswordError, match="15 至 128"):
        check("meiyourenzhida", name="li.ming", rules=Rules(complexity=False))


def test_a_made_password_satisfies_every_rule() -> None:
    """An administrator can hand it over as it is."""
    for rules in (Rules(), Rules(complexity=False)):
        check(new_password(), name="li.ming", rules=rules)
    for _ in range(200):
        check(new_password("q"), name="q", rules=Rules())


@given(password=st.text(min_size=1, max_size=40), other=st.text(min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_a_password(password: str, other: str) -> None:
    """Hashing never fails on what a keyboard can send, and equal means equal."""
    stored = hashed(password, CHEAP)
    assert matches(stored, password)
    assert not matches(stored, other + password)
