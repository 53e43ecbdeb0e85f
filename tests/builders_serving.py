"""Builders for tests of the online service: a case, an adviser without a model, a guarded application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Scope

from features.case import Case, parse_case
from features.clock import SHANGHAI
from features.register import load_register
from models.advice import Advice, Proposal, Versions
from models.advise import Judged
from models.bundle import Bundle
from models.lanes import Lane
from models.rules.table import RuleTable
from models.rules.windows import Windowed
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Courts, Principal
from serving.access.roles import Role
from serving.batches.opening import Surroundings, open_batches
from serving.ciphers import Mac, Seal
from serving.control.opening import Proof, open_control
from serving.decide import Decider
from serving.desk import Desk
from serving.door.admission import Admission
from serving.door.endpoint import Endpoint, Table
from serving.door.guard import Guard
from serving.door.head import Door
from serving.health.findings import Health
from serving.identity.opening import open_reception
from serving.identity.passwords import Cost
from serving.identity.policy import Policy
from serving.jobs.desk import Jobs
from serving.keys import KeyRing
from serving.office import Office, hand_over
from serving.pages.problem_page import problem_page
from serving.people.opening import open_people
from serving.record.opening import open_record
from serving.repositories.advice import AdviceStore
from serving.repositories.jobs import JobStore
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from serving.store.tables.advice import SEALED
from serving.store.transaction import Store
from serving.traffic.limits import Limits, Traffic

NOW = datetime(2026, 11, 20, 9, 12, 3, tzinfo=SHANGHAI)
MARKER = "33010619900307881X"
"""An identity number: what must never appear in a log."""

KEYS = KeyRing(b"k" * 32, Mac(b"a" * 32), Seal(b"d" * 32))
CLERK = Principal(kind="account", id="wang", roles=frozenset({Role.CLERK}), courts=Courts(frozenset({"浙1022"})))
ORIGIN = Origin(CLERK, "req-0000000000000001")

ANYONE = Principal(kind="key", id="test", courts=EVERY_COURT, actions=frozenset(Action))
"""A principal who may do everything everywhere; no such principal exists outside tests."""


ROOMY = Traffic(Limits(principal=1e6, address=1e6, crowd=10_000, guesses=1e6, guesses_burst=1e6))
"""Limits that no test reaches by accident."""

POLICY = Policy(cost=Cost(log_n=4, block=1, lanes=1))
"""The shipped policy, with passwords that cost nothing."""


def document(**changes: object) -> dict[str, Any]:
    """Return a request of stage A; `changes` replace envelope entries, `case` is merged."""
    case = {
        "cause_code": "126",
        "claim_amount": "38600.00",
        "due_date": "2025-08-14",
        "basis_effective_date": "2025-07-30",
        "applicant_type": "enterprise",
        "consent_urge": "agree",
        "received_at": "2026-11-20T09:12:00+08:00",
    }
    base: dict[str, Any] = {
        "application_id": "SQ20261120-0187",
        "court_code": "浙1022",
        "stage": "A",
        "as_of": "2026-11-20T09:12:00+08:00",
        "case": case,
    }
    extra = changes.pop("case", {})
    assert isinstance(extra, Mapping)
    return {**base, **changes, "case": {**case, **extra}}


def parse(sent: object, now: datetime) -> Case:
    """Read a document with the shipped register and the test's key."""
    return parse_case(sent, now=now, register=load_register(), tokenise=KEYS.token)


def advice_of(case: Case, *, route: Lane = Lane.URGE) -> Advice:
    """Return plain advice about a case."""
    return Advice(
        application_id=case.application_id,
        court_code=case.court_code,
        stage=case.stage,
        as_of=case.as_of,
        proposal=Proposal(
            route=route,
            decided_by="rule",
            deciding_rule="H07",
            status="rules_only",
            confidence="low",
            confidence_text="仅按规则",
            confidence_text_en="rules only",
        ),
        rules=(),
        versions=Versions(model=None, model_sha256=None, ruleset="2026-11", ruleset_sha256="f" * 64, schema="2026-11"),
        input_sha256="a" * 64,
        simulated=False,
    )


def judge(case: Case) -> Judged:
    """Judge without a model."""
    return Judged(advice_of(case), None)


@dataclass(frozen=True)
class Fixed:
    """Stands for what answers: reads with one function, judges with another, and shows one page."""

    reading: Callable[[object, datetime], Case] = parse
    judging: Callable[[Case], Judged] = judge
    descriptions: Mapping[str, Callable[[], bytes]] = field(
        default_factory=lambda: {"/v1/models/current": lambda: b'{"mode":"rules"}'}
    )
    page: bytes = "<h1>分流</h1>".encode()
    rules: RuleTable = field(default_factory=cache(RuleTable.load))

    def parse(self, document: object, at: datetime, **_: object) -> Case:
        """Read a document."""
        return self.reading(document, at)

    def judge(self, case: Case, **_: object) -> Judged:
        """Judge a case."""
        return self.judging(case)

    def windowed(self, _: str) -> Windowed:
        """Return the table that every court goes by."""
        return Windowed(table=self.rules)


