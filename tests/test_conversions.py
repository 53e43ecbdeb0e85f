"""Urging that ends: the service converts the case by itself on the day due, once, and never by half."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.record.decisions import tag_of
from serving.record.urging.converting import Converting
from serving.repositories.duties import DutyStore
from serving.repositories.queue import Sought
from serving.repositories.urging import conversions as conversion_records
from serving.repositories.urging.conversions import ConversionStore
from serving.store.tables import audit, conversions, outcomes, urged_cases
from tests.builders_case import NOW, case_document
from tests.builders_pages import Courthouse, person, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import KEYS, client, opened
from tests.builders_store import Database

LI = person("li.ming", Role.JUDGE)
WINDOW = 15
"""Days of urging of the shipped rules."""


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@dataclass(frozen=True)
class Urged:
    """A court with one case that was decided to be urged today."""

    court: Courthouse
    advice_id: str

    @classmethod
    def of(cls, court: Courthouse, number: str = "SQ-1", **changes: Any) -> Urged:
        """Score a case and decide that it is urged."""
        advice_id = court.score(case_document(application_id=number, preserved=False, **changes))
        cls._decide(court, advice_id, "urge")
        return cls(court, advice_id)

    @staticmethod
    def _decide(court: Courthouse, advice_id: str, lane: str) -> None:
        decisions = court.office().record.decisions
        tag = tag_of(decisions.file(advice_id, origin=OPERATOR))
        asked = {"advice_id": advice_id, "lane": lane, "reason": "party", "warnings_checked": True}
        decisions.decide(asked, key=f"decide-{advice_id}", tags=tag.__eq__, origin=Origin(LI))

    def later(self, days: int) -> Courthouse:
        """Return the court so many days later."""
        return replace(self.court, clock=lambda: NOW + timedelta(days=days))

    def happens(self, kind: str, days: int, **more: str) -> None:
        """Report an event of some day on that day."""
        at = (NOW + timedelta(days=days)).isoformat(timespec="seconds")
        event = {"application_id": "SQ-1", "court_code": "浙1022", "kind": kind, "at": at, **more}
        self.later(days).office().record.outcomes.report([event], key=f"{kind}-{days}", origin=OPERATOR)

    def looked(self, days: int, worker: str = "w1") -> tuple[int, int]:
        """Have the service look, so many days later."""
        court = self.later(days)
        duty = Converting(
            ConversionStore(court.store, KEYS), DutyStore(court.store), lambda: court.standing, worker, court.clock
        )
        return duty.once()

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Return a table's rows."""
        return self.court.store.read(lambda one: [dict(row) for row in one.execute(table.select()).mappings()])

    def waiting(self, days: int) -> list[tuple[str, str]]:
        """Return deadline and first notice of what waits."""
        page = self.later(days).office().record.queue.page(Sought(), origin=Origin(LI))
        return [(row["due_on"], row["due_kind"]) for row in page.rows]


@pytest.fixture
def urged(tmp_path: Path, rules: Standing) -> Urged:
    """Return a case that is urged from today on."""
    return Urged.of(Courthouse(tmp_path, opened(tmp_path), rules))


def day(days: int) -> str:
    """Return the day so many days after today."""
    return (NOW.date() + timedelta(days=days)).isoformat()


def test_unpaid_after_the_window_the_case_has_to_be_filed_that_day(urged: Urged) -> None:
    """The debtor has the whole of the last day; from the next one on it waits in the queue, first of all."""
    assert (urged.looked(0), urged.looked(WINDOW), urged.waiting(WINDOW)) == ((1, 0), (0, 0), [])
    assert urged.looked(WINDOW + 1) == (1, 1)
    (row,) = urged.rows(conversions)
    assert (row["cause"], row["rule"], row["due_on"]) == ("window_over", "H13", day(WINDOW + 1))
    assert urged.waiting(WINDOW + 1) == [(day(WINDOW + 1), "conversion")]
    assert [event["kind"] for event in urged.rows(outcomes)] == ["convert"]
    assert "case.convert" in {event["action"] for event in urged.rows(audit)}


def test_a_second_look_converts_nothing_again(urged: Urged) -> None:
    """One decision to urge ends once."""
    urged.looked(WINDOW + 1)
    assert urged.looked(WINDOW + 2) == (0, 0)
    assert len(urged.rows(conversions)) == 1


def test_a_service_that_was_down_says_since_when_the_case_was_due(urged: Urged) -> None:
    """The day due is that of the law, not that of the look."""
    urged.looked(WINDOW + 9)
    (row,) = urged.rows(conversions)
    assert (row["due_on"], row["at"][:10]) == (day(WINDOW + 1), day(WINDOW + 9))


def test_whoever_has_paid_is_not_filed_against(urged: Urged) -> None:
    """All of the claim came in, in parts; what was reported twice counts once."""
    urged.happens("payment", 2, amount="20000.00", source="voluntary")
    urged.happens("payment", 5, amount="18600.00", source="voluntary")
    urged.looked(6)
    assert urged.looked(WINDOW + 1) == (0, 0)
    assert (urged.rows(conversions), urged.rows(urged_cases)) == ([], [])


def test_part_of_the_money_ends_nothing(urged: Urged) -> None:
    """Thirty thousand of 38,600."""
    urged.happens("payment", 2, amount="30000.00", source="voluntary")
    urged.looked(3)
    urged.looked(WINDOW + 1)
    assert [row["cause"] for row in urged.rows(conversions)] == ["window_over"]


