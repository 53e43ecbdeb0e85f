"""Settings of the online service: read once from the environment, typed, unsafe ones refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PREFIX = "FENLIU_"
_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"", "0", "false", "no"})
_LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(ValueError):
    """A setting is not readable or not safe; the service does not start with it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may set; every name is an environment variable `FENLIU_<NAME>`.

    `allow_remote` lets clients of other machines in. There is no access
    control in front of the routes yet, so it is off, and a host address that
    other machines can reach is refused unless it is on. `hosts` are the names
    by which clients may call the service (a guard against DNS rebinding);
    empty means: the names of this machine's loopback, or any when remote
    clients are allowed. `queue` is how many calls of one worker may wait.
    `rules` is the court's own rule table; without it the shipped one is used.
    """

    home: Path = Path(".fenliu")
    host: str = "127.0.0.1"
    port: int = 3000
    workers: int = 1
    allow_remote: bool = False
    hosts: tuple[str, ...] = ()
    queue: int = 64
    advice_days: int = 30
    busy_timeout_ms: int = 5000
    log_level: str = "info"
    rules: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range or unsafe."""
        _check_range("PORT", self.port, low=1, high=65535)
        _check_range("WORKERS", self.workers, low=1, high=64)
        _check_range("QUEUE", self.queue, low=1, high=10_000)
        _check_range("ADVICE_DAYS", self.advice_days, low=1, high=3650)
        _check_range("BUSY_TIMEOUT_MS", self.busy_timeout_ms, low=1000, high=60_000)
        if self.log_level not in _LOG_LEVELS:
            msg = f"FENLIU_LOG_LEVEL 须为 {'、'.join(_LOG_LEVELS)} 之一，收到 {self.log_level!r} / must be one of these"
            raise SettingsError(msg)
        if not self.allow_remote and not is_loopback(self.host):
            msg = (
                f"FENLIU_HOST={self.host!r} 可被其他机器访问，而服务尚无访问控制；确需如此请设 FENLIU_ALLOW_REMOTE=1 / "
                "this address is reachable by other machines and there is no access control yet; "
                "set FENLIU_ALLOW_REMOTE=1 if that is meant"
            )
            raise SettingsError(msg)

    @property
    def database(self) -> Path:
        """The file of the store."""
        return self.home / "fenliu.db"

    @property
    def key_file(self) -> Path:
        """The file of the secret key that turns identity numbers into tokens."""
        return self.home / "keys" / "token.key"

    @property
    def bundles(self) -> Path:
        """The folder of promoted bundles and of the file `current`."""
        return self.home / "bundles"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from environment variables; other variables are ignored.

        Raises
        ------
        SettingsError
            A value cannot be read, is out of range or is not safe.
        """
        names = [field.name for field in fields(cls) if environ.get(PREFIX + field.name.upper(), "")]
        values: dict[str, Any] = {
            name: _READERS[name](PREFIX + name.upper(), environ[PREFIX + name.upper()]) for name in names
        }
        return cls(**values)


def is_loopback(host: str) -> bool:
    """Whether the address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _check_range(name: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        msg = f"FENLIU_{name} 须在 {low} 至 {high} 之间，收到 {value} / must be between {low} and {high}, got {value}"
        raise SettingsError(msg)


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        msg = f"{name} 须为整数，收到 {text!r} / must be a whole number, got {text!r}"
        raise SettingsError(msg) from None


def _yes_no(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        msg = f"{name} 须为 1 或 0，收到 {text!r} / must be 1 or 0, got {text!r}"
        raise SettingsError(msg)
    return word in _TRUE


def _path(_: str, text: str) -> Path:
    return Path(text).expanduser()


def _words(_: str, text: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in text.split(",") if word.strip())


def _text(_: str, text: str) -> str:
    return text.strip()


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "home": _path,
    "host": _text,
    "port": _whole,
    "workers": _whole,
    "allow_remote": _yes_no,
    "hosts": _words,
    "queue": _whole,
    "advice_days": _whole,
    "busy_timeout_ms": _whole,
    "log_level": _text,
    "rules": _path,
}
