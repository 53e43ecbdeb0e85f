"""From filing to closing: query, lane, and then a race between the debtor, the assets, other ends and 终本."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from features.clock import days_of
from models.indicators import State
from models.lanes import LANE_CODE, Lane
from models.lifecycle import ZhongbenStep, zhongben_check
from training.court_year.office.court import Court
from training.court_year.office.hours import OPENS
from training.court_year.office.matter import Matter, Walk
from training.court_year.settings import Strand
from training.simulate.course.process import PROPERTY

_FAST, _COMPLEX, _NONE = (LANE_CODE[lane] for lane in (Lane.FAST, Lane.COMPLEX, Lane.NONE))
_STEPS = frozenset(ZhongbenStep)
_EPOCH = date(1970, 1, 1)


def file(court: Court, matter: Matter) -> None:
    """File a case and ask for its query."""
    matter.filed_at = court.ledger.filed_at[matter.row] = court.now
    court.walk(Walk(matter, court.now, partial(_asked, court)), Strand.QUERY)


def _asked(court: Court, walk: Walk) -> None:
    walk.matter.lost += walk.waits
    answer = walk.matter.filed_at + court.case.lag[walk.matter.row] + walk.waits
    court.at(answer, partial(_answered, court, walk.matter))


def _answered(court: Court, matter: Matter) -> None:
    """Take the lane that was decided on the query, and let everything begin that may end the case."""
    case, row, now = court.case, matter.row, court.now
    matter.query_at = court.ledger.query_at[row] = now
    matter.lane = court.ledger.lane[row] = case.second[row]
    if matter.lane == _NONE:
        matter.lane = _COMPLEX
        _end(court, matter, State.OTHER)
        return
    pace = _pace(matter)
    matter.other_at = now + case.other[row]
    court.at(matter.other_at, partial(_end, court, matter, State.OTHER))
    if matter.filed_at + case.zhongben[row] < matter.other_at:
        court.at(matter.filed_at + case.zhongben[row], partial(_zhongben_due, court, matter))
    court.walk(Walk(matter, now, partial(_noticed, court, case.voluntary[pace][row])), Strand.NOTICE)
    court.walk(Walk(matter, now, partial(_read, court)), Strand.READING)
    if matter.lane == _FAST:
        court.at(int(matter.filed_at) + case.clock[row] + OPENS, partial(_clock, court, matter))


def _pace(matter: Matter) -> int:
    """Return the place of the lane's figures in pairs of the docket."""
    return 0 if matter.lane == _FAST else 1


def _noticed(court: Court, voluntary: float, walk: Walk) -> None:
    """Let the debtor perform on his own, later by as much as the notice was late."""
    performed = walk.origin + voluntary + walk.waits
    if performed < walk.matter.other_at:
        court.at(performed, partial(_end, court, walk.matter, State.FULL))


def _read(court: Court, walk: Walk) -> None:
    """Go after the assets, and in the complex lane survey them."""
    matter = walk.matter
    matter.lost += walk.waits
    if matter.lane == _COMPLEX:
        _survey(court, matter, matter.query_at, waits=walk.waits)
    else:
        matter.pressing = Walk(matter, matter.query_at, _nothing_more, waits=walk.waits)
        court.walk(matter.pressing, Strand.PRESSING)
    span = _way(court, matter)
    if span != float("inf"):
        seizure = Walk(matter, matter.query_at, partial(_secured, court), span=span, waits=walk.waits)
        matter.assets = seizure
        court.walk(seizure, Strand.SEIZURE)


def _way(court: Court, matter: Matter) -> float:
    """Return the days from the query to the money; to the deduction of a part where there is no more."""
    path, row = court.case.path[_pace(matter)][matter.row], matter.row
    if path == float("inf") and court.case.part_share[row] > 0:
        return court.case.part_day[row]
    return path


def _secured(court: Court, walk: Walk) -> None:
    """Take what is still there, and dispose of what has to be sold; days lost may have let it vanish.

    The fast team neither appraises nor auctions: what has to be sold stands
    still until the case is handed over.
    """
    matter, case, row = walk.matter, court.case, walk.matter.row
    matter.gone = matter.lost + walk.waits >= case.vanish[row]
    if matter.gone:
        return
    if case.part_share[row] > 0:
        court.at(walk.origin + case.part_day[row] + walk.waits, partial(_cash, court, matter))
    if case.path[_pace(matter)][row] == float("inf"):
        return
    rest = Walk(matter, walk.origin, partial(_sold, court), span=walk.span, end=1.0, waits=walk.waits)
    matter.assets = rest
    if matter.lane == _FAST and case.means[row] == PROPERTY:
        matter.held_since = court.now
    else:
        court.walk(rest, Strand.DISPOSAL)


