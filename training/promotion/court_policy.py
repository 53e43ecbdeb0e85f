"""What a court demands of a promotion: `promotion.toml` in its home, which no option of a command can loosen."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from training.config import Gate, build_typed, load_settings
from training.errors import CommandError
from training.provenance import Home

FILE: Final = "promotion.toml"
MOST_DAYS: Final = 90


@dataclass(frozen=True)
class Signer:
    """A person who may sign, and the account of the machine from which the signature must come."""

    name: str
    account: str


@dataclass(frozen=True)
class CourtPolicy:
    """How many different people sign, who they are, which gates hold, whether simulated bundles may ever answer.

    Without `signers` a name is taken as it is given, beside the account it
    came from. A request that is not signed within `days` has lapsed. A file
    without gates means the shipped ones. An installation without the file is
    nobody's court yet: one signature, the gates of the evaluation alone, and
    demonstrations are allowed.
    """

    signatures: int = 1
    days: int = 14
    demo: bool = False
    signers: tuple[Signer, ...] = ()
    gates: tuple[Gate, ...] = field(default=())

    @classmethod
    def of(cls, home: Home) -> CourtPolicy:
        """Read the court's file.

        Raises
        ------
        CommandError
            CONFIG: it is no TOML, holds an unknown key, or demands what cannot be.
        """
        path = home.path / FILE
        if not path.is_file():
            return cls(demo=True)
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise CommandError("CONFIG", f"{path} 无法解析：{error}", f"{path} cannot be parsed: {error}") from error
        policy = build_typed(cls, document)
        _check(policy)
        return policy if policy.gates else replace(policy, gates=load_settings().gates)

    def signer(self, by: str | None, account: str) -> str:
        """Return who signs from this account.

        Raises
        ------
        CommandError
            NOT_A_SIGNER: the court lists its signers, and this account is none of them or another's.
        """
        if not self.signers:
            return by.strip() if by and by.strip() else account
        known = {one.account: one.name for one in self.signers}
        name = known.get(account)
        if name is None or (by is not None and same_person(by, name) is False):
            zh = f"账户 {account} 不得以 {by or account} 的名义签署"
            raise CommandError("NOT_A_SIGNER", zh, f"account {account} may not sign as {by or account}")
        return name


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, however they are spaced, widened or capitalised."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _check(policy: CourtPolicy) -> None:
    if policy.signatures not in (1, 2):
        zh = f"promotion.toml 的 signatures 应为 1 或 2，收到 {policy.signatures}"
        raise CommandError("CONFIG", zh, f"signatures in promotion.toml takes 1 or 2, got {policy.signatures}")
    if not 1 <= policy.days <= MOST_DAYS:
        zh = f"promotion.toml 的 days 应为 1 至 {MOST_DAYS}，收到 {policy.days}"
        raise CommandError("CONFIG", zh, f"days in promotion.toml takes 1 to {MOST_DAYS}, got {policy.days}")
    accounts, names = {one.account for one in policy.signers}, {_plain(one.name) for one in policy.signers}
    if policy.signers and min(len(accounts), len(names)) < max(policy.signatures, len(policy.signers)):
        zh = "promotion.toml 的 signers 须为不同的人、不同的账户，且不少于所需签署数"
        raise CommandError("CONFIG", zh, "signers in promotion.toml must be different people with different accounts")
