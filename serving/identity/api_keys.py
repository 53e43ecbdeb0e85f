"""API keys of intake systems: made once, shown once, recognised by their digest, and ended by time or by hand."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from serving.access.actions import ADMINISTRATION, OWN, Action
from serving.access.origin import Origin
from serving.access.principal import Courts, Principal
from serving.repositories.api_keys import ApiKeyStore, KeyRow

_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 4
_FORM: Final = re.compile(r"fk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
_CLIENT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_NO_DIGEST: Final = "0" * 64
MOST_DAYS: Final = 730


class ApiKeyError(ValueError):
    """A key cannot be made or ended as asked."""


class NoApiKeyError(ApiKeyError):
    """There is no such key."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a key is good for: which actions, at which courts, for how long."""

    actions: frozenset[Action]
    courts: Courts
    lasts: timedelta

    def __post_init__(self) -> None:
        """Refuse what no system may hold."""
        strange = self.actions & (ADMINISTRATION | OWN)
        if strange or not self.actions:
            names = "、".join(sorted(strange)) or "（空）"
            msg = (
                f"接口密钥不得用于 {names}；请只列业务操作，如 score.create / "
                f"a key is for work on cases such as score.create, not for {', '.join(sorted(strange)) or 'nothing'}"
            )
            raise ApiKeyError(msg)
        if not timedelta() < self.lasts <= timedelta(days=MOST_DAYS):
            days = self.lasts.days
            msg = f"有效期须为 1 至 {MOST_DAYS} 天，收到 {days} / a key lasts 1 to {MOST_DAYS} days, got {days}"
            raise ApiKeyError(msg)


@dataclass(frozen=True)
class Made:
    """A new key: what is on record, and the text that is shown this once."""

    row: KeyRow
    text: str


@dataclass(frozen=True)
class ApiKeys:
    """Makes, lists, ends and recognises keys."""

    records: ApiKeyStore
    clock: Callable[[], datetime]

    def create(self, client: str, scope: Scope, *, origin: Origin) -> Made:
        """Make the first key of a system; one that an administrator makes waits until another has approved it.

        Raises
        ------
        ApiKeyError
            The name is none, or the system has a key: then `rotate`.
        """
        if not _CLIENT.fullmatch(client):
            msg = (
                "系统名须为 2 至 64 个小写字母、数字、点、下划线或连字符 / "
                "a system's name has 2 to 64 small letters, digits, dots, underscores or hyphens"
            )
            raise ApiKeyError(msg)
        if self._living(client):
            msg = (
                f"{client} 已有有效或待核准的密钥；更换请用 fenliu-serve keys rotate {client} / "
                f"{client} has a key, valid or waiting; use fenliu-serve keys rotate {client} to change over"
            )
            raise ApiKeyError(msg)
        return self._add(client, scope, origin=origin)

    def rotate(self, client: str, *, lasts: timedelta, overlap: timedelta, origin: Origin) -> Made:
        """Make a second key of the same scope; once it is approved the first one ends after the overlap at the latest.

        Raises
        ------
        ApiKeyError
            The system has no valid key, or has two already.
        """
        living = self._living(client)
        if len(living) != 1 or living[0].approved_at is None:
            msg = (
                f"{client} 有 {len(living)} 把有效或待核准的密钥，更换须恰有一把有效的；请先撤销、核准或新建 / "
                f"{client} has {len(living)} keys, valid or waiting; changing over needs exactly one valid key: "
                "revoke, approve or create first"
            )
            raise ApiKeyError(msg)
        row = living[0]
        actions = frozenset(Action(word) for word in row.actions.split(","))
        scope = Scope(actions=actions, courts=Courts.read(row.courts), lasts=lasts)
        return self._add(client, scope, origin=origin, overlap=overlap)

    def approve(self, key_id: str, *, origin: Origin) -> None:
        """Let a key open what it was made for; never by whoever made it.

        Raises
        ------
        NoApiKeyError
            No key of this id waits.
        ApiKeyError
            Somebody wants to approve his own.
        """
        row = self.records.find(key_id)
        if row is not None and row.created_by == origin.by.actor and origin.by.kind == "account":
            msg = "不得核准自己签发的密钥 / nobody approves a key that he made himself"
            raise ApiKeyError(msg)
        if not self.records.approve(key_id, origin=origin, at=self.clock()):
            msg = f"没有待核准的密钥 {key_id} / no key {key_id} waits for approval"
            raise NoApiKeyError(msg)

    def revoke(self, key_id: str, *, origin: Origin) -> None:
        """End a key at once.

        Raises
        ------
        ApiKeyError
            There is no such key, or it was revoked before.
        """
        if not self.records.revoke(key_id, origin=origin, at=self.clock()):
            msg = f"没有可撤销的密钥 {key_id} / there is no key {key_id} to revoke"
            raise NoApiKeyError(msg)

    def every(self) -> list[KeyRow]:
        """Return every key there ever was; none of them can be shown again."""
        return self.records.all()

    def recognise(self, text: str) -> Principal | None:
        """Return whose valid key this is; None for any other text, without telling why."""
        match = _FORM.fullmatch(text)
        row = self.records.find(match[1]) if match else None
        known = row.secret_sha256 if row else _NO_DIGEST
        same = hmac.compare_digest(_digest(match[2] if match else ""), known)
        now = self.clock()
        if not (row and same and row.is_valid(now)):
            return None
        if row.last_used_on != now.date().isoformat():
            self.records.note_use(row.id, now.date())
        return Principal(
            kind="key",
            id=row.client,
            credential=row.id,
            courts=Courts.read(row.courts),
            actions=frozenset(Action(word) for word in row.actions.split(",")),
        )

    def _living(self, client: str) -> list[KeyRow]:
        now = self.clock()
        return [row for row in self.records.all() if row.client == client and row.lives(now)]

    def _add(self, client: str, scope: Scope, *, origin: Origin, overlap: timedelta | None = None) -> Made:
        now = self.clock()
        waits = origin.by.kind == "account"
        secret, key_id = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_hex(_ID_BYTES)
        row = KeyRow(
            id=key_id,
            client=client,
            secret_sha256=_digest(secret),
            actions=",".join(sorted(scope.actions)),
            courts=str(scope.courts),
            created_at=now.isoformat(timespec="seconds"),
            created_by=origin.by.actor,
            expires_at=(now + scope.lasts).isoformat(timespec="seconds"),
            approved_at=None if waits else now.isoformat(timespec="seconds"),
            approved_by=None if waits else origin.by.actor,
            overlap_days=None if overlap is None else overlap.days,
        )
        self.records.add(row, origin=origin, at=now)
        return Made(row, f"fk_{key_id}_{secret}")


def _digest(secret: str) -> str:
    """Return SHA-256 of the secret: 32 random bytes cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
