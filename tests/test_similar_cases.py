"""Similar cases: found among the court's closed ones, kept as found, hidden with the predictions, and marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.record.comparison.preparing import Preparing
from serving.record.court_settings import ReviewMode
from serving.repositories.comparison.closed import ClosedStore
from serving.repositories.duties import DutyStore
from serving.repositories.retention import Periods, RetentionStore
from serving.store.tables import closed_cases, marks, similar_cases
from tests.builders_case import NOW, case_document
from tests.builders_pages import Courthouse, person, read
from tests.builders_replay import OPERATOR
from tests.builders_serving import KEYS, client, opened

pytestmark = pytest.mark.anyio

LI, ZHAO = person("li.ming", Role.JUDGE), person("zhao.min", Role.JUDGE)
BEFORE = NOW - timedelta(days=100)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@dataclass(frozen=True)
class Archive:
    """A court with closed cases."""

    court: Courthouse

    def closed(self, number: int, *, mode: str = "full", at: datetime = BEFORE, prefix: str = "SQ-OLD-") -> str:
        """Score a case of the past and report that it is closed a month later."""
        past = replace(self.court, clock=lambda: at)
        stamp, name = at.isoformat(timespec="seconds"), f"{prefix}{number}"
        given = case_document(
            application_id=name, as_of=stamp, received_at=stamp, claim_amount=f"{30_000 + 500 * number}.00",
            basis_effective_date="2026-05-30", due_date="2026-06-14", observed_at={},
        )  # fmt: skip
        advice_id = past.score(given)
        later = replace(self.court, clock=lambda: at + timedelta(days=40))
        end = {
            "application_id": name, "court_code": "浙1022", "kind": "close", "mode": mode,
            "at": (at + timedelta(days=30)).isoformat(timespec="seconds"),
        }  # fmt: skip
        later.office().record.outcomes.report([end], key=f"close-{prefix}{number}", origin=OPERATOR)
        return advice_id

    def prepare(self, worker: str = "w1") -> int:
        """Make closed cases ready, as the service does by itself."""
        store = self.court.store
        duties, records = DutyStore(store), ClosedStore(store, KEYS)
        return Preparing(records, duties, lambda: self.court.standing, worker, self.court.clock).once()

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Return a table's rows."""
        query = table.select()
        return self.court.store.read(lambda one: [dict(row) for row in one.execute(query).mappings()])


@pytest.fixture
def archive(tmp_path: Path, with_model: Standing) -> Archive:
    """Return a court that shows predictions at once."""
    court = Courthouse(tmp_path, opened(tmp_path), with_model)
    court.mode(ReviewMode.OPEN)
    return Archive(court)


async def page_of(court: Courthouse, advice_id: str, who: Any = LI, part: str = "") -> str:
    """Open a page of a case."""
    async with client(court.app(who)) as caller:
        answer = await caller.get(f"/cases/{advice_id}{part}")
    assert answer.status_code == 200
    return answer.text


def section(page: str) -> str:
    """Return how the part on similar cases reads."""
    return read(re.split(r'<h2 id="h-history', page.split('<h2 id="h-similar"')[1])[0])


async def test_five_cases_are_shown_with_points_and_ends_failures_among_them(archive: Archive) -> None:
    """Whatever they ended in, nobody picks."""
    for number in range(8):
        archive.closed(number, mode="zhongben" if number % 2 else "full")
    assert archive.prepare() == 8
    advice_id = archive.court.score(case_document())
    page = await page_of(archive.court, advice_id)
    text = section(page)
    assert len(set(re.findall(r"SQ-OLD-\d", text))) == 5
    assert re.search(r"5 件中 [0-5] 件全部履行", text)
    assert "已结的 8 件" in text
    assert "30 日终结本次执行程序" in text
    assert "案由" in text
    assert "SQ-OLD-" in await page_of(archive.court, advice_id, part="/sheet")


async def test_what_was_found_stays_as_it_was_found(archive: Archive) -> None:
    """A second look reads the record, and cases closed later change nothing, found before or after."""
    for number in range(3):
        archive.closed(number)
    archive.prepare()
    seen, unseen = (archive.court.score(case_document(application_id=f"SQ-{n}")) for n in range(2))
    before = section(await page_of(archive.court, seen))
    archive.closed(7, at=NOW - timedelta(days=20), prefix="SQ-LATE-")
    archive.prepare()
    assert section(await page_of(archive.court, seen)) == before
    assert "SQ-LATE" not in section(await page_of(archive.court, unseen))
    assert len(archive.rows(similar_cases)) == 2


async def test_below_three_none_is_shown(archive: Archive) -> None:
    """One or two cases are anecdotes."""
    for number in range(2):
        archive.closed(number)
    archive.prepare()
    text = section(await page_of(archive.court, archive.court.score(case_document())))
    assert "不足三件" in text
    assert "SQ-OLD" not in text


async def test_they_are_hidden_with_the_predictions(archive: Archive) -> None:
    """How others ended says as much as a count; nothing is looked for before somebody may see it."""
    for number in range(4):
        archive.closed(number)
    archive.prepare()
    archive.court.mode(ReviewMode.COMMIT_FIRST)
    text = section(await page_of(archive.court, archive.court.score(case_document())))
    assert "与预测一并显示" in text
    assert archive.rows(similar_cases) == []


