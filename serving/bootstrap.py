"""Opening the office: every collaborator is made once, from the settings, and handed in."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

from features.clock import SHANGHAI
from features.register import Register, load_register
from models.bundle import Bundle
from models.lifecycle import urging_window
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from serving.audit.rehearsal import Rehearsal
from serving.audit.schedule import Keeper, Schedule
from serving.audit.trail import Trail
from serving.batches.opening import Surroundings, open_batches
from serving.control.opening import Proof, open_control
from serving.control.promotions_due import EVERY_SECONDS as PROMOTED_EVERY
from serving.control.promotions_due import PromotionsDue
from serving.decide import Answering, Decider, Given
from serving.describe.bodies import described
from serving.desk import Desk
from serving.door.endpoint import Table
from serving.health.readiness import Readiness
from serving.identity.log_in import warm_log_in
from serving.identity.opening import open_reception, sign_on_of
from serving.identity.policy import Policy
from serving.jobs.desk import Jobs
from serving.jobs.runner import Runner
from serving.keys import KeyRing
from serving.metrics.prometheus import meter
from serving.model_life import NO_BUNDLE, ModelLife, load_current
from serving.model_life.changeover import Changeover, Renewed, Watch
from serving.model_life.court_windows import SignedWindows
from serving.model_life.fleet import Reporter, agreed, reports
from serving.model_life.notices import Notices
from serving.model_life.renewal import Renewal, load_promoted
from serving.model_life.shadow import Settled, Shadow
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from serving.model_life.switchboard import Switchboard
from serving.office import Office
from serving.opening import keys_of, now, open_store, second_place
from serving.pages.rendering import prepare
from serving.people.opening import open_people
from serving.people.retention import EVERY_SECONDS, Retention, periods_of
from serving.record.comparison.preparing import EVERY_SECONDS as COMPARED_EVERY
from serving.record.comparison.preparing import Preparing
from serving.record.indicators.counting import Counting
from serving.record.opening import Record, open_record
from serving.record.urging.converting import EVERY_SECONDS as CONVERTED_EVERY
from serving.record.urging.converting import Converting
from serving.repositories.advice import AdviceStore
from serving.repositories.comparison.closed import ClosedStore
from serving.repositories.duties import DutyStore
from serving.repositories.jobs import JobStore
from serving.repositories.retention import RetentionStore
from serving.repositories.rule_texts import RuleTextStore
from serving.repositories.shadow_scores import ShadowStore
from serving.repositories.switches import SwitchStore
from serving.repositories.urging.conversions import ConversionStore
from serving.repositories.urging.windows import WindowStore
from serving.samples import SAMPLES, sample
from serving.settings import Settings
from serving.signing.signers import Signers

_AFTER_SAMPLES = datetime(2026, 4, 1, tzinfo=SHANGHAI)
"""Any instant after the dates of the samples."""


def open_office(settings: Settings, table: Table) -> Office:
    """Make everything one worker needs, from the key file to the start page."""
    keys = keys_of(settings)
    store = open_store(settings, keys)
    switchboard = Switchboard(SwitchStore(store, keys).stopped)
    notices = Notices(store=store, keys=keys, clock=now, reporter=Reporter(settings.workers_folder), meter=meter())
    signed = SignedWindows(WindowStore(store, keys).signed)
    begin = _Beginning(settings, table, keys, RuleTextStore(store, keys), switchboard, signed)
    current = begin.changeover(notices)
    shadow = Shadow(lambda found: ShadowStore(store, keys).record(found, at=now()), lost=meter().shadow_lost)
    decider = Decider(
        standing=lambda: current.value,
        stopped=switchboard.stopped,
        settled=partial(_settled, shadow),
        records=AdviceStore(store, keys),
        keys=keys,
        clock=now,
        advice_days=settings.advice_days,
    )
    desk = Desk(decider, queue=settings.queue)
    watch = Watch(partial(_look, current, notices, switchboard))
    notices.began(current.value)
    watch.start()
    shadow.start(free=lambda: desk.free)
    trail = Trail(store, keys.mac, second_place(settings, keys))
    keeper = Keeper(trail.place)
    heads = Schedule(partial(keeper.export, lambda: trail.export_head(at=now())), seconds=settings.heads_seconds)
    heads.start()
    retention = Retention(RetentionStore(store, keys), periods_of(settings), now)
    erasing = Schedule(retention.by_itself, seconds=EVERY_SECONDS, name="retention", at_end=False)
    erasing.start()
    rehearsal = Rehearsal(store, keys)
    ready = Readiness(
        home=settings.home,
        draining=settings.draining_file,
        rehearse=lambda: rehearsal.fault(now()),
        standing=lambda: current.value,
        stopped=lambda: switchboard.known,
        watching=lambda: watch.alive,
        today=lambda: now().date(),
    )
    control = open_control(
        store, keys, settings.bundles, clock=now, place=trail.place, proof=Proof(demand=Signers.of(settings).demand)
    )
    runner = Runner(JobStore(store, keys), decider, f"{os.getpid()}-{secrets.token_hex(4)}", lambda: desk.free, now)
    preparing = Preparing(ClosedStore(store, keys), DutyStore(store), lambda: current.value, runner.worker, now)
    comparing = Schedule(preparing.by_itself, seconds=COMPARED_EVERY, name="comparison", at_end=False)
    comparing.start()
    converting = Schedule(
        Converting(ConversionStore(store, keys), DutyStore(store), lambda: current.value, runner.worker, now).by_itself,
        seconds=CONVERTED_EVERY,
        name="urging",
        at_end=False,
    )
    converting.start()
    promoting = Schedule(
        PromotionsDue(control.promoting, DutyStore(store), runner.worker, now).by_itself,
        seconds=PROMOTED_EVERY,
        name="promotions",
        at_end=False,
    )
    promoting.start()
    reception = open_reception(
        store, keys, policy=Policy.of(settings), clock=now, sign_on=sign_on_of(settings, keys, clock=now)
    )
    record = open_record(
        store, keys, clock=now, score=decider.score, standing=lambda: current.value, rules=lambda: current.value.rules
    )
    counting = Counting(record.keeping)
    counting.start()
    duties = (erasing, comparing, converting, promoting, counting)
    leave = _Leaving(watch, shadow, runner, lambda: notices.ended(current.value), heads, duties)
    batches = open_batches(store, keys, _around(decider, record, current, wake=runner.wake))
    runner.chores = batches.chores
    runner.start()
    prepare()
    jobs = Jobs(runner.jobs, keys, lambda: current.value.register, now, runner.wake)
    people = open_people(store, keys, clock=now)
    return Office(desk, reception, record, people, jobs, batches, lambda: current.value, ready, control, leave)


def _around(
    decider: Decider[Standing], record: Record, current: Changeover[Standing, Sight], *, wake: Callable[[], None]
) -> Surroundings:
    """Return what batches need of the rest."""
    return Surroundings(
        register=lambda: current.value.register,
        parse=decider.parse,
        parse_kept=decider.parse_kept,
        decisions=record.decisions,
        settings=record.settings,
        urging_ends=partial(_urging_ends, lambda: current.value),
        clock=now,
        wake=wake,
    )


def _urging_ends(standing: Callable[[], Standing], court: str, received_on: date, *, today: date) -> date:
    """Return the last day of urging that begins today, of an application received on a day."""
    return urging_window(today, standing().rules_of(court).on(received_on)).ends_on


def _settled(shadow: Shadow, one: Given[Standing]) -> None:
    meter().advice(one.advice.mode, one.advice.proposal.status)
    shadow.put(Settled(one.id, one.case, one.on, one.standing))


class Stops(Protocol):
    """A duty of the service that goes on by itself until it is stopped."""

    def stop(self) -> None:
        """Finish what was begun."""


@dataclass(frozen=True)
class _Leaving:
    """What a worker does before it lets go of its store."""

    watch: Watch
    shadow: Shadow
    runner: Runner
    tell: Callable[[], None]
    heads: Schedule
    duties: tuple[Stops, ...]

    def __call__(self) -> None:
        self.watch.close()
        self.runner.close()
        self.shadow.close()
        for duty in self.duties:
            duty.stop()
        self.tell()
        self.heads.stop()


@dataclass(frozen=True)
class _Beginning:
    """What it takes to make what answers; it is ready, and its rules are kept, before anyone meets it."""

    settings: Settings
    table: Table
    keys: KeyRing
    rules: RuleTextStore
    switchboard: Switchboard
    signed: SignedWindows

    def changeover(self, notices: Notices) -> Changeover[Standing, Sight]:
        """Return what answers first, and how it is exchanged."""
        renewal = Renewal.of(self.settings, signed=self.signed)
        return Changeover(
            lambda seen: self._ready(renewal.begin(seen)),
            sight=renewal.sight,
            renew=lambda old, seen: self._again(renewal.renew(old, seen)),
            report=notices.changed,
        )

    def _ready(self, renewed: Renewed[Standing]) -> Renewed[Standing]:
        standing = described(renewed.value, self.table, today=lambda: now().date(), live=self._live)
        for table in (standing.rules, *(one.table for one in standing.windows.values())):
            self.rules.keep(table, at=now())
        warm(standing, self.keys.token)
        # What is loaded stays: keep the collector from walking over the models again and again.
        gc.collect()
        gc.freeze()
        return Renewed(standing, renewed.changes, unfinished=renewed.unfinished)

    def _again(self, renewed: Renewed[Standing]) -> Renewed[Standing]:
        """Make ready what takes another's place, which may then be collected."""
        gc.unfreeze()
        return self._ready(renewed)

    def _live(self) -> dict[str, object]:
        """Return what the workers of this machine report, and which courts are switched off."""
        found = reports(self.settings.workers_folder)
        return {"stopped": sorted(self.switchboard.known), "workers": found, "workers_agree": agreed(found)}


