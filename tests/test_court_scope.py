"""The border of a court: cases beyond it are not found, and nothing is written there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from serving.access.actions import Action
from serving.access.principal import Courts, Principal
from serving.repositories.denials import DenialStore
from serving.store.tables import audit
from tests.builders_serving import ANYONE, KEYS, MARKER, NOW, ORIGIN, get, guarded, opened, post

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def of(*codes: str, **changes: str) -> Principal:
    """Return somebody who may do everything at these courts."""
    return replace(ANYONE, courts=Courts(frozenset(codes)), **changes)  # type: ignore[arg-type]


def denied(folder: Path) -> list[tuple[str, str, str]]:
    """Return action, actor and court of every refusal on record."""
    query = select(audit.c.action, audit.c.actor, audit.c.court).where(audit.c.outcome == "denied")
    return [tuple(row) for row in opened(folder).read(lambda connection: connection.execute(query).all())]


async def test_a_case_of_another_court_is_not_found(tmp_path: Path) -> None:
    """404 as for a number that never was: nobody learns that it exists, and whoever tries one after another is seen."""
    assert (await post(guarded(tmp_path, principal=of("浙1022")))).status_code == 201
    other = guarded(tmp_path, principal=of("浙1001"))
    found, never = [await get(other, f"/v1/scores/SCR-20261120-00000{n}") for n in (1, 9)]
    assert (found.status_code, found.json()["code"]) == (404, "NOT_FOUND")
    assert {**found.json(), "request_id": ""} == {**never.json(), "request_id": ""}
    assert denied(tmp_path) == [("score.read", "key:test", "")] * 2
    both = guarded(tmp_path, principal=of("浙1001", "浙1022"))
    assert (await get(both, "/v1/scores/SCR-20261120-000001")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores:preview"])
async def test_a_case_of_another_court_is_not_scored(tmp_path: Path, path: str) -> None:
    """403, written down, and no record."""
    answer = await post(guarded(tmp_path, principal=of("浙1001")), path=path)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    action = "score.preview" if path.endswith("preview") else "score.create"
    assert denied(tmp_path) == [(action, "key:test", "浙1022")]
    assert (await get(guarded(tmp_path), "/v1/scores/SCR-20261120-000001")).status_code == 404


async def test_whatever_was_typed_as_a_court_is_not_kept(tmp_path: Path) -> None:
    """A refusal repeats court codes only."""
    denials = DenialStore(opened(tmp_path), KEYS)
    for typed in (MARKER, "张三的电话", "浙1022"):
        denials.note_court(ORIGIN, Action.SCORE_CREATE, typed, at=NOW)
    assert [court for _, _, court in denied(tmp_path)] == ["?", "?", "浙1022"]


async def test_two_systems_may_choose_the_same_key(tmp_path: Path) -> None:
    """A key of a call belongs to whoever chose it; the other gets a record of its own."""
    first = await post(guarded(tmp_path, principal=of("浙1022", id="one")))
    second = await post(guarded(tmp_path, principal=of("浙1022", id="two")))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_a_system_that_changes_its_key_keeps_its_calls(tmp_path: Path) -> None:
    """The retry with the new API key gets the stored answer."""
    first = await post(guarded(tmp_path, principal=of("浙1022", credential="old")))
    again = await post(guarded(tmp_path, principal=of("浙1022", credential="new")))
    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)


async def test_a_retry_does_not_reach_over_the_border_either(tmp_path: Path) -> None:
    """A system that has lost a court gets nothing of it by repeating an old call."""
    await post(guarded(tmp_path, principal=of("浙1022")))
    answer = await post(guarded(tmp_path, principal=of("浙1001")))
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