async def healthy() -> Health:
    """Find nothing wrong."""
    return Health()


def decider(folder: Path, **changes: Any) -> Decider:
    """Return the use case on a store in the folder; `parse` and `advise` stand for what answers."""
    store = changes.pop("store", None) or opened(folder)
    fixed = Fixed(changes.pop("parse", parse), changes.pop("advise", judge))
    base = Decider(standing=lambda: fixed, records=AdviceStore(store, KEYS), keys=KEYS, clock=lambda: NOW)
    return replace(base, **changes)


@dataclass
class calling:  # noqa: N801 - reads as a word: a guard calling for this principal
    """A porter by whom every call comes from this principal, or from nobody; keeps what was refused."""

    who: Principal | None
    refused: list[tuple[str, str]] = field(default_factory=list)

    async def principal(self, _: Scope) -> Principal | None:
        """Return the principal."""
        return self.who

    async def denied(self, endpoint: Endpoint, _: Principal | None, *, code: str, **__: str) -> None:
        """Keep the refusal."""
        self.refused.append((str(endpoint), code))


def guard(
    app: ASGIApp,
    *,
    principal: Principal | None = ANYONE,
    table: Table = TABLE,
    traffic: Traffic | None = None,
    **options: Any,
) -> Guard:
    """Return the guard around an application of the test's own."""
    return Guard(app, Door.of(Settings()), table, Admission(calling(principal), traffic or ROOMY), **options)


def opened(folder: Path, *, busy_timeout_ms: int = 5000) -> Store:
    """Return the store in the folder, written with the test's keys."""
    return Store.open(folder / "fenliu.db", keys=KEYS, busy_timeout_ms=busy_timeout_ms)


def unsealed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of table `advice` with its sealed columns opened."""
    shown = {name: KEYS.seal.open(row[name], f"advice.{name}:{row['id']}") for name in SEALED if row[name] is not None}
    return {**row, **shown}


def office_in(
    folder: Path, *, queue: int = 64, ready: Callable[[], Awaitable[Health]] = healthy, **changes: Any
) -> Office:
    """Return an office on a store in the folder; `shown` stands for what the service says of itself.

    Similar cases are looked for where `answering` returns what answers.
    """
    shown, answering = changes.pop("shown", Fixed), changes.pop("answering", None)
    use_case = decider(folder, **changes)
    reception = open_reception(use_case.records.store, KEYS, policy=POLICY, clock=use_case.clock)
    record = open_record(use_case.records.store, KEYS, clock=use_case.clock, score=use_case.score, standing=answering)
    # Bundles are loaded without the child process, which has its own tests.
    control = open_control(
        use_case.records.store, KEYS, folder / "bundles", clock=use_case.clock, proof=Proof(Bundle.load)
    )
    jobs = Jobs(JobStore(use_case.records.store, KEYS), KEYS, load_register, use_case.clock)
    people = open_people(use_case.records.store, KEYS, clock=use_case.clock)
    around = Surroundings(
        register=load_register, parse=use_case.parse, parse_kept=use_case.parse_kept, decisions=record.decisions,
        settings=record.settings, urging_ends=lambda *_, today: today + timedelta(days=15), clock=use_case.clock,
    )  # fmt: skip
    batches = open_batches(use_case.records.store, KEYS, around)
    return Office(Desk(use_case, queue=queue), reception, record, people, jobs, batches, shown, ready, control)


def guarded(
    folder: Path,
    *,
    queue: int = 64,
    settings: Settings | None = None,
    principal: Principal | None = ANYONE,
    traffic: Traffic | None = None,
    **changes: Any,
) -> ASGIApp:
    """Return the REST routes behind the guard, as they are served, without BentoML between them."""
    app = rest_app()
    hand_over(app, office_in(folder, queue=queue, **changes))
    admission = Admission(calling(principal), traffic or ROOMY)
    return Guard(app, Door.of(settings or Settings(), page_of=problem_page), TABLE, admission)


def client(app: ASGIApp, *, host: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a client that calls the application from an address."""
    transport = httpx.ASGITransport(app, client=(host, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def post(app: ASGIApp, sent: object = None, *, path: str = "/v1/scores", **options: Any) -> httpx.Response:
    """Send a document (or raw `content`) with an idempotency key and return the answer."""
    content = options.pop("content", None)
    body = json.dumps(document() if sent is None else sent).encode() if content is None else content
    headers = {"Content-Type": "application/json", "Idempotency-Key": "key-00000001", **options.pop("headers", {})}
    async with client(app, **options) as caller:
        return await caller.post(path, content=body, headers={k: v for k, v in headers.items() if v is not None})


async def get(app: ASGIApp, path: str, **headers: str) -> httpx.Response:
    """Fetch a path."""
    async with client(app) as caller:
        return await caller.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
