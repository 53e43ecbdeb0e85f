"""From receipt to filing: the review, or urging with its window, its payments and its conversions on the day due."""

from __future__ import annotations

from functools import partial

from models.indicators import State
from models.lanes import LANE_CODE, Lane
from training.court_year.docket import PART_AT
from training.court_year.office.court import Court
from training.court_year.office.enforcement import file
from training.court_year.office.hours import OPENS
from training.court_year.office.matter import Matter, Walk
from training.court_year.settings import Strand
from training.court_year.urging_law import CAUSES

_URGE, _NONE = LANE_CODE[Lane.URGE], LANE_CODE[Lane.NONE]


def begin(court: Court) -> None:
    """Let the first application come in; each brings the next."""
    if court.case.received:
        court.at(court.case.received[0], partial(_arrive, court, 0))


def _arrive(court: Court, row: int) -> None:
    case, following = court.case, row + 1
    if following < len(case.received):
        court.at(case.received[following], partial(_arrive, court, following))
    matter = Matter(row, case.first[row])
    court.ledger.lane[row] = matter.lane
    walk = Walk(matter, case.received[row], partial(_stop if matter.lane == _NONE else _reviewed, court))
    court.walk(walk, Strand.APPLICATION)


def _stop(court: Court, walk: Walk) -> None:
    """Hand an application back to which the law gives no lane."""
    court.ledger.state[walk.matter.row] = State.STOPPED
    court.ledger.ended_at[walk.matter.row] = court.now


def _reviewed(court: Court, walk: Walk) -> None:
    """Begin urging, or file within the days that the review takes anyway."""
    matter, case, row = walk.matter, court.case, walk.matter.row
    matter.lost += walk.waits
    if matter.lane != _URGE:
        matter.lost += case.delay[row]
        filed = case.received[row] + case.file_wait[row] + walk.waits + case.delay[row]
        court.at(filed, partial(file, court, matter))
        return
    start = case.received[row] + case.urge_wait[row] + walk.waits
    court.walk(Walk(matter, start, partial(_urge, court)), Strand.URGING)


def _urge(court: Court, walk: Walk) -> None:
    """Start the window: the debtor has been reached, or at least written to."""
    matter, case, row = walk.matter, court.case, walk.matter.row
    matter.urged_at = court.ledger.urged_at[row] = court.now
    day, cause = court.urging.ends(row, int(court.now))
    ends = day + OPENS
    paid = court.now + case.urge_paid_day[row]
    if paid < ends:
        court.at(paid, partial(_settle, court, matter))
    else:
        court.at(ends, partial(_convert, court, matter, CAUSES.index(cause)))
        if case.part[row] > 0:
            court.at(court.now + PART_AT * (ends - court.now), partial(_part, court, matter))
    court.walk(Walk(matter, court.now, _nothing_more), Strand.FOLLOW_UP)


def _settle(court: Court, matter: Matter) -> None:
    """End a matter that was paid in full before anything was filed."""
    court.stop(matter)
    row, ledger = matter.row, court.ledger
    ledger.money.append((row, court.now, 1.0))
    ledger.state[row] = State.SETTLED
    ledger.ended_at[row] = ledger.closed_at[row] = court.now


def _part(court: Court, matter: Matter) -> None:
    share = court.case.part[matter.row]
    court.ledger.money.append((matter.row, court.now, share))
    matter.rest = 1.0 - share


def _convert(court: Court, matter: Matter, cause: int) -> None:
    """File on the day on which urging ends unpaid (H13)."""
    court.stop(matter)
    matter.lost += court.now - matter.urged_at + court.case.delay[matter.row]
    court.ledger.converted[matter.row] = cause
    court.at(court.now + court.case.delay[matter.row], partial(file, court, matter))


def _nothing_more(_: Walk) -> None:
    """End a strand after which nothing follows."""
