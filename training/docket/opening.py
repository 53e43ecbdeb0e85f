"""From a command's options to cases with lanes, links and tokens: a day's list, requests in a file, or a history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from features.register import Stage, load_register
from models.assignment import Demand, DemandError
from models.batches import BatchSettings
from models.bundle import Bundle
from models.rules.table import RuleTable
from models.utility import Utility
from training.docket.linked import Tokens, linked, tokens_of_cases, tokens_of_history
from training.docket.routed import Routed, Router
from training.errors import CommandError
from training.history import History
from training.scoring.input import Batch, Reject, batches_of_history, batches_of_lines

LISTS = frozenset({".csv", ".xlsx"})
"""Endings of a day's list; a directory is a history, and every other file holds one request a line."""


@dataclass(frozen=True, kw_only=True)
class Docket:
    """What a command works on: where the cases are, what routes them, and the days between which they came."""

    source: Path
    stage: Stage
    rules: Callable[[], RuleTable]
    bundle: Callable[[], Bundle | None]
    utility: Utility
    since: date | None
    until: date | None
    now: datetime

    @property
    def listed(self) -> bool:
        """Whether the source is a list with lanes already decided."""
        return self.source.is_file() and self.source.suffix.lower() in LISTS

    def routed(self, rejects: list[Reject]) -> Routed:
        """Return the cases routed; lines that are no case are added to `rejects`.

        Raises
        ------
        CommandError
            NOT_FOUND: there is no such source, or no case in these days.
        """
        router = Router(rules=self.rules(), bundle=self.bundle(), utility=self.utility)
        routed = router.route(self._batches(rejects), since=self.since, until=self.until)
        return replace(routed, simulated=routed.simulated or self._simulated)

    def tokens(self, routed: Routed, *, one_applicant: bool = False) -> Tokens:
        """Return the join keys of the cases."""
        if self.source.is_dir():
            return tokens_of_history(History.open(self.source))
        return tokens_of_cases(routed, one_applicant=one_applicant)

    @property
    def _simulated(self) -> bool:
        return self.source.is_dir() and History.open(self.source).simulated

    def _batches(self, rejects: list[Reject]) -> Sequence[Batch]:
        if self.source.is_dir():
            return list(batches_of_history(self.source, self.stage))
        if not self.source.is_file():
            raise CommandError("NOT_FOUND", f"没有输入 {self.source}", f"no input {self.source}")
        return list(batches_of_lines(self.source, register=load_register(), now=self.now, rejects=rejects))


def demand_of(routed: Routed, tokens: Tokens, settings: BatchSettings, hands: Mapping[str, str | None]) -> Demand:
    """Return the cases as assignment needs them: what is linked stays together, what a team has stays with it.

    Raises
    ------
    CommandError
        DATA_REJECTED: a case is there twice.
    """
    links = linked(routed, tokens, settings)
    nobody: list[frozenset[str]] = [frozenset()] * len(routed.ids)
    try:
        return Demand(
            ids=routed.ids,
            lane=routed.seen.lane,
            family=routed.number("cause_code.family"),
            livelihood=routed.livelihood,
            deadline=routed.deadline,
            received=routed.number("received_at"),
            value=routed.value,
            group=links.together,
            bound=[_team(tokens.debtors.get(case, frozenset()), hands) for case in routed.ids],
            recused=nobody,
            led=[one | other for one, other in zip(routed.led, routed.led_by_lane, strict=True)],
        )
    except DemandError as error:
        zh, _, en = str(error).partition(" / ")
        raise CommandError("DATA_REJECTED", zh, en) from error


def on_hand_of(routed: Routed, tokens: Tokens, hands: Mapping[str, str | None]) -> npt.NDArray[np.bool_]:
    """Return the cases whose debtor has a case on hand."""
    known = [not tokens.debtors.get(case, frozenset()).isdisjoint(hands) for case in routed.ids]
    return np.array(known, dtype=np.bool_)


def as_decided(demand: Demand, lanes: Mapping[str, int], routed: Routed | None = None) -> Demand:
    """Return the cases with the lanes that people decided, which stand before any proposal.

    Where a person draws another lane, the rule that drew the proposed one no
    longer points to its team; other rules still do.

    Raises
    ------
    CommandError
        LIST_REJECTED: a decision is about a case that is not there.
    """
    strangers = set(lanes) - set(demand.ids)
    if strangers:
        zh = f"程序清单中有 {len(strangers)} 件不在待分案件之内"
        raise CommandError("LIST_REJECTED", zh, f"{len(strangers)} decided cases are not among those to be given")
    codes = [lanes.get(case, code) for case, code in zip(demand.ids, demand.lane.tolist(), strict=True)]
    kept = demand.led
    if routed is not None:
        asked = zip(codes, demand.lane.tolist(), demand.led, routed.led, strict=True)
        kept = [led if code == proposed else other for code, proposed, led, other in asked]
    return replace(demand, lane=np.array(codes, dtype=np.int8), led=kept)


def _team(debtors: frozenset[str], hands: Mapping[str, str | None]) -> str | None:
    """Return the team that has a case of one of these debtors; of several, the first by name."""
    return min((team for token in debtors if (team := hands.get(token))), default=None)
