"""Settings of the online service: read once from the environment, typed, unsafe ones refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "FENLIU_"
_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"", "0", "false", "no"})
_LOG_LEVELS = ("debug", "info", "warning", "error")
_CHOICES = {"log_level": _LOG_LEVELS, "mac": ("sha256", "sm3"), "cipher": ("aes", "sm4")}
_ELSEWHERE = frozenset({"FENLIU_API_KEY", "FENLIU_LANG", "FENLIU_USER"})
"""Names of variables that other parts of the project read."""
_POSTGRESQL = ("postgresql://", "postgres://")


class SettingsError(ValueError):
    """A setting is not readable or not safe; the service does not start with it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may set; every name is an environment variable `FENLIU_<NAME>`.

    `allow_remote` lets clients of other machines in; a host address that they
    can reach is refused unless it is on, so that nobody opens the service by
    accident. Encryption is the work of a proxy in front: `trusted_proxies` are
    the addresses or networks whose `X-Forwarded-For` is believed. `hosts` are the names
    by which clients may call the service (a guard against DNS rebinding);
    empty means: the names of this machine's loopback, or any when remote
    clients are allowed. `queue` is how many calls of one worker may wait.
    `rules` is the court's own rule table; without it the shipped one is used.
    With `watch_rules` a changed rule table is taken while the service runs,
    otherwise at the next start. `drain_seconds` is how long the service that
    is told to stop says that it is not ready, before it ends. On
    `metrics_port` (0: none) of `metrics_host` a monitoring system finds figures.
    `database` is empty for an SQLite file in the home, or the address of a
    PostgreSQL database with the service's role, `postgresql://role:password@host/name`;
    `database_owner` the same with the role that owns the tables, which only
    `fenliu-serve migrate`, `backup` and `restore` use. `mac` (sha256, sm3) and `cipher` (aes, sm4)
    choose the algorithms of the audit chain and of stored data. `heads` is the
    folder of the exported heads of the audit chain, best on another machine;
    its ledger gets a line every `heads_seconds`.

    `signers` is a file with the names and public keys of those who may vouch
    for a model: a bundle answers only if `signatures` different people of it
    have signed. Without it signatures are not asked for.

    Traffic: one worker takes `rate_principal` calls a second of each key or
    account, `rate_address` of each address, and `queue` calls at once.

    Access: an account is locked for `lock_minutes` after `login_tries` wrong
    passwords; a session ends after `idle_minutes` without a call and after
    `session_hours` in any case; `password_complexity` and `password_days` (0:
    never) are what 等保 level 3 asks of passwords. `oidc_issuer` names the
    court's own log-in service (OpenID Connect), where this service is
    `oidc_client_id` with the secret in `oidc_secret_file`; `oidc_base_url` is
    under which address browsers reach us, `oidc_claim` what tells a person's
    number there, `oidc_ca_file` who vouches for its certificate.

    Retention: the content of an answer is erased `retention_advice_days` after
    it expired, lines of a list `retention_job_days` after it could no longer be
    asked for; 0, as shipped, keeps them until the court sets a period.
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
    watch_rules: bool = False
    signers: Path | None = None
    signatures: int = 1
    drain_seconds: int = 5
    metrics_port: int = 0
    metrics_host: str = "127.0.0.1"
    database: str = field(default="", repr=False)
    database_owner: str = field(default="", repr=False)
    mac: str = "sha256"
    cipher: str = "aes"
    heads: Path | None = None
    heads_seconds: int = 600
    trusted_proxies: tuple[str, ...] = ()
    rate_principal: int = 300
    rate_address: int = 600
    login_tries: int = 5
    lock_minutes: int = 15
    idle_minutes: int = 15
    session_hours: int = 12
    password_complexity: bool = True
    password_days: int = 90
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret_file: Path | None = None
    oidc_base_url: str = ""
    oidc_claim: str = "sub"
    oidc_ca_file: Path | None = None
    retention_advice_days: int = 0
    retention_job_days: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range or unsafe."""
        _check_range("PORT", self.port, low=1, high=65535)
        _check_range("WORKERS", self.workers, low=1, high=64)
        _check_range("DRAIN_SECONDS", self.drain_seconds, low=0, high=300)
        _check_range("METRICS_PORT", self.metrics_port, low=0, high=65535)
        _check_range("QUEUE", self.queue, low=1, high=10_000)
        _check_range("ADVICE_DAYS", self.advice_days, low=1, high=3650)
        _check_range("HEADS_SECONDS", self.heads_seconds, low=1, high=86_400)
        _check_range("BUSY_TIMEOUT_MS", self.busy_timeout_ms, low=1000, high=60_000)
        _check_range("RATE_PRINCIPAL", self.rate_principal, low=1, high=100_000)
        _check_range("RATE_ADDRESS", self.rate_address, low=1, high=100_000)
        _check_range("SIGNATURES", self.signatures, low=1, high=5)
        _check_range("LOGIN_TRIES", self.login_tries, low=3, high=20)
        _check_range("LOCK_MINUTES", self.lock_minutes, low=1, high=1440)
        _check_range("IDLE_MINUTES", self.idle_minutes, low=1, high=60)
        _check_range("SESSION_HOURS", self.session_hours, low=1, high=24)
        _check_range("PASSWORD_DAYS", self.password_days, low=0, high=3650)
        _check_range("RETENTION_ADVICE_DAYS", self.retention_advice_days, low=0, high=36_500)
        _check_range("RETENTION_JOB_DAYS", self.retention_job_days, low=0, high=36_500)
        for network in self.trusted_proxies:
            _check_network(network)
        _check_single_sign_on(self)
        for name, allowed in _CHOICES.items():
            _check_choice(name.upper(), getattr(self, name), allowed)
        for name in ("database", "database_owner"):
            _check_database(name.upper(), getattr(self, name))
        for name in ("host", "metrics_host"):
            self._check_reach(name.upper(), getattr(self, name))
        _check_together(self)

    def _check_reach(self, name: str, host: str) -> None:
        if not self.allow_remote and not is_loopback(host):
            msg = (
                f"FENLIU_{name}={host!r} 可被其他机器访问；确需如此请设 FENLIU_ALLOW_REMOTE=1，"
                "并由反向代理加密传输 / "
                "this address is reachable by other machines; set FENLIU_ALLOW_REMOTE=1 if that is meant, "
                "and let a proxy in front encrypt"
            )
            raise SettingsError(msg)

    @property
    def place(self) -> Path | str:
        """Where the record is: the SQLite file, or the address of the PostgreSQL database."""
        return self.database or self.database_file

    @property
    def database_file(self) -> Path:
        """The SQLite file of the store, where no other database is named."""
        return self.home / "fenliu.db"

    @property
    def key_folder(self) -> Path:
        """The folder of the secret keys, outside the database."""
        return self.home / "keys"

    @property
    def heads_folder(self) -> Path:
        """The second place of the audit chain's heads."""
        return self.heads or self.home / "heads"

    @property
    def bundles(self) -> Path:
        """The folder of promoted bundles and of the file `current`."""
        return self.home / "bundles"

    @property
    def metrics_folder(self) -> Path:
        """Where the workers share their figures, emptied at every start."""
        return self.home / "run" / f"metrics-{self.port}"

    @property
    def draining_file(self) -> Path:
        """While this file is there, the service on this port says that it is not ready."""
        return self.home / "run" / f"draining-{self.port}"

    @property
    def workers_folder(self) -> Path:
        """Where each worker of this machine says what it answers with."""
        return self.home / "run" / "workers"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from environment variables; variables with other beginnings are ignored.

        Raises
        ------
        SettingsError
            A value cannot be read, is out of range or is not safe, two of them
            contradict each other, or a name is none: a mistyped setting would
            silently not be made, and a record go to the wrong database.
        """
        _check_names(environ)
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


def _check_names(environ: Mapping[str, str]) -> None:
    """Refuse names that nobody reads; their values are not repeated, one may be a password."""
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    strangers = sorted(name for name in environ if name.startswith(PREFIX) and name not in known | _ELSEWHERE)
    if not strangers:
        return
    near = [close for name in strangers for close in get_close_matches(name, known, n=1)]
    zh, en = (f"；是否指 {'、'.join(near)}", f"; did you mean {', '.join(near)}") if near else ("", "")
    listed = "、".join(strangers)
    msg = f"不认识的设置 {listed}{zh}？请改正或删去 / unknown settings: {listed}{en}? Correct or remove them"
    raise SettingsError(msg)


def _check_together(settings: Settings) -> None:
    """Refuse settings that contradict each other or do nothing alone."""
    alone = [
        (settings.watch_rules and settings.rules is None, "WATCH_RULES", "RULES"),
        (settings.signatures > 1 and settings.signers is None, "SIGNATURES", "SIGNERS"),
        (settings.database_owner and not settings.database, "DATABASE_OWNER", "DATABASE"),
        (settings.oidc_client_id and not settings.oidc_issuer, "OIDC_CLIENT_ID", "OIDC_ISSUER"),
        (settings.oidc_secret_file and not settings.oidc_issuer, "OIDC_SECRET_FILE", "OIDC_ISSUER"),
    ]
    for found, name, other in alone:
        if found:
            msg = f"FENLIU_{name} 须与 FENLIU_{other} 一并设置 / must be set together with FENLIU_{other}"
            raise SettingsError(msg)
    if settings.metrics_port == settings.port and settings.metrics_host == settings.host:
        port = settings.port
        msg = f"FENLIU_METRICS_PORT 与 FENLIU_PORT 同为 {port}，须不同 / both are {port}; they must differ"
        raise SettingsError(msg)


def _check_range(name: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        msg = f"FENLIU_{name} 须在 {low} 至 {high} 之间，收到 {value} / must be between {low} and {high}, got {value}"
        raise SettingsError(msg)


def _check_single_sign_on(settings: Settings) -> None:
    """Refuse half a setting of the log-in service, and addresses that travel unencrypted beyond this machine."""
    if not settings.oidc_issuer:
        return
    for name in ("oidc_issuer", "oidc_base_url"):
        place = urlsplit(getattr(settings, name))
        safe = place.scheme == "https" or (place.scheme == "http" and is_loopback(place.hostname or ""))
        if not safe or place.query or place.fragment or (name == "oidc_base_url" and place.path not in {"", "/"}):
            msg = f"FENLIU_{name.upper()} 须为 https:// 开头的地址 / must be an address that begins with https://"
            raise SettingsError(msg)
    if not settings.oidc_client_id:
        msg = "FENLIU_OIDC_CLIENT_ID 须与 FENLIU_OIDC_ISSUER 一并设置 / must be set together with FENLIU_OIDC_ISSUER"
        raise SettingsError(msg)


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        msg = f"FENLIU_TRUSTED_PROXIES 须为地址或网段，收到 {text!r} / must be addresses or networks, got {text!r}"
        raise SettingsError(msg) from None


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        msg = f"FENLIU_{name} 须为 {'、'.join(allowed)} 之一，收到 {value!r} / must be one of these"
        raise SettingsError(msg)


def _check_database(name: str, address: str) -> None:
    """Refuse other databases; the address itself is not repeated, it may hold a password."""
    if address and not address.startswith(_POSTGRESQL):
        msg = (
            f"FENLIU_{name} 须为 postgresql://用户:口令@主机/库名，或留空使用 SQLite / "
            "must be postgresql://role:password@host/name, or empty for SQLite"
        )
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
    "watch_rules": _yes_no,
    "signers": _path,
    "signatures": _whole,
    "drain_seconds": _whole,
    "metrics_port": _whole,
    "metrics_host": _text,
    "database": _text,
    "database_owner": _text,
    "mac": _text,
    "cipher": _text,
    "heads": _path,
    "heads_seconds": _whole,
    "trusted_proxies": _words,
    "rate_principal": _whole,
    "rate_address": _whole,
    "login_tries": _whole,
    "lock_minutes": _whole,
    "idle_minutes": _whole,
    "session_hours": _whole,
    "password_complexity": _yes_no,
    "password_days": _whole,
    "oidc_issuer": _text,
    "oidc_client_id": _text,
    "oidc_secret_file": _path,
    "oidc_base_url": _text,
    "oidc_claim": _text,
    "oidc_ca_file": _path,
    "retention_advice_days": _whole,
    "retention_job_days": _whole,
}
