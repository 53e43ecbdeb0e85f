"""The court at work: SimPy's clock, the teams with their queues, and the strands of work in every case."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import simpy

from models.lanes import LANES, Lane
from training.court_year.docket import Docket
from training.court_year.office.hours import CLOSES, OPENS, OfficeHours
from training.court_year.office.ledger import Ledger
from training.court_year.office.matter import Matter, Walk
from training.court_year.office.plain import Plain
from training.court_year.office.staff import Staff, TeamKind
from training.court_year.office.teams import Job, Team
from training.court_year.settings import Desk, Node, Strand, YearSettings
from training.simulate.settings import CLASSES


class Court:
    """One court, its days and its teams; what happens in a case is told by the functions beside this file."""

    def __init__(self, docket: Docket, settings: YearSettings, staff: Staff, *, hours: OfficeHours) -> None:
        self.settings = settings
        self.staff = staff
        self.hours = hours
        self.case = Plain.of(docket, settings)
        self.urging = docket.urging
        self.ledger = Ledger(len(docket.arrivals))
        self.env = simpy.Environment(initial_time=float(hours.start))
        self.teams = {name: Team(self.env, hours) for name in staff.sizes}
        self._in_order = list(self.teams.values())
        self._does = {name: self.teams[staff.doing(name)] for name in staff.sizes}
        self._number = count()
        self._nodes = {
            (strand, place): tuple(n for n in settings.nodes_of(strand) if not n.means or means in n.means)
            for strand in Strand
            for place, means in enumerate(CLASSES)
        }
        self._slower = settings.office.generalist if staff.judges else 1.0

    @property
    def now(self) -> float:
        """The instant, in days since 1970-01-01 in Shanghai."""
        return float(self.env.now)

    def at(self, instant: float, act: Callable[[], None]) -> None:
        """Do something at an instant, at once where it has passed; what lies at infinity never comes."""
        if instant != float("inf"):
            self.env.timeout(max(instant - self.env.now, 0.0)).callbacks.append(lambda _: act())

    def run(self, begin: Callable[[], None], *, until: float) -> Ledger:
        """Let the days pass up to an instant and return what became of every application."""
        self._day(0)
        begin()
        self.env.run(until=until)
        return self.ledger

    def walk(self, walk: Walk, strand: Strand) -> None:
        """Begin a strand of work in a case; closing and payout go on after its end."""
        walk.nodes = self._nodes[strand, self.case.means[walk.matter.row]]
        if strand not in (Strand.CLOSING, Strand.PAYOUT):
            walk.matter.walks.append(walk)
        self.go_on(walk)

    def go_on(self, walk: Walk) -> None:
        """Wait for the next node of a strand, or for its end."""
        walk.skip(LANES[walk.matter.lane])
        version, due = walk.version, walk.due()
        if due <= self.env.now:
            self._due(walk, version)
        else:
            self.at(due, lambda: self._due(walk, version))

    def stop(self, matter: Matter) -> None:
        """Drop all work that goes on in a case."""
        for walk in matter.walks:
            walk.version += 1
        matter.walks.clear()

    def _due(self, walk: Walk, version: int) -> None:
        if walk.version != version:
            return
        if walk.place == len(walk.nodes):
            walk.then(walk)
            return
        node, row = walk.nodes[walk.place], walk.matter.row
        hours = node.hours[LANES[walk.matter.lane]] * self._slower * self.case.work[row]
        walk.queued = True
        self._team(node, walk.matter).submit(
            Job(
                priority=self.case.priority[row],
                since=self.now,
                number=next(self._number),
                work=hours / self.settings.office.hours_per_day,
                wanted=lambda: walk.version == version,
                done=lambda waited: self._done(walk, version, hours=hours, waited=waited),
            )
        )

    def _done(self, walk: Walk, version: int, *, hours: float, waited: float) -> None:
        """Write an officer's hours down and go on, unless the case has ended meanwhile."""
        self.ledger.hours[walk.matter.row] += hours
        if walk.version != version:
            return
        walk.waits += waited
        walk.place += 1
        walk.queued = False
        self.go_on(walk)

    def _team(self, node: Node, matter: Matter) -> Team:
        if self.staff.judges:
            return self._in_order[matter.row % len(self._in_order)]
        if node.desk == Desk.LANE:
            return self._does[TeamKind.FAST if LANES[matter.lane] is Lane.FAST else TeamKind.COMPLEX]
        return self._does[node.desk]

    def _day(self, place: int) -> None:
        """Wait for a working day: staff the teams in the morning, look at their queues in the evening."""
        if place < len(self.hours.workdays):
            day = self.hours.workdays[place]
            self.at(day + OPENS, lambda: self._morning(place))
            self.at(day + CLOSES, lambda: self._evening(place))

    def _morning(self, place: int) -> None:
        for name, present in self.staff.present(place):
            self.teams[name].staff(present)

    def _evening(self, place: int) -> None:
        self.ledger.days.append(self.now)
        self.ledger.queues.append([team.waiting() for team in self._in_order])
        self._day(place + 1)
