"""The challenger: scored beside, on record, never shown, and it keeps nobody waiting."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.access.origin import Origin
from serving.model_life.loading import ModelLife
from serving.model_life.renewal import Renewal
from serving.model_life.shadow import Settled, Shadow, shadow_score
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from serving.repositories.advice import AdviceStore
from serving.repositories.shadow_scores import ShadowScore, ShadowStore, forget
from serving.store.faults import StoreUnavailableError
from serving.store.tables.audit import audit
from serving.store.tables.models import shadow_scores
from tests.builders_case import case_document
from tests.builders_models import assembled, tiny_bundle
from tests.builders_serving import ANYONE, KEYS, NOW, ORIGIN, Fixed, decider, document, parse
from tests.builders_store import Database

TODAY = NOW.date()
CASE = parse(case_document(), NOW.replace(hour=23))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return a standing of rules, with a challenger beside."""
    challenger = Renewal(bundles=tmp_path_factory.mktemp("none")).begin(Sight()).value
    return replace(challenger, shadow=ModelLife("challenger", assembled("challenger"), None))


def settled(standing: Standing, advice_id: str = "SCR-20261120-000001", on: date = TODAY) -> Settled:
    """Return a case whose answer is on record."""
    return Settled(advice_id, CASE, on, standing)


class Runner:
    """A challenger's thread with what it recorded and lost."""

    def __init__(self, *, most: int = 1000, broken: bool = False) -> None:
        self.recorded: list[ShadowScore] = []
        self.lost = 0
        self.free = True
        self.broken = broken
        self.arrived = threading.Event()
        self.shadow = Shadow(self.record, lost=self.lose, most=most)

    def record(self, found: Sequence[ShadowScore]) -> None:
        """Record, or break."""
        self.arrived.set()
        if self.broken:
            msg = "存储不可用"
            raise StoreUnavailableError(msg)
        self.recorded += found

    def lose(self, cases: int) -> None:
        """Count a loss."""
        self.lost += cases

    def work(self) -> None:
        """Let the thread work until something was recorded, and end it."""
        self.shadow.start(free=lambda: self.free)
        assert self.arrived.wait(20)
        self.shadow.close()


def test_the_challenger_judges_the_same_case_by_the_same_rules(standing: Standing) -> None:
    """Its name and hash, its lane, and every score; a score that is withheld has no number."""
    found = shadow_score(settled(standing))
    assert found is not None
    assert (found.model, found.status) == ("challenger", "scored")
    assert len(found.scores) >= 2
    assert all(value is not None and value >= 0.0 for value in found.scores.values())
    expired = shadow_score(settled(standing, on=date(2031, 1, 1)))
    assert expired is not None
    assert (expired.status, set(expired.scores.values())) == ("abstained", {None})


def test_without_a_challenger_nothing_is_kept(standing: Standing) -> None:
    """No pointer, no word, and the queue stays empty."""
    assert shadow_score(settled(replace(standing, shadow=None))) is None
    runner = Runner(most=1)
    for _ in range(3):
        runner.shadow.put(settled(replace(standing, shadow=None)))
    assert runner.lost == 0


def test_a_full_queue_loses_cases_and_counts_them(standing: Standing) -> None:
    """Nobody waits for room."""
    runner = Runner(most=2)
    for number in range(5):
        runner.shadow.put(settled(standing, f"SCR-20261120-00000{number}"))
    assert runner.lost == 3
    runner.work()
    assert [one.advice_id[-1] for one in runner.recorded] == ["0", "1"]


def test_what_cannot_be_recorded_is_counted(standing: Standing) -> None:
    """A store out of reach ends neither the thread nor the count."""
    runner = Runner(broken=True)
    runner.shadow.put(settled(standing))
    runner.work()
    assert (runner.recorded, runner.lost) == ([], 1)


def test_what_still_waits_at_the_end_is_counted(standing: Standing) -> None:
    """Closing loses the queue, and says so."""
    runner = Runner()
    runner.free = False
    runner.shadow.start(free=lambda: runner.free)
    runner.shadow.put(settled(standing))
    runner.shadow.close()
    assert (runner.recorded, runner.lost) == ([], 1)


def recorded(database: Database, *, cases: int) -> ShadowStore:
    """Return the store of a service that has given advice on some cases."""
    store = database.open()
    for number in range(cases):
        decider(Path(), store=store).score(document(), key=f"key-{number:08d}", origin=ORIGIN)
    return ShadowStore(store, KEYS)


