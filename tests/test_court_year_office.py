"""The court at work: nothing is lost, the same seed gives the same year, the law's days hold, waiting has effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import simpy

from models.deadlines import zhongben_earliest
from models.indicators import State
from models.lanes import LANE_CODE, Lane
from models.rules.loading import shipped_limits
from tests import builders_court_year as build
from training.court_year.docket import held_back
from training.court_year.office.hours import CLOSES, OPENS, OfficeHours
from training.court_year.office.staff import TeamKind, sized
from training.court_year.office.teams import Job, Team
from training.court_year.urging_law import CAUSES, day_of

FRIDAY = 20_448
"""2025-12-26; the Monday after is 20451, and 2026-01-01 is 20454, a holiday until the 3rd."""


def ledger_lists(policy: str = "amount") -> tuple[list[float], ...]:
    """Return what a run wrote down, for comparison."""
    found = build.run(policy).ledger
    return found.state, found.closed_at, found.hours, found.money, found.queues


def test_every_application_ends_or_is_open() -> None:
    """No application is lost: each has one state, an end if it ended, and none if it is open."""
    for policy in ("amount", "asset", "one_judge"):
        ledger = build.run(policy).ledger
        state, ended = ledger.whole("state"), ledger.column("ended_at")
        assert len(state) == len(build.arrivals())
        assert ((state == State.OPEN) == np.isnan(ended)).all()
        closed = ~np.isnan(ledger.column("closed_at"))
        assert np.isin(state[closed], [State.SETTLED, State.FULL, State.ZHONGBEN, State.OTHER]).all()
        assert {State.FULL, State.ZHONGBEN, State.OTHER} <= set(state.tolist())


def test_nothing_happens_before_what_must_come_first() -> None:
    """Receipt, urging, filing, query, end and closing follow one another in every case."""
    ledger, received = build.run().ledger, build.arrivals().received
    steps = [received, *(ledger.column(n) for n in ("urged_at", "filed_at", "query_at", "ended_at", "closed_at"))]
    for place, later in enumerate(steps[1:], start=1):
        for earlier in steps[:place]:
            both = ~np.isnan(earlier) & ~np.isnan(later)
            assert (earlier[both] <= later[both] + 1e-9).all()


def test_no_more_than_the_claim_is_received_or_paid_out() -> None:
    """The shares of a case add up to one at most, and to one where it was fully enforced."""
    ledger = build.run().ledger
    money = ledger.table("money")
    total = np.bincount(money[:, 0].astype(int), weights=money[:, 2], minlength=len(ledger.state))
    assert total.max() <= 1.0 + 1e-9
    done = np.isin(ledger.whole("state"), [State.FULL, State.SETTLED])
    assert np.allclose(total[done], 1.0)
    assert all(arrived <= paid for _, arrived, paid in ledger.payouts)


def test_the_same_seed_gives_the_same_year() -> None:
    """Two runs of one docket agree to the last instant; another seed of absences changes the queues."""
    again, other = build.worked(build.docket()), build.worked(build.docket(), seed=8)
    first = build.run().ledger
    assert again.ledger.closed_at == first.closed_at or np.array_equal(
        again.ledger.column("closed_at"), first.column("closed_at"), equal_nan=True
    )
    assert again.ledger.hours == first.hours
    assert again.ledger.queues == first.queues
    assert other.ledger.queues != first.queues


def test_every_policy_meets_the_same_applications() -> None:
    """No policy changes what arrives or what chance holds for it."""
    one, other = build.docket("amount").arrivals, build.docket("asset").arrivals
    fresh = build.draw_arrivals(
        np.random.SeedSequence([1]), court=build.settings().court_place, span=build.span(build.settings())
    )
    build.run("amount"), build.run("asset")
    for drawn in (one, other):
        assert drawn.cases.equals(fresh.cases)
        assert np.array_equal(drawn.chance.will, fresh.chance.will)
        assert np.array_equal(drawn.chance.shocks.path, fresh.chance.shocks.path)


def test_zhongben_never_comes_before_its_day() -> None:
    """No case is closed as 终本 before more than three months have passed since filing."""
    ledger = build.run().ledger
    rows = np.flatnonzero(ledger.whole("state") == State.ZHONGBEN)
    assert len(rows) > 100
    for row in rows.tolist():
        filed_on = day_of(int(ledger.filed_at[row]))
        earliest = zhongben_earliest(filed_on, shipped_limits(filed_on)["T13"]).date
        assert earliest is not None
        assert day_of(int(ledger.ended_at[row])) >= earliest


def test_urging_keeps_to_its_window() -> None:
    """An urged debtor has the window and no day more; what is unpaid is filed on the day due, for a named reason."""
    ledger, law = build.run().ledger, build.docket().urging
    urged = np.flatnonzero(~np.isnan(ledger.column("urged_at")))
    assert len(urged) > 50
    for row in urged.tolist():
        start = int(ledger.urged_at[row])
        day, cause = law.ends(row, start)
        assert start <= day <= start + law.in_force[law.which[row]].number("urging_days") + 1
        if ledger.state[row] == State.SETTLED:
            assert ledger.ended_at[row] < day + OPENS
        elif not np.isnan(ledger.filed_at[row]):
            assert int(ledger.filed_at[row]) == day
            assert CAUSES[ledger.converted[row]] == cause


def test_urging_stops_before_limitation_and_preservation_lapse() -> None:
    """The window is cut where the margins of limitation or of a preservation would be touched."""
    law = build.docket().urging
    row = next(i for i, agreed in enumerate(law.promised) if not agreed)
    start, margin = 20_300, law.in_force[law.which[row]].number("limitation_margin_days")
    near = replace(
        law, limitation=[start + margin + 5.0] * len(law.limitation), preserved=[np.nan] * len(law.preserved)
    )
    day, cause = replace(near, leave=[9999] * len(law.leave), clue=[9999] * len(law.clue)).ends(row, start)
    assert day == start + 6
    assert cause == "limitation_near"


def test_a_fast_case_that_is_not_closed_becomes_complex_on_its_day() -> None:
    """No case stays in the fast lane beyond its clock, and a handed over one was open on that day."""
    given, ledger = build.docket("asset"), build.run("asset").ledger
    fast = (given.second == LANE_CODE[Lane.FAST]) & ~np.isnan(ledger.column("query_at"))
    over = np.floor(ledger.column("filed_at")) + given.clock_days + OPENS
    moved = ledger.whole("moved") == 1
    assert moved.sum() > 10
    assert fast[moved].all()
    late = fast & ~moved & ~np.isnan(ledger.column("ended_at")) & (ledger.column("query_at") < over)
    assert (ledger.column("ended_at")[late] <= over[late] + 1e-9).all()
    assert ~(ledger.column("ended_at")[moved] < over[moved]).any()


def test_waiting_delays_ends_and_costs_money() -> None:
    """With too few officers cases end later and fewer are fully enforced."""
    few = build.worked(build.docket(), "office.officers_per_thousand=2.0")
    usual, short = build.outcomes_of(build.run()), build.outcomes_of(few, "office.officers_per_thousand=2.0")
    assert short.days_to_end[short.cohort].mean() > usual.days_to_end[usual.cohort].mean() + 10
    assert short.ended_in_time(State.FULL)[short.cohort].mean() < usual.ended_in_time(State.FULL)[usual.cohort].mean()


def test_without_officers_the_queue_grows_and_nothing_breaks() -> None:
    """A court without anybody leaves everything that it may open, and says so."""
    ledger = build.worked(build.docket(), "office.officers_per_thousand=0.0").ledger
    assert set(ledger.state) <= {State.OPEN, State.STOPPED}
    lengths = np.array(ledger.queues).sum(axis=1)
    assert lengths[-1] > lengths[len(lengths) // 2] > 0


def test_one_officer_is_a_court() -> None:
    """A single officer is put into some team, and the year ends."""
    run = build.worked(build.docket(), "office.officers_per_thousand=2.0")
    assert sum(team.officers for team in run.teams.values()) == 1


def test_a_court_without_applications_has_a_year() -> None:
    """Nothing comes in, nothing goes out, and no figure is made up."""
    year = build.settings("per_year=0")
    empty = replace(build.span(year), per_year=0)
    none = build.draw_arrivals(np.random.SeedSequence([3]), court=year.court_place, span=empty)
    assert len(none) == 0


def test_filing_held_back_is_filed_later_by_as_much() -> None:
    """Holding filing back moves it, and changes nothing of what is received."""
    late = build.worked(held_back(build.docket(), days=30.0, since=0.0)).ledger
    moved = late.column("filed_at") - build.run().ledger.column("filed_at")
    assert np.nanmedian(moved) > 29.0
    assert np.nanmin(moved) > 10.0


# ---------------------------------------------------------------- hours, teams, staff


def office() -> OfficeHours:
    """Return the office from that Friday to well into January."""
    return OfficeHours(day_of(FRIDAY), day_of(FRIDAY) + timedelta(days=40))


def test_work_rests_at_night_at_weekends_and_on_holidays() -> None:
    """Half a day from Friday noon ends on Friday; a whole one goes on on Monday; the new year is free."""
    assert office().finish(FRIDAY + OPENS, 0.5) == FRIDAY + (OPENS + CLOSES) / 2
    assert office().finish(FRIDAY + (OPENS + CLOSES) / 2, 1.0) == FRIDAY + 3 + (OPENS + CLOSES) / 2
    assert int(office().finish(FRIDAY + OPENS, 4.5)) == FRIDAY + 9  # Sunday the 4th is worked in exchange
    assert office().finish(FRIDAY + 1.5, 0.0) >= FRIDAY + 1.5


def test_work_that_outlasts_the_calendar_never_ends() -> None:
    """What would end after the last known day has no end, rather than a wrong one."""
    assert office().finish(FRIDAY + OPENS, 1000.0) == float("inf")
    assert office().finish(FRIDAY + 500.0, 1.0) == float("inf")


def served(*jobs: tuple[int, float], present: int = 1) -> list[int]:
    """Let a team work jobs of (priority, work) that all come in at once; return the order in which they end."""
    env = simpy.Environment(initial_time=FRIDAY + OPENS)
    team, order = Team(env, office(), present), list[int]()
    for number, (priority, work) in enumerate(jobs):
        env.process(_submit(env, team, Job(priority, env.now, number, work, lambda: True, _noting(order, number))))
    env.run(until=FRIDAY + 30)
    return order


def _submit(env: simpy.Environment, team: Team, job: Job):
    yield env.timeout(0)
    team.submit(job)


def _noting(order: list[int], number: int):
    return lambda _: order.append(number)


def test_the_urgent_go_first_and_then_the_first_come() -> None:
    """Livelihood claims pass others that wait; among equals nobody passes."""
    assert served((1, 0.1), (1, 0.1), (0, 0.1), (1, 0.1)) == [0, 2, 1, 3]


def test_two_officers_do_two_jobs_at_once() -> None:
    """A short job passes a long one only where somebody else is free."""
    assert served((1, 2.0), (1, 0.1)) == [0, 1]
    assert served((1, 2.0), (1, 0.1), present=2) == [1, 0]


def test_officers_are_shared_out_by_load() -> None:
    """All officers are placed, more where there is more to do, one at least where there is anything."""
    sizes = sized({"affairs": 30.0, "urge": 0.2, "complex": 69.8, "fast": 0.0}, officers=20, spare=0.0)
    assert sum(sizes.values()) == 20
    assert sizes["complex"] > sizes["affairs"] > sizes["urge"] == 1
    assert sizes["fast"] == 0
    assert sized({"affairs": 1.0, "complex": 1.0}, officers=0, spare=0.5) == {"affairs": 0, TeamKind.COMPLEX: 0}
    assert sum(sized({"affairs": 1.0, "urge": 1.0, "complex": 1.0}, officers=1, spare=0.5).values()) == 1
