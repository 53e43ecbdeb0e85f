"""Building the demonstration court: an empty store, a promoted demo model, simulated cases, and a clock set by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from models.bundle import Bundle
from serving.access.origin import Origin
from serving.batches.importing import Importing
from serving.decide import Decider
from serving.demo.course import Doing, steps_of
from serving.demo.people import MAIN, named, open_accounts_of, policy_of
from serving.demo.serial import serial_file
from serving.demo.working import Clock, Working, settle
from serving.history.reading import PastCase, past_cases
from serving.identity.opening import open_accounts
from serving.keys import KeyRing
from serving.model_life.renewal import Renewal
from serving.model_life.standing import Standing
from serving.people.opening import open_people
from serving.record.opening import open_record
from serving.record.urging.window import Asked
from serving.repositories.advice import AdviceStore
from serving.repositories.batches.lists import BatchStore
from serving.repositories.rule_texts import RuleTextStore
from serving.settings import Settings
from serving.store.transaction import Store

SEED: Final = 20261126
_HELD_SINCE: Final = timedelta(minutes=10)
_IMPORTED_SINCE: Final = timedelta(minutes=20)
_WINDOW_IN: Final = timedelta(days=14)


@dataclass(frozen=True)
class Built:
    """What the court has now: answers, decisions, reports, reviews and corrections, and how many cases it holds."""

    cases: int
    done: dict[Doing, int]


@dataclass(frozen=True)
class Ground:
    """What the court is built on: the settings, a store that holds nothing yet, its keys, and the present instant."""

    settings: Settings
    store: Store
    keys: KeyRing
    now: datetime


def build(ground: Ground, folder: Path, *, by: Origin, tell: Callable[[int, int], None]) -> Built:
    """Do three months of work on the simulated cases of a folder; `tell` hears how many steps are done.

    Raises
    ------
    OSError
        The folder holds no history.
    """
    standing = _standing(ground)
    cases = list(past_cases(folder, standing.register))
    steps = steps_of(cases, now=ground.now, rng=np.random.default_rng(SEED))
    if not steps:
        return Built(0, {})
    clock = Clock(steps[0].at - timedelta(hours=2))
    _prepare(ground, standing, clock, by=by)
    working = _working(ground, standing, clock)
    settle(working.record, by=by)
    for number, step in enumerate(steps, start=1):
        working.do(step)
        tell(number, len(steps))
    _import(ground, standing, cases, clock)
    clock.at = ground.now - _HELD_SINCE
    working.record.queue.take_next(origin=named("judge2").origin)
    _ask(working, clock)
    return Built(len(working.answers), working.done)


def _import(ground: Ground, standing: Standing, cases: Sequence[PastCase], clock: Clock) -> None:
    """Import a serial case; the service scores its lines when it starts, so that people see that happen."""
    clock.at = ground.now - _IMPORTED_SINCE
    parse = partial(standing.parse, tokenise=ground.keys.token)
    lists = BatchStore(ground.store, ground.keys)
    importing = Importing(lists, ground.keys, lambda: standing.register, parse, clock, lambda: SEED)
    elsewhere = [case for case in cases if case.court_code != MAIN]
    body, by = serial_file(elsewhere, clock()), named("lead").origin
    batch = importing.take_in(importing.read(body, origin=by), body, key="demo-serial-case", origin=by)
    importing.confirm(batch, again=False, origin=by)


def _ask(working: Working, clock: Clock) -> None:
    """Ask for another urging window, which waits for the president's signature."""
    day = (clock().date() + _WINDOW_IN).isoformat()
    asked = Asked(court=MAIN, days="20", day=day, reason="演示：院长办公会拟将督促期延长五日")
    working.record.windows.ask(asked, origin=named("sysadmin").origin)


def _standing(ground: Ground) -> Standing:
    """Return what the court answers with: the promoted model, which the service proves before it answers with it."""
    renewal = replace(Renewal.of(ground.settings), prove_at_start=Bundle.load)
    return renewal.begin(renewal.sight()).value


def _prepare(ground: Ground, standing: Standing, clock: Clock, *, by: Origin) -> None:
    RuleTextStore(ground.store, ground.keys).keep(standing.rules, at=clock())
    policy = policy_of(ground.settings)
    open_accounts_of(open_accounts(ground.store, ground.keys, policy=policy, clock=clock), origin=by)


def _working(ground: Ground, standing: Standing, clock: Clock) -> Working:
    store, keys = ground.store, ground.keys
    decider = Decider(
        standing=lambda: standing, records=AdviceStore(store, keys), keys=keys, clock=clock,
        advice_days=ground.settings.advice_days,
    )  # fmt: skip
    record = open_record(store, keys, clock=clock, score=decider.score, rules=lambda: standing.rules)
    return Working(decider, record, open_people(store, keys, clock=clock), clock)
