"""What a court demands of a promotion: `promotion.toml` in its home, which no option and no page can loosen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.promotion.gates import Gate, shipped_gates
from models.promotion.refusal import PromotionError
from models.strict_table import Reading, Table

FILE: Final = "promotion.toml"
MOST_DAYS: Final = 90


@dataclass(frozen=True)
class Signer:
    """A person who may sign: the account of the machine, and of the service, from which the signature must come."""

    name: str
    account: str
    login: str = ""


@dataclass(frozen=True)
class CourtPolicy:
    """How many different people sign, who they are, which gates hold, whether simulated bundles may ever answer.

    Without `signers` a name is taken as it is given, beside the account it
    came from. A request that is not signed within `days` has lapsed. A file
    without gates means the shipped ones. An installation without the file is
    nobody's court yet (`stated` is false): one signature, the gates of the
    evaluation alone, and demonstrations are allowed.
    """

    signatures: int = 1
    days: int = 14
    demo: bool = False
    signers: tuple[Signer, ...] = ()
    gates: tuple[Gate, ...] = field(default=())
    stated: bool = True

    @classmethod
    def of(cls, home: Path) -> CourtPolicy:
        """Read the court's file.

        Raises
        ------
        PromotionError
            CONFIG: it is no TOML, holds an unknown key, or demands what cannot be.
        """
        path = home / FILE
        if not path.is_file():
            return cls(demo=True, stated=False)
        reading = Reading(FILE)
        try:
            policy = _policy(reading, reading.document(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise PromotionError("CONFIG", f"{path} 无法读取：{error}", f"{path} cannot be read: {error}") from error
        if reading.faults:
            faults = reading.faults
            zh = "；".join(f"{one.file} {one.place}：{one.zh}" for one in faults)
            raise PromotionError("CONFIG", zh, "; ".join(f"{one.file} {one.place}: {one.en}" for one in faults))
        return policy

    def signer(self, by: str | None, account: str) -> str:
        """Return who signs from this account of the machine.

        Raises
        ------
        PromotionError
            NOT_A_SIGNER: the court lists its signers, and this account is none of them or another's.
        """
        if not self.signers:
            return by.strip() if by and by.strip() else account
        name = {one.account: one.name for one in self.signers if one.account}.get(account)
        if name is None or (by is not None and same_person(by, name) is False):
            zh = f"账户 {account} 不得以 {by or account} 的名义签署"
            raise PromotionError("NOT_A_SIGNER", zh, f"account {account} may not sign as {by or account}")
        return name

    def signer_at(self, login: str) -> str:
        """Return who signs from this account of the service; the name of the account where no signers are listed.

        Raises
        ------
        PromotionError
            NOT_A_SIGNER: the court lists its signers, and this account is none of theirs.
        """
        if not self.signers:
            return login
        name = {one.login: one.name for one in self.signers if one.login}.get(login)
        if name is None:
            zh = f"账号 {login} 不在 {FILE} 所列的签署人（login）之中"
            raise PromotionError("NOT_A_SIGNER", zh, f"account {login} is no login of a signer in {FILE}")
        return name


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, however they are spaced, widened or capitalised."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _policy(reading: Reading, row: Table) -> CourtPolicy:
    reading.only("-", row, {"signatures", "days", "demo", "signers", "gates"})
    policy = CourtPolicy(
        signatures=_whole(reading, row, "signatures", default=1, most=2),
        days=_whole(reading, row, "days", default=14, most=MOST_DAYS),
        demo=reading.flag("-", row, "demo", default=False),
        signers=tuple(_signer(reading, one) for one in reading.tables("-", row, "signers")),
        gates=tuple(_gate(reading, one) for one in reading.tables("-", row, "gates")) or shipped_gates(),
    )
    _check_people(reading, policy.signers, policy.signatures)
    return policy


def _signer(reading: Reading, row: Table) -> Signer:
    reading.only("signers", row, {"name", "account", "login"})
    return Signer(
        name=reading.text("signers", row, "name"),
        account=reading.text("signers", row, "account"),
        login=reading.text("signers", row, "login", default=""),
    )


def _gate(reading: Reading, row: Table) -> Gate:
    reading.only("gates", row, {"name", "score", "measure", "at_least", "at_most", "beats"})
    limits = {
        name: reading.number("gates", row, name, least=-1e12, most=1e12)
        for name in ("at_least", "at_most")
        if name in row
    }
    return Gate(
        name=reading.text("gates", row, "name"),
        score=reading.text("gates", row, "score"),
        measure=reading.text("gates", row, "measure"),
        beats=reading.text("gates", row, "beats") if "beats" in row else None,
        **limits,
    )


def _whole(reading: Reading, row: Table, key: str, *, default: int, most: int) -> int:
    value = row.get(key, default)
    if type(value) is not int or not 1 <= value <= most:
        allowed = "1 或 2" if most == 2 else f"1 至 {most}"
        english = "1 or 2" if most == 2 else f"1 to {most}"
        reading.fault("-", f"{key} 应为 {allowed}，收到 {value!r}", f"{key} takes {english}, got {value!r}")
        return default
    return value


def _check_people(reading: Reading, signers: Sequence[Signer], signatures: int) -> None:
    """Note signers who are one person twice, or fewer than must sign."""
    logins = [one.login for one in signers if one.login]
    different = min(len({one.account for one in signers}), len({_plain(one.name) for one in signers}))
    enough = different >= max(signatures, len(signers)) and len(set(logins)) == len(logins)
    if signers and not enough:
        zh = "signers 须为不同的人、不同的账户，且不少于所需签署数"
        reading.fault("signers", zh, "signers must be different people with different accounts, enough to sign")
