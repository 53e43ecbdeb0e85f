"""Accounts of the people of the court: opened, closed, given roles and passwords."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.access.roles import Role, checked_roles
from serving.identity import passwords
from serving.identity.policy import Policy
from serving.repositories.accounts import AccountRow, AccountStore, no_account
from serving.repositories.failures import FailureStore

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_MOST_SHOWN: Final = 40


class AccountError(ValueError):
    """An account cannot be made or changed as asked."""


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Somebody who is to get an account."""

    name: str
    roles: frozenset[Role] = frozenset()
    courts: Courts
    display_name: str = ""
    external_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse names that cannot be, and roles that nobody may hold together."""
        if not _NAME.fullmatch(self.name):
            msg = (
                "账户名须以小写字母开头，2 至 32 个小写字母、数字、点、下划线或连字符 / "
                "an account's name has 2 to 32 small letters, digits, dots, underscores or hyphens, a letter first"
            )
            raise AccountError(msg)
        if len(self.display_name) > _MOST_SHOWN:
            msg = f"显示名不得超过 {_MOST_SHOWN} 个字符 / a displayed name has at most {_MOST_SHOWN} characters"
            raise AccountError(msg)
        checked_roles(self.roles)


@dataclass(frozen=True)
class Accounts:
    """Opens and changes accounts; every step is on the audit chain and ends the account's sessions."""

    records: AccountStore
    failures: FailureStore
    policy: Policy
    clock: Callable[[], datetime]

    def create(
        self, applicant: Applicant, *, origin: Origin, password: str | None = None, must_change: bool = True
    ) -> str | None:
        """Open an account and return its password if one was made here; None if it was given or is not needed.

        Raises
        ------
        AccountError, RolesError, NameTakenError, WeakPasswordError
            What was asked for cannot be.
        """
        now = self.clock()
        chosen = password or (None if applicant.external_id else passwords.new_password(applicant.name))
        if chosen is not None:
            passwords.check(chosen, name=applicant.name, rules=self.policy.rules)
        row = AccountRow(
            name=applicant.name,
            display_name=self._sealed(applicant),
            password=None if chosen is None else passwords.hashed(chosen, self.policy.cost),
            password_changed_at=now.isoformat(timespec="seconds"),
            must_change=chosen is not None and must_change,
            external_id=applicant.external_id,
            roles=_listed(applicant.roles),
            courts=str(applicant.courts),
            created_at=now.isoformat(timespec="seconds"),
            created_by=origin.by.actor,
        )
        self.records.add(row, origin=origin, at=now)
        return None if password else chosen

    def disable(self, name: str, *, origin: Origin) -> None:
        """Close an account: it cannot log in, and its sessions end at once."""
        now = self.clock()
        values: dict[str, object] = {"disabled_at": now.isoformat(timespec="seconds")}
        self.records.change(name, "account.disable", origin=origin, at=now, values=values)

    def enable(self, name: str, *, origin: Origin) -> None:
        """Open a closed account again."""
        values: dict[str, object] = {"disabled_at": None}
        self.records.change(name, "account.enable", origin=origin, at=self.clock(), values=values)

    def grant(self, name: str, roles: Iterable[Role], courts: Courts, *, origin: Origin) -> None:
        """Give an account these roles for these courts, in place of those it had.

        Raises
        ------
        AccountError
            Somebody wants to give himself rights, or the account has a password that an administrator knows.
        RolesError
            Nobody may hold these together.
        """
        if origin.by.kind == "account" and origin.by.id == name:
            msg = "不得给自己授权，请由另一名安全管理员办理 / nobody grants himself rights; ask another one"
            raise AccountError(msg)
        row = self.records.get(name)
        if origin.by.kind == "account" and row is not None and row.must_change:
            msg = (
                "该账户的口令仍为管理员所设；请本人登录并修改口令、由您核实是其本人后再授权 / "
                "the account's password is known to an administrator; let its holder log in and change it, "
                "make sure it was him, then grant"
            )
            raise AccountError(msg)
        values: dict[str, object] = {
            "roles": _listed(checked_roles(roles)), "courts": str(courts), "rights_wait": False
        }  # fmt: skip
        self.records.change(name, "account.grant", origin=origin, at=self.clock(), values=values)

    def link(self, name: str, external_id: str | None, *, origin: Origin) -> None:
        """Say by which number the court's log-in service knows the account."""
        values: dict[str, object] = {"external_id": external_id}
        self.records.change(name, "account.link", origin=origin, at=self.clock(), values=values)

    def unlock(self, name: str, *, origin: Origin) -> None:
        """Let an account try again that was locked after wrong passwords.

        Raises
        ------
        NoAccountError
            There is no such account.
        """
        if self.records.get(name) is None:
            raise no_account(name)
        subject = self.records.keys.subject("account", name)
        self.failures.unlock(subject, name, origin=origin, at=self.clock())

    def reset(self, name: str, *, origin: Origin, password: str | None = None, must_change: bool = True) -> str | None:
        """Give an account a new password, and return it if it was made here.

        Whoever sets another one's password could be him: what the account may
        do waits until the administrator of rights has granted it again. The
        command on the machine of the service can do everything in any case.
        """
        chosen = password or passwords.new_password(name)
        wait = {"rights_wait": True} if origin.by.kind == "account" else {}
        self._set(name, chosen, "account.reset", origin=origin, must_change=must_change, **wait)
        return None if password else chosen

    def change_password(self, name: str, *, now_used: str, new: str, origin: Origin) -> AccountRow:
        """Change one's own password and return the account; that the present one is right has been checked before.

        Raises
        ------
        WeakPasswordError
            The new one may not be used, or is the present one.
        """
        if passwords.spelt(new) == passwords.spelt(now_used):
            zh, en = "新口令不得与现口令相同", "the new password must not be the present one"
            raise passwords.WeakPasswordError(zh, en)
        return self._set(name, new, "account.password", origin=origin, must_change=False)

    def every(self) -> list[AccountRow]:
        """Return every account there ever was."""
        return self.records.all()

    def display_name(self, row: AccountRow) -> str:
        """Return how the person is called on pages; the account's name if nothing was said."""
        if row.display_name is None:
            return row.name
        return self.records.keys.seal.open(row.display_name, _place(row.name)).decode("utf-8")

    def _set(
        self, name: str, password: str, action: str, *, origin: Origin, must_change: bool, **more: object
    ) -> AccountRow:
        passwords.check(password, name=name, rules=self.policy.rules)
        now = self.clock()
        values: dict[str, object] = {
            "password": passwords.hashed(password, self.policy.cost),
            "password_changed_at": now.isoformat(timespec="seconds"),
            "must_change": must_change,
            **more,
        }
        return self.records.change(name, action, origin=origin, at=now, values=values)

    def _sealed(self, applicant: Applicant) -> bytes | None:
        if not applicant.display_name:
            return None
        return self.records.keys.seal.close(applicant.display_name.encode("utf-8"), _place(applicant.name))


def roles_of(row: AccountRow) -> frozenset[Role]:
    """Return the roles of an account."""
    return frozenset(Role(word) for word in row.roles.split(",") if word)


def _listed(roles: Iterable[Role]) -> str:
    return ",".join(sorted(roles))


def _place(name: str) -> str:
    return f"accounts.display_name:{name}"