@pytest.mark.parametrize(
    ("kind", "cause"), [("clue", "new_clue"), ("settle_default", "promise_broken"), ("withdraw", "consent_withdrawn")]
)
def test_a_clue_a_broken_promise_and_consent_taken_back_convert_on_their_day(
    urged: Urged, kind: str, cause: str
) -> None:
    """At the next look, which comes within a minute."""
    urged.happens(kind, 4)
    assert urged.looked(4) == (1, 1)
    assert [(row["cause"], row["due_on"]) for row in urged.rows(conversions)] == [(cause, day(4))]


def test_whoever_does_not_agree_any_more_is_filed_for_that_day(urged: Urged) -> None:
    """Consent is withdrawn by newer facts of the same application."""
    urged.looked(0)
    stamp = (NOW + timedelta(days=3)).isoformat(timespec="seconds")
    newer = case_document(application_id="SQ-1", preserved=False, consent_urge="refuse", as_of=stamp)
    newest = urged.later(3).score(newer)
    assert urged.looked(3) == (1, 1)
    assert [(row["cause"], row["due_on"]) for row in urged.rows(conversions)] == [("consent_withdrawn", day(3))]
    assert urged.later(3).office().record.queue.records.waits_for_filing(newest)


@pytest.mark.parametrize(("kind", "more"), [("file", {}), ("close", {"mode": "terminated"}), ("convert", {})])
def test_what_ended_otherwise_is_not_watched(urged: Urged, kind: str, more: dict[str, str]) -> None:
    """The court's own system was first."""
    urged.happens(kind, 2, **more)
    assert urged.rows(urged_cases) == []
    assert urged.looked(WINDOW + 1) == (0, 0)


def test_a_decision_that_is_taken_back_is_not_watched(urged: Urged) -> None:
    """Urging ended before it began."""
    decisions = urged.court.office().record.decisions
    file = decisions.file(urged.advice_id, origin=OPERATOR)
    assert file.standing is not None
    decisions.withdraw(file.standing["id"], key="back-000001", tags=tag_of(file).__eq__, origin=Origin(LI))
    assert urged.looked(WINDOW + 1) == (0, 0)


def test_a_converted_case_leaves_the_queue_when_it_is_filed(urged: Urged) -> None:
    """By the report of the court's system, or of the clerk."""
    urged.looked(WINDOW + 1)
    urged.happens("file", WINDOW + 1)
    assert urged.waiting(WINDOW + 1) == []


@pytest.mark.anyio
async def test_page_and_interface_say_when_it_was_converted_and_why(urged: Urged) -> None:
    """The clerk notes from the page that it was filed."""
    urged.looked(WINDOW + 1)
    court, path = urged.later(WINDOW + 1), f"/cases/{urged.advice_id}"
    async with client(court.app(person("zhang.wei", Role.CLERK))) as caller:
        page = (await caller.get(path)).text
        assert f"督促期满未履行，当日转立案。已于 {day(WINDOW + 1)} 10:00 自动转立案" in read(page)
        assert "督促终止，自动转立案" in read(page)
        listed = read((await caller.get("/queue")).text)
        assert "督促终止，应立案" in listed
        assert "由法官确定" not in listed
        shown = (await caller.get(f"/v1/scores/{urged.advice_id}/decisions")).json()["conversion"]
        assert (shown["cause"], shown["due_on"]) == ("window_over", day(WINDOW + 1))
        key = re.findall(r'/filed".*?name="key" value="(\w+)"', page)[0]
        assert (await caller.post(f"{path}/filed", data={"csrf_token": "", "key": key})).status_code == 303
        assert "/filed" not in (await caller.get(path)).text
    assert urged.waiting(WINDOW + 1) == []


class Killed(BaseException):
    """Stands for the end of a process."""


def test_a_worker_that_dies_in_the_middle_leaves_nothing_half(urged: Urged, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversion, event and queue come in one transaction; the next worker goes on when the lease is over."""

    def killed(*_: object) -> None:
        msg = "ended"
        raise Killed(msg)

    with monkeypatch.context() as broken:
        broken.setattr(conversion_records, "enter", killed)
        with pytest.raises(Killed, match="ended"):
            urged.looked(WINDOW + 1, "w1")
    assert (urged.rows(conversions), urged.rows(outcomes), urged.waiting(WINDOW + 1)) == ([], [], [])
    assert urged.looked(WINDOW + 1, "w2") == (0, 0), "the dead worker's lease is not over"
    again = replace(urged, court=replace(urged.court))
    late = Converting(
        ConversionStore(again.court.store, KEYS), DutyStore(again.court.store), lambda: again.court.standing, "w2",
        lambda: NOW + timedelta(days=WINDOW + 1, minutes=6),
    )  # fmt: skip
    assert late.once() == (1, 1)


def test_two_workers_without_a_lease_between_them_convert_once(
    database: Database, tmp_path: Path, rules: Standing
) -> None:
    """Even if both look at the same case at once: the row that is gone is not looked at again."""
    court = Courthouse(tmp_path, database.open(), rules)
    cases = [Urged.of(court, f"SQ-{number}") for number in range(1, 6)]
    stores = [database.open() for _ in range(2)]

    def work(place: int) -> tuple[int, int]:
        at = NOW + timedelta(days=WINDOW + 1)
        records = ConversionStore(stores[place], KEYS)
        free = Converting(records, _Free(), lambda: rules, f"w{place}", lambda: at)
        return free.once()

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(work, range(2)))
    assert sum(converted for _, converted in done) == len(cases)
    assert len(cases[0].rows(conversions)) == len(cases)


class _Free(DutyStore):
    """A lease that everybody gets."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]

    def take(self, *_: object, **__: object) -> bool:
        """Say yes."""
        return True