async def test_without_any_prediction_they_wait_for_nothing(archive: Archive) -> None:
    """Where predictions are shown on request and there is none, nobody can ask for it."""
    for number in range(4):
        archive.closed(number)
    archive.prepare()
    archive.court.mode(ReviewMode.ON_REQUEST)
    unscored = case_document(missing={"claim_amount": "not_provided"})
    del unscored["case"]["claim_amount"]
    text = section(await page_of(archive.court, archive.court.score(unscored)))
    assert "SQ-OLD-0" in text
    assert "与预测一并显示" not in text


async def test_a_case_that_was_erased_is_not_shown_any_more(archive: Archive) -> None:
    """Erasure reaches what was found before, and takes the case out of the comparison."""
    for number in range(4):
        archive.closed(number)
    archive.prepare()
    advice_id = archive.court.score(case_document())
    assert "SQ-OLD-0" in section(await page_of(archive.court, advice_id))
    RetentionStore(archive.court.store, KEYS).erase(Periods(advice=30), origin=OPERATOR, at=NOW)
    text = section(await page_of(archive.court, advice_id))
    assert "SQ-OLD" not in text
    assert "已按期限删除" in text
    assert archive.rows(closed_cases) == []


async def test_one_worker_at_a_time_makes_cases_ready_and_a_dead_one_is_followed(archive: Archive) -> None:
    """The lease keeps others away until it is over."""
    archive.closed(1)
    assert archive.prepare("w1") == 1
    archive.closed(2)
    assert archive.prepare("w2") == 0
    later = Archive(replace(archive.court, clock=lambda: NOW + timedelta(minutes=3)))
    assert later.prepare("w2") == 1


async def test_cases_that_another_bundle_scored_are_read_anew(archive: Archive, tmp_path: Path) -> None:
    """A new model takes over the comparison; the row says which bundle it is ready for."""
    for number in range(3):
        archive.closed(number)
    archive.prepare()
    bundle = archive.court.standing.life.bundle
    assert bundle is not None
    life = replace(archive.court.standing.life, bundle=replace(bundle, sha256="b" * 64))
    newer = Archive(replace(archive.court, standing=replace(archive.court.standing, life=life)))
    waiting = archive.court.score(case_document())
    assert newer.prepare() == 3
    assert {row["model_sha256"] for row in archive.rows(closed_cases)} == {"b" * 64}
    assert "SQ-OLD-1" in section(await page_of(newer.court, waiting))


async def test_a_case_that_is_not_similar_is_marked_and_the_mark_taken_back(archive: Archive) -> None:
    """By each reader for himself; both rows stay, with their audit rows."""
    for number in range(3):
        archive.closed(number)
    archive.prepare()
    advice_id = archive.court.score(case_document())
    page = await page_of(archive.court, advice_id)
    other = re.findall(r'name="kind" value="similar"><input type="hidden" name="subject" value="([^"]+)"', page)[0]
    await sent(archive.court, advice_id, kind="similar", subject=other, stands="true")
    assert 'class="marked"' in await page_of(archive.court, advice_id)
    assert 'class="marked"' not in await page_of(archive.court, advice_id, ZHAO)
    await sent(archive.court, advice_id, kind="similar", subject=other, stands="false")
    assert 'class="marked"' not in await page_of(archive.court, advice_id)
    assert [row["act"] for row in archive.rows(marks)] == ["mark", "unmark"]


async def test_a_reason_that_does_not_fit_is_marked(archive: Archive) -> None:
    """Only what the reader has before him can be marked."""
    advice_id = archive.court.score(case_document(explain={"reasons": 5, "flips": 3}))
    page = await page_of(archive.court, advice_id)
    subject = re.findall(r'name="kind" value="reason"><input type="hidden" name="subject" value="([^"]+)"', page)[0]
    await sent(archive.court, advice_id, kind="reason", subject=subject, stands="true")
    await sent(archive.court, advice_id, expected=404, kind="reason", subject="willingness/X/y", stands="true")
    assert [(row["kind"], row["subject"], row["by"]) for row in archive.rows(marks)] == [
        ("reason", subject, "account:li.ming")
    ]


async def sent(court: Courthouse, advice_id: str, *, expected: int = 303, **fields: str) -> None:
    """Send in a mark."""
    async with client(court.app(LI)) as caller:
        answer = await caller.post(f"/cases/{advice_id}/mark", data={"csrf_token": "", **fields})
    assert answer.status_code == expected


def test_what_is_found_is_sealed(archive: Archive) -> None:
    """No number of another case lies in the open beside an answer."""
    for number in range(3):
        archive.closed(number)
    archive.prepare()
    advice_id = archive.court.score(case_document())
    answer = json.loads(archive.court.office().record.viewing.read(advice_id, origin=OPERATOR).stored.answer)
    archive.court.office().record.case_files.finding.of(answer, origin=OPERATOR)
    (row,) = archive.rows(similar_cases)
    assert b"SQ-OLD" not in row["found"]