def _look(current: Changeover[Standing, Sight], notices: Notices, switchboard: Switchboard) -> None:
    switchboard.refresh()
    if current.look():
        notices.report(current.value)


def preheat(settings: Settings) -> None:
    """Read and reckon what every worker needs and none changes, before workers are forked.

    Neither store nor model nor key is touched, and no thread is started. What
    is wrong with a court's rule file is a worker's to say.
    """
    register = load_register()
    with suppress(RuleTableError, OSError, UnicodeDecodeError):
        rules = load_rules(settings, register)
        life: ModelLife[Bundle] = ModelLife(None, None, NO_BUNDLE)
        warm(Standing(life=life, rules=rules, register=register, sight=Sight()), lambda number: number)
    warm_log_in(Policy.of(settings).cost)
    prepare()
    gc.collect()
    gc.freeze()


def warm(standing: Answering, tokenise: Callable[[str], str]) -> None:
    """Judge the samples without recording them, so that the first caller need not wait for caches.

    A court's rule table may begin after the samples' dates; then they are left out.
    """
    for name in SAMPLES:
        with suppress(RuleTableError):
            case = standing.parse(sample(name), _AFTER_SAMPLES, tokenise=tokenise)
            standing.judge(case, on=_AFTER_SAMPLES.date())


def current_model(settings: Settings) -> ModelLife[Bundle]:
    """Load the promoted bundle, or go without."""
    return load_current(settings.bundles, load=partial(load_promoted, demand=Signers.of(settings).demand))


def load_rules(settings: Settings, register: Register) -> RuleTable:
    """Load the statutory rules with the court's own table, or with the shipped one."""
    return RuleTable.load([settings.rules] if settings.rules else [], register=register)
