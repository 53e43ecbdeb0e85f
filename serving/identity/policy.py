"""How strictly people are let in: the court sets it, and what is shipped is what 等保 level 3 asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from serving.identity.passwords import Cost, Rules
from serving.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the settings say about accounts and sessions (GB/T 22239-2019, 8.1.4.1).

    An account is locked after `tries` wrong passwords within `lock`, for as
    long again; an address after four times as many, since one address may
    stand for a whole hall. A session ends after `idle` without a call, and in
    any case after `longest`. A password is good for `password_days`; 0 means
    for ever.
    """

    tries: int = 5
    lock: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=12)
    password_days: int = 90
    rules: Rules = field(default_factory=Rules)
    cost: Cost = field(default_factory=Cost)

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """Take the policy from the settings."""
        return cls(
            tries=settings.login_tries,
            lock=timedelta(minutes=settings.lock_minutes),
            idle=timedelta(minutes=settings.idle_minutes),
            longest=timedelta(hours=settings.session_hours),
            password_days=settings.password_days,
            rules=Rules(complexity=settings.password_complexity),
        )

    @property
    def address_tries(self) -> int:
        """How many wrong log-ins may come from one address."""
        return 4 * self.tries