def said(number: int, *, route: str | None = "urge", sha256: str = "c" * 64) -> ShadowScore:
    """Return a challenger's word on a case."""
    return ShadowScore(
        advice_id=f"SCR-20261120-{number:06d}", model="challenger", model_sha256=sha256, status="scored", route=route,
        scores={"ability": 0.25, "willingness": None},
    )  # fmt: skip


def test_scores_are_kept_sealed_beside_the_advice(database: Database) -> None:
    """Read back as they were; the numbers stand in no column; one audit row for all of them."""
    shadows = recorded(database, cases=2)
    assert shadows.record([said(1), said(2)], at=NOW) == 2
    assert shadows.scores("SCR-20261120-000002") == [said(2)]
    sealed = shadows.store.read(lambda connection: connection.scalar(sa.select(shadow_scores.c.scores)))
    assert sealed is not None
    assert b"0.25" not in sealed
    query = sa.select(audit).where(audit.c.action == "shadow.record")
    (row,) = shadows.store.read(lambda connection: connection.execute(query).all())
    assert json.loads(row.detail)["rows"] == "2"


def test_a_case_is_compared_once_with_each_challenger(database: Database) -> None:
    """Again the same is nothing new; another challenger is."""
    shadows = recorded(database, cases=1)
    assert [shadows.record([one], at=NOW) for one in (said(1), said(1), said(1, sha256="d" * 64))] == [1, 0, 1]
    assert len(shadows.scores("SCR-20261120-000001")) == 2


def test_agreement_counts_lanes(database: Database) -> None:
    """Of three cases the challenger would have proposed the same lane twice."""
    shadows = recorded(database, cases=3)
    shadows.record([said(1), said(2), said(3, route="fast")], at=NOW)
    (found,) = shadows.agreement()
    assert (found.model, found.cases, found.same_route) == ("challenger", 3, 2)


def test_what_the_challenger_said_goes_with_the_case(database: Database) -> None:
    """Erasing a case takes it along, and nothing is written about an erased one."""
    shadows = recorded(database, cases=2)
    shadows.record([said(1), said(2)], at=NOW)
    assert shadows.store.write(lambda connection: forget(connection, ["SCR-20261120-000001"])) == 1
    assert shadows.scores("SCR-20261120-000001") == []
    assert len(shadows.scores("SCR-20261120-000002")) == 1
    erase = "UPDATE advice SET erased_at = '2027', input = NULL, features = NULL, rules = NULL, answer = NULL"
    shadows.store.write(lambda connection: connection.execute(sa.text(erase)))
    assert shadows.record([said(1)], at=NOW) == 0


def test_the_challenger_is_told_of_new_answers_only(tmp_path: Path) -> None:
    """A repetition of the same call is no new case, and a preview is none at all."""
    told: list[str] = []
    use_case = decider(tmp_path, settled=lambda given: told.append(given.id))
    for _ in range(2):
        use_case.score(document(), key="key-00000001", origin=ORIGIN)
    use_case.preview(document(), origin=ORIGIN)
    assert told == ["SCR-20261120-000001"]


def test_a_stopped_court_is_judged_without_models(tmp_path: Path) -> None:
    """The desk asks the switch for the case's court, and hands the word on."""
    asked: list[tuple[str, bool]] = []

    class Listening(Fixed):
        def judge(self, case: object, **given: object) -> object:  # type: ignore[override]
            asked.append((case.court_code, bool(given["stopped"])))  # type: ignore[attr-defined]
            return super().judge(case, **given)  # type: ignore[arg-type]

    for court in ("浙1022", "浙1021"):
        use_case = decider(tmp_path, standing=Listening, stopped=lambda code: code == "浙1022")
        use_case.score(document(court_code=court), key=f"key-{court}-1", origin=Origin(ANYONE))
    assert asked == [("浙1022", True), ("浙1021", False)]
    assert isinstance(use_case.records, AdviceStore)


def test_a_bundle_on_disk_serves_as_challenger(tmp_path: Path) -> None:
    """From the pointer to the word, over a real folder."""
    bundles = tmp_path / "bundles"
    tiny_bundle(bundles, "two", seed=2)
    (bundles / "shadow").write_text("two", encoding="utf-8")
    renewal = Renewal(bundles=bundles)
    first = renewal.begin(renewal.sight()).value
    found = shadow_score(settled(renewal.renew(first, renewal.sight()).value))
    assert found is not None
    assert found.model == "two"
