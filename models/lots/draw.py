"""The draw: who of a team gets which case, even in load and random by a recorded seed, checkable to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from models.lots import chance
from models.lots.record import ALGORITHM, Draw, DrawRecord, Part, Seat, Ticket
from models.note import Note


def draw(record: DrawRecord) -> tuple[Draw, ...]:
    """Return the draws that follow from a record's seed, tickets, places and seats; its own draws are not looked at.

    First the tickets of each kind are dealt to the teams in a random order.
    Then the tickets of each team, the heaviest first and otherwise in a random
    order, are drawn one by one among those members who would then be filled
    least. A group that no member of the team can take whole is drawn case by
    case.

    Raises
    ------
    LookupError
        A team has nobody who may take one of its cases.
    """
    draws: list[Draw] = []
    for team, tickets in sorted(_dealt(record).items()):
        given = {seat.member: 0 for seat in record.seats[team]}
        for ticket in sorted(tickets, key=lambda one: (-one.weight, _chance(record, "order", one.key))):
            draws += _drawn(record, team, ticket, given)
    return tuple(draws)


def verify_draws(record: DrawRecord, sha256: str | None = None) -> tuple[Note, ...]:
    """Return everything in a record that does not agree with its own seed; empty when the draw was right.

    `sha256` is the fingerprint that was printed on the day: with it a record
    that somebody wrote anew from the start is found out as well.
    """
    if record.algorithm != ALGORITHM:
        zh, en = f"抽取规则 {record.algorithm!r} 不是 {ALGORITHM!r}", f"the procedure is not {ALGORITHM!r}"
        return (Note("algorithm", zh, en),)
    faults: list[Note] = []
    if sha256 is not None and sha256 != record.sha256:
        zh = f"记录指纹 {record.sha256} 与当日公布的 {sha256} 不符"
        faults.append(Note("fingerprint", zh, "the fingerprint is not the one printed on the day"))
    unsound = _unsound(record)
    return (*faults, *(unsound or _differences(record)))


def _unsound(record: DrawRecord) -> list[Note]:
    """Return what makes a record impossible to draw from."""
    faults = []
    if len({ticket.key for ticket in record.tickets}) < len(record.tickets):
        faults.append(Note("tickets", "有签号重复", "a ticket stands there twice"))
    for kind, places in record.places.items():
        tickets, count = sum(one.kind == kind for one in record.tickets), sum(places.values())
        if tickets != count or not set(places) <= set(record.seats) or min(places.values(), default=0) < 0:
            zh = f"第 {kind} 类有 {tickets} 签，名额 {count} 个，或名额属于未列出的团队"
            faults.append(Note("places", zh, f"kind {kind} has {tickets} tickets for {count} places or unknown teams"))
    without = [one.key for one in record.tickets if one.kind not in record.places]
    if without:
        faults.append(Note("places", f"{len(without)} 签没有名额", f"{len(without)} tickets have no place"))
    return faults


def _differences(record: DrawRecord) -> list[Note]:
    """Return where the recorded draws are not those that follow from the seed."""
    try:
        right = draw(record)
    except (LookupError, ZeroDivisionError, TypeError):
        return [Note("seats", "有案件没有成员可以承办，或成员的工作量记录有误", "seats are missing or make no sense")]
    faults = []
    if len(right) != len(record.draws):
        zh = f"应抽取 {len(right)} 次，记录为 {len(record.draws)} 次"
        faults.append(Note("count", zh, f"{len(right)} draws follow from the seed, {len(record.draws)} are recorded"))
    for number, (one, other) in enumerate(zip(right, record.draws, strict=False), 1):
        if one != other:
            place = f"候选 {len(one.candidates)} 人第 {one.index + 1} 位"
            zh = f"第 {number} 次抽取（{other.key}）应为 {one.member}（{place}）"
            en = f"draw {number} ({other.key}) must give {one.member}"
            faults.append(Note("draw", f"{zh}，记录为 {other.member}", f"{en}, recorded is {other.member}"))
    return faults


def _dealt(record: DrawRecord) -> dict[str, list[Ticket]]:
    """Return the tickets of each team."""
    dealt: dict[str, list[Ticket]] = {team: [] for team in record.seats}
    for kind, places in sorted(record.places.items()):
        alike = [ticket for ticket in record.tickets if ticket.kind == kind]
        order = sorted(alike, key=lambda one: (_chance(record, "deal", one.key), one.key))
        for team, count in sorted(places.items()):
            dealt[team] += order[:count]
            order = order[count:]
    return dealt


def _drawn(record: DrawRecord, team: str, ticket: Ticket, given: dict[str, int]) -> list[Draw]:
    seats = record.seats[team]
    whole = [seat for seat in _able(seats, ticket.parts) if given[seat.member] + ticket.weight <= seat.free]
    if whole or len(ticket.parts) == 1:
        return [_one(record, team, (ticket.key, ticket.parts), given)]
    return [_one(record, team, (ticket.key, (part,)), given) for part in ticket.parts]


def _one(record: DrawRecord, team: str, asked: tuple[str, tuple[Part, ...]], given: dict[str, int]) -> Draw:
    """Draw one member: of those with room for it (of all, where none has) those who would then be filled least."""
    key, parts = asked
    weight = sum(part.weight for part in parts)
    able = _able(record.seats[team], parts)
    if not able:
        msg = f"团队 {team} 没有成员可以承办 {key} / nobody of team {team} may take {key}"
        raise LookupError(msg)
    room = [seat for seat in able if given[seat.member] + weight <= seat.free] or able
    share = {seat.member: Fraction(seat.before + given[seat.member] + weight, seat.whole) for seat in room}
    least = min(share.values())
    candidates = tuple(sorted(member for member, value in share.items() if value == least))
    index = _chance(record, "draw", team, parts[0].case) % len(candidates)
    given[candidates[index]] += weight
    return Draw(
        team=team,
        key=key,
        cases=tuple(part.case for part in parts),
        candidates=candidates,
        index=index,
        member=candidates[index],
    )


def _able(seats: Sequence[Seat], parts: Sequence[Part]) -> list[Seat]:
    """Return the members who may take all of these cases."""
    recused = {name for part in parts for name in part.recused}
    return [seat for seat in seats if seat.member not in recused]


def _chance(record: DrawRecord, step: str, *key: str) -> int:
    """Return the number that the seed holds for a step of the day; the same seed draws anew on another day."""
    return chance.number(f"{record.algorithm}/{record.day}/{step}", record.seed, *key)
