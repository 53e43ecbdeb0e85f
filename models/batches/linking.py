"""Linking: cases of one debtor, and serial cases of one applicant under one form, told apart and never chained.

Two kinds of link are never mixed. A bank's batch touches hundreds of debtors,
a debtor's cases touch several applicants: followed from one to the other, links
would soon tie a whole court into one batch, and a batch goes to one team.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.batches.settings import BatchSettings
from models.batches.signature import Signature, forms
from models.note import Note

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class LinkFacts:
    """What linking looks at, one entry for each of n cases; tokens are join keys and reach no output.

    `debtors` holds the identity tokens of each case's debtors, `applicant` the
    applicant's token or None, `form` whatever of the register says how the
    contract was made, `text` the signature of a text or None; `claim` in yuan
    and `received` in days since 1970 are NaN where unknown.
    """

    ids: Sequence[str]
    debtors: Sequence[frozenset[str]]
    applicant: Sequence[str | None]
    form: Sequence[Hashable]
    text: Sequence[Signature | None]
    claim: Array
    received: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Links:
    """What was found for each of n cases.

    `debtor` and `serial` name the group of the kind, None for a case that
    stands alone; a name is the kind and the group's smallest case id.
    `together` is the group that stays together in assignment: the debtor's,
    else the serial batch. `group_case` marks 群体性案件.
    """

    debtor: tuple[str | None, ...]
    serial: tuple[str | None, ...]
    group_case: Bools
    notes: tuple[Note, ...]

    @property
    def together(self) -> tuple[str | None, ...]:
        """The group in which each case is assigned: one debtor's cases first, else its serial batch."""
        return tuple(a or b for a, b in zip(self.debtor, self.serial, strict=True))


def link(facts: LinkFacts, settings: BatchSettings) -> Links:
    """Return the links among n cases; the order of the cases plays no part."""
    notes: list[Note] = []
    debtor = _by_debtor(facts, settings, notes)
    serial = _by_form(facts, settings, notes)
    return Links(
        debtor=_named("债", debtor, facts.ids),
        serial=_named("系", serial, facts.ids),
        group_case=_group_cases(facts, debtor, settings),
        notes=tuple(notes),
    )


def _by_debtor(facts: LinkFacts, settings: BatchSettings, notes: list[Note]) -> list[list[int]]:
    """Return groups of rows that share debtors.

    Cases linked by way of one another (the guarantor of one is the debtor of
    the next) are one group while they are few. Beyond the limit only cases
    that share one and the same debtor stay together, the debtor with most
    cases first: a guarantor of half the town does not tie the town.
    """
    groups: list[list[int]] = []
    for rows in _components(facts):
        if len(rows) <= settings.chain_cases:
            groups.append(rows)
            continue
        stars = _stars(facts, rows)
        groups += stars
        if len(stars) > 1:
            notes.append(_cut(len(rows), stars, settings))
    return groups


def _cut(count: int, stars: list[list[int]], settings: BatchSettings) -> Note:
    """Say that a long chain was cut, and what was kept."""
    kept, most = sum(map(len, stars)), f"{settings.chain_cases:g}"
    zh = f"{count} 件经共同被执行人间接相连，超过 {most} 件；只归并直接共有同一被执行人的：{len(stars)} 组 {kept} 件"
    en = f"{count} cases are linked by way of one another, more than {most}; only those with one debtor stay together"
    return Note("chain_cut", zh, f"{en}: {len(stars)} groups, {kept} cases")


