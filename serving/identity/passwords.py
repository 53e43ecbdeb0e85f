"""Passwords: stored so that nobody can read them, compared in constant time, refused when they are weak."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 128
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MOST_MEMORY: Final = 256 * 1024 * 1024
_WEAK: Final = (
    *("password", "passw0rd", "p@ssword", "p@ssw0rd", "qwerty", "asdfgh", "letmein", "welcome", "iloveyou", "abc123"),
    *("123456", "654321", "111111", "000000", "888888", "666666", "admin", "fenliu", "fayuan", "zhixing", "1q2w3e"),
    *("woaini", "a1b2c3", "qazwsx", "1qaz", "test123", "changeme", "mima"),
)
"""What people write when they are asked for a password; a password that contains one is refused."""

_SPELLED: Final = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Cost:
    """How much work one guess costs: scrypt with N = 2**`log_n`, r = `block`, p = `lanes`.

    The default needs 32 MiB and about a fifth of a second, which is what OWASP
    asks for. The numbers stand in each hash, so they can be raised later.
    """

    log_n: int = 15
    block: int = 8
    lanes: int = 3


@dataclass(frozen=True)
class Rules:
    """What a password must be (GB/T 22239-2019, 8.1.4.1 a).

    With `complexity` it needs ten characters of three kinds; without, fifteen
    of any kind, which is harder to guess and easier to keep in mind.
    """

    complexity: bool = True

    @property
    def least(self) -> int:
        """The fewest characters."""
        return 10 if self.complexity else 15


class WeakPasswordError(ValueError):
    """The password would be guessed; `zh` and `en` say what is wrong without repeating it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


def check(password: str, *, name: str, rules: Rules) -> None:
    """Refuse a password that is short, long, plain, common or made of the account's name.

    Raises
    ------
    WeakPasswordError
        It may not be used.
    """
    if not rules.least <= len(password) <= MOST_CHARACTERS:
        msg = f"口令须为 {rules.least} 至 {MOST_CHARACTERS} 个字符"
        raise WeakPasswordError(msg, f"a password has {rules.least} to {MOST_CHARACTERS} characters")
    if any(unicodedata.category(character).startswith("C") for character in password):
        msg = "口令不得含控制字符或不可见字符"
        raise WeakPasswordError(msg, "a password holds no control or hidden characters")
    if rules.complexity and _kinds(password) < 3:
        msg = "口令须含大写字母、小写字母、数字、其他字符中的三种"
        raise WeakPasswordError(msg, "a password has three of: capitals, small letters, digits, other characters")
    if _is_plain(password, name):
        msg = "口令过于常见或含账户名，请换一个"
        raise WeakPasswordError(msg, "the password is too common or holds the account's name; choose another")


def hashed(password: str, cost: Cost) -> str:
    """Return the password as it is stored: `scrypt`, its numbers, salt and hash."""
    salt = secrets.token_bytes(_SALT_BYTES)
    code = _scrypt(password, salt, cost)
    return "$".join(["scrypt", str(cost.log_n), str(cost.block), str(cost.lanes), _text(salt), _text(code)])


def matches(stored: str, password: str) -> bool:
    """Whether this is the password that was stored."""
    _, log_n, block, lanes, salt, code = stored.split("$")
    given = _scrypt(password, _bytes(salt), Cost(int(log_n), int(block), int(lanes)))
    return hmac.compare_digest(given, _bytes(code))


def is_dated(stored: str, cost: Cost) -> bool:
    """Whether the password was stored at another cost than is asked for today."""
    return stored.split("$")[1:4] != [str(cost.log_n), str(cost.block), str(cost.lanes)]


def new_password(name: str = "") -> str:
    """Return a fresh password for an account that satisfies every rule: four groups of five letters and digits."""
    while True:
        text = "-".join("".join(secrets.choice(_SPELLED) for _ in range(5)) for _ in range(4))
        if _kinds(text) == 4 and not _is_plain(text, name):
            return text


def _is_plain(password: str, name: str) -> bool:
    """Whether a password is common, or holds the account's name."""
    plain = spelt(password).casefold()
    named = bool(name) and name.casefold() in plain
    return named or any(word in plain for word in _WEAK) or len(set(plain)) < 5


def spelt(password: str) -> str:
    """Return the password in its one spelling: two keyboards may write the same letter differently."""
    return unicodedata.normalize("NFKC", password)


def _kinds(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
    found = sum(any(test(character) for character in password) for test in tests)
    caseless = any(c.isalpha() and not (c.isupper() or c.islower()) for c in password)
    return found + caseless


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(
        spelt(password).encode("utf-8"),
        salt=salt,
        n=2**cost.log_n,
        r=cost.block,
        p=cost.lanes,
        maxmem=_MOST_MEMORY,
        dklen=_HASH_BYTES,
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
