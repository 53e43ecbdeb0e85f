"""Who is calling: an API key, an account or this machine's own command, with what it may do and for which courts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from serving.access.actions import Action
from serving.access.roles import Role

Kind = Literal["key", "account", "local", "cli", "nobody"]

PRINCIPAL: Final = "fenliu.principal"
"""Key of the request's scope under which the guard leaves the principal."""


@dataclass(frozen=True)
class Courts:
    """The courts whose cases somebody may see: the named ones, or every one when `codes` is None."""

    codes: frozenset[str] | None

    def __contains__(self, court: str) -> bool:
        """Whether the court with this code is among them."""
        return self.codes is None or court in self.codes

    def __str__(self) -> str:
        """Return the codes as the command line writes them; `*` for every court."""
        return "*" if self.codes is None else ",".join(sorted(self.codes))

    @classmethod
    def read(cls, text: str) -> Courts:
        """Read what `str` has written."""
        return EVERY_COURT if text == "*" else cls(frozenset(code for code in text.split(",") if code))


EVERY_COURT: Final = Courts(None)
NO_COURT: Final = Courts(frozenset())


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whoever makes a call.

    `id` is the name of a system or an account, `credential` the key that the
    system used: it changes, what belongs to the system stays. `csrf` is the
    token that a page must send back with every change; only sessions have
    one. `pending` is the problem that stands before everything else, such as
    a password that must be changed first.
    """

    kind: Kind
    id: str
    credential: str = ""
    roles: frozenset[Role] = frozenset()
    courts: Courts = NO_COURT
    actions: frozenset[Action] = frozenset()
    csrf: str = field(default="", repr=False)
    pending: str = ""

    @property
    def owner(self) -> str:
        """To whom records, jobs and keys of calls belong: the same for both keys of a system that changes over."""
        return f"{self.kind}:{self.id}"

    @property
    def actor(self) -> str:
        """The name under which audit rows keep the principal, to the very key."""
        return f"{self.owner}/{self.credential}" if self.credential else self.owner

    @property
    def role(self) -> str:
        """The roles in one word for an audit row; empty for keys, which have actions instead."""
        return ",".join(sorted(self.roles))

    def may(self, action: Action, court: str | None = None) -> bool:
        """Whether this is permitted, and, where a court is named, permitted there."""
        return action in self.actions and (court is None or court in self.courts)


NOBODY: Final = Principal(kind="nobody", id="-")
"""A caller who has not said who he is, or not proven it."""