def _components(facts: LinkFacts) -> list[list[int]]:
    """Return the rows that share debtors, directly or by way of others, two or more each, in order of first ids."""
    parent = list(range(len(facts.ids)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[str, int] = {}
    for row, tokens in enumerate(facts.debtors):
        for token in tokens:
            parent[root(row)] = root(first.setdefault(token, row))
    found: dict[int, list[int]] = {}
    for row in sorted(range(len(facts.ids)), key=facts.ids.__getitem__):
        found.setdefault(root(row), []).append(row)
    return [rows for rows in found.values() if len(rows) > 1]


def _stars(facts: LinkFacts, rows: list[int]) -> list[list[int]]:
    """Return groups of which all cases share one debtor, taken from the debtor with most cases left."""
    left: dict[str, list[int]] = {}
    for row in rows:
        for token in facts.debtors[row]:
            left.setdefault(token, []).append(row)
    gone: set[int] = set()
    groups: list[list[int]] = []
    heap = [_turn(facts, token, found) for token, found in left.items()]
    heapq.heapify(heap)
    while heap:
        turn = heapq.heappop(heap)
        token = turn[-1]
        left[token] = [row for row in left[token] if row not in gone]
        now = _turn(facts, token, left[token])
        if len(left[token]) < 2:
            continue
        if now != turn:
            heapq.heappush(heap, now)
            continue
        groups.append(left[token])
        gone.update(left[token])
    return groups


def _turn(facts: LinkFacts, token: str, rows: Sequence[int]) -> tuple[int, str, str]:
    """Return what decides whose cases are taken first: most cases, then the smallest id."""
    return -len(rows), min((facts.ids[row] for row in rows), default=""), token


def _by_form(facts: LinkFacts, settings: BatchSettings, notes: list[Note]) -> list[list[int]]:
    """Return the serial batches: one applicant, one form of contract, within so many days, amounts of one order."""
    buckets: dict[Hashable, list[int]] = {}
    order = sorted(range(len(facts.ids)), key=lambda row: (_day(float(facts.received[row])), facts.ids[row]))
    for row in order:
        if facts.applicant[row] is not None:
            buckets.setdefault((facts.applicant[row], facts.form[row]), []).append(row)
    batches, strays = [], 0
    for rows in buckets.values():
        for part in _by_text(facts, rows, settings):
            for span in _spans(facts, part, settings):
                alike = _of_one_order(facts, span, settings)
                if len(alike) >= settings.serial_from:
                    batches.append(alike)
                    strays += len(span) - len(alike)
    if strays:
        zh = f"{strays} 件与同一申请人、同一格式的系列案金额相差 {settings.amount_spread:g} 倍以上，未归入系列"
        en = (
            f"{strays} cases of a serial applicant and form are left out: amounts over {settings.amount_spread:g} times"
        )
        notes.append(Note("amount_strays", zh, f"{en} from the middle one"))
    return batches


def _by_text(facts: LinkFacts, rows: list[int], settings: BatchSettings) -> list[list[int]]:
    """Return the rows apart by the form of their texts; rows without a text are of one form among themselves."""
    parts: dict[int, list[int]] = {}
    for row, form in zip(rows, forms([facts.text[row] for row in rows], settings.likeness).tolist(), strict=True):
        parts.setdefault(form, []).append(row)
    return list(parts.values())


def _spans(facts: LinkFacts, rows: list[int], settings: BatchSettings) -> list[list[int]]:
    """Return the rows in spans of so many days from the first case of each; an unknown day joins the last span."""
    spans: list[list[int]] = []
    start = -np.inf
    for row in rows:
        day = float(facts.received[row])
        if not spans or day > start + settings.serial_days:
            spans.append([])
            start = day if np.isfinite(day) else np.inf
        spans[-1].append(row)
    return spans


def _of_one_order(facts: LinkFacts, rows: list[int], settings: BatchSettings) -> list[int]:
    """Return the rows whose amount lies within so many times the middle one; an unknown amount is no reason to part."""
    claim = facts.claim[rows]
    known = np.isfinite(claim) & (claim > 0.0)
    if not known.any():
        return rows
    middle = float(np.median(claim[known]))
    near = ~known | ((claim <= middle * settings.amount_spread) & (claim * settings.amount_spread >= middle))
    return [row for row, stays in zip(rows, near.tolist(), strict=True) if stays]


def _group_cases(facts: LinkFacts, groups: list[list[int]], settings: BatchSettings) -> Bools:
    """Return the cases of debtors against whom many different applicants have applied; unknown ones are not counted."""
    found = np.zeros(len(facts.ids), dtype=np.bool_)
    for rows in groups:
        for token in {token for row in rows for token in facts.debtors[row]}:
            here = [row for row in rows if token in facts.debtors[row]]
            applicants = {facts.applicant[row] for row in here} - {None}
            if len(applicants) >= settings.group_from:
                found[here] = True
    return found


def _named(kind: str, groups: list[list[int]], ids: Sequence[str]) -> tuple[str | None, ...]:
    names: list[str | None] = [None] * len(ids)
    for rows in groups:
        name = f"{kind}:{min(ids[row] for row in rows)}"
        for row in rows:
            names[row] = name
    return tuple(names)


def _day(received: float) -> float:
    return received if np.isfinite(received) else np.inf
