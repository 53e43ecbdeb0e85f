"""The record of a draw: all that it rested on and all that came of it, kept so that anybody can draw again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ALGORITHM = "fenliu-draw/1"
"""Name of the procedure; whatever changes in it, changes this name."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A member who takes part: `before` was given already, `whole` is the measure of evenness, `free` what is left.

    All in thousandths of a weighted unit.
    """

    member: str
    before: int
    whole: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """A case on a ticket: its weight in thousandths, and the members who may not take it."""

    case: str
    weight: int
    recused: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What is drawn for: one case, or a group that stays together.

    Tickets of the same `kind` may go to the same teams and count the same:
    among them the teams' places are dealt by chance.
    """

    key: str
    kind: int
    parts: tuple[Part, ...]

    @property
    def weight(self) -> int:
        """The weight of all its cases, in thousandths."""
        return sum(part.weight for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One draw: the candidates, the place that the seed chose among them, and who stood there."""

    team: str
    key: str
    cases: tuple[str, ...]
    candidates: tuple[str, ...]
    index: int
    member: str


@dataclass(frozen=True, kw_only=True)
class DrawRecord:
    """One day's draw: `places` is how many tickets of each kind a team gets, `seats` the members of each team."""

    algorithm: str
    seed: int
    day: str
    register_sha256: str
    tickets: tuple[Ticket, ...]
    places: Mapping[int, Mapping[str, int]]
    seats: Mapping[str, tuple[Seat, ...]]
    draws: tuple[Draw, ...]

    @property
    def sha256(self) -> str:
        """The fingerprint of the record; keep it apart from the record to be sure of it later."""
        text = json.dumps(self.document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """Return the record as plain values, for a file."""
        return asdict(self) | {"places": {str(kind): dict(teams) for kind, teams in self.places.items()}}

    @classmethod
    def of_document(cls, plain: Mapping[str, Any]) -> DrawRecord:
        """Return the record that wrote these values.

        Raises
        ------
        ValueError
            The values are no such record.
        """
        try:
            return cls(
                algorithm=plain["algorithm"],
                seed=plain["seed"],
                day=plain["day"],
                register_sha256=plain["register_sha256"],
                tickets=tuple(_ticket(one) for one in plain["tickets"]),
                places={int(kind): dict(teams) for kind, teams in plain["places"].items()},
                seats={team: tuple(Seat(**one) for one in seats) for team, seats in plain["seats"].items()},
                draws=tuple(Draw(**_tuples(one)) for one in plain["draws"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            msg = f"不是抽取记录：{error} / this is no record of a draw"
            raise ValueError(msg) from error


def _ticket(plain: Mapping[str, Any]) -> Ticket:
    parts = tuple(Part(**_tuples(one)) for one in plain["parts"])
    return Ticket(key=plain["key"], kind=plain["kind"], parts=parts)


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with lists as tuples, which is what JSON made of them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