def _cash(court: Court, matter: Matter) -> None:
    if not matter.ended:
        _money(court, matter, court.case.part_share[matter.row])


def _sold(court: Court, walk: Walk) -> None:
    """Reach the end of the way that the debtor's means opened: paid in full, sold for less, or nothing."""
    matter, case, pace = walk.matter, court.case, _pace(walk.matter)
    if case.works[pace][matter.row]:
        _end(court, matter, State.FULL)
    elif case.sells[pace][matter.row]:
        _money(court, matter, case.sale_share[matter.row])


def _clock(court: Court, matter: Matter) -> None:
    """Hand a case over to the complex team that the fast one has not closed in its time (H14)."""
    if matter.ended or matter.lane != _FAST:
        return
    matter.lane = _COMPLEX
    court.ledger.moved[matter.row] = 1
    if matter.pressing is not None:
        matter.pressing.version += 1
    _go_on_with_assets(court, matter)
    court.walk(Walk(matter, court.now, partial(_handed_over, court)), Strand.HANDOVER)


def _go_on_with_assets(court: Court, matter: Matter) -> None:
    """Go on after the assets at the complex lane's pace, from where the fast lane got."""
    assets, slow = matter.assets, court.case.path[1][matter.row]
    if assets is None or slow == float("inf"):
        return
    if matter.held_since is not None:
        assets.waits += court.now - matter.held_since
        assets.stretch(court.now, slow)
        court.walk(assets, Strand.DISPOSAL)
        return
    assets.stretch(court.now, slow)
    if not assets.queued and assets in matter.walks:
        assets.version += 1
        court.go_on(assets)


def _handed_over(court: Court, walk: Walk) -> None:
    matter = walk.matter
    _survey(court, matter, matter.query_at, waits=walk.waits)


def _survey(court: Court, matter: Matter, origin: float, *, waits: float) -> None:
    court.walk(Walk(matter, origin, partial(_surveyed, court), waits=waits), Strand.SURVEY)


def _surveyed(court: Court, walk: Walk) -> None:
    walk.matter.surveyed = True
    if walk.matter.zhongben_waits:
        _propose_zhongben(court, walk.matter)


def _zhongben_due(court: Court, matter: Matter) -> None:
    """Propose 终本 once the survey is complete; a case that ended otherwise is left alone."""
    matter.zhongben_waits = True
    if matter.surveyed:
        _propose_zhongben(court, matter)


def _propose_zhongben(court: Court, matter: Matter) -> None:
    """Let the panel decide, on the first day on which the law allows it."""
    if matter.ended:
        return
    filed_on, today = _day(matter.filed_at), _day(court.now)
    check = zhongben_check(filed_on, _STEPS, today=today)
    if check.allowed or check.earliest is None:
        then = partial(_end_of_walk, court, State.ZHONGBEN)
        court.walk(Walk(matter, court.now, then), Strand.ZHONGBEN)
    else:
        court.at(days_of(check.earliest) + OPENS, partial(_propose_zhongben, court, matter))


def _end_of_walk(court: Court, state: State, walk: Walk) -> None:
    _end(court, walk.matter, state)


def _end(court: Court, matter: Matter, state: State) -> None:
    """End a case the way that comes first; whatever comes later finds it ended."""
    if matter.ended:
        return
    row, case, ledger = matter.row, court.case, court.ledger
    matter.ended = True
    court.stop(matter)
    if state is State.FULL:
        _money(court, matter, 1.0 - matter.got)
    elif state is State.OTHER and case.other_share[row] > 0:
        _money(court, matter, min(case.other_share[row], 1.0 - matter.got))
    ledger.state[row], ledger.ended_at[row], ledger.lost[row] = state, court.now, matter.lost
    court.walk(Walk(matter, court.now, partial(_closed, court)), Strand.CLOSING)


def _closed(court: Court, walk: Walk) -> None:
    court.ledger.closed_at[walk.matter.row] = court.now


def _money(court: Court, matter: Matter, share: float) -> None:
    """Receive a share of what was due at filing, and pay it out."""
    if share <= 0:
        return
    matter.got += share
    court.ledger.money.append((matter.row, court.now, share * matter.rest))
    court.walk(Walk(matter, court.now, partial(_paid_out, court)), Strand.PAYOUT)


def _paid_out(court: Court, walk: Walk) -> None:
    court.ledger.payouts.append((walk.matter.row, walk.origin, court.now))


def _nothing_more(_: Walk) -> None:
    """End a strand after which nothing follows."""


def _day(instant: float) -> date:
    return _EPOCH + timedelta(days=int(instant))
