"""The auditor looks at the trail; nobody else does, and every look is a row of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serving.access.principal import Principal
from serving.access.roles import ROLES, Role
from tests.builders_serving import ANYONE, client, get, guarded, post

pytestmark = pytest.mark.anyio

AUDITOR = Principal(
    kind="account", id="wang", roles=frozenset({Role.AUDIT_ADMIN}), actions=ROLES[Role.AUDIT_ADMIN].actions
)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


async def test_rows_come_newest_first_page_by_page(tmp_path: Path) -> None:
    """Three answers, read two rows at a time; the reading itself is the newest row."""
    app = guarded(tmp_path)
    for number in range(3):
        await post(app, headers={"Idempotency-Key": f"key-0000000{number}"})
    async with client(guarded(tmp_path, principal=AUDITOR)) as caller:
        first = (await caller.get("/v1/audit-events?page_size=2")).json()
        rest = (await caller.get(f"/v1/audit-events?page_size=2&page_token={first['next_page_token']}")).json()
        looks = (await caller.get("/v1/audit-events?action=audit.read")).json()
    assert [row["seq"] for row in (*first["items"], *rest["items"])] == [3, 2, 1]
    assert rest["next_page_token"] is None
    assert [row["actor"] for row in looks["items"]] == ["account:wang"] * 2


async def test_what_happened_to_one_record_is_found(tmp_path: Path) -> None:
    """By its id, with the digest that was written then."""
    await post(guarded(tmp_path))
    async with client(guarded(tmp_path, principal=AUDITOR)) as caller:
        found = (await caller.get("/v1/audit-events?object_id=SCR-20261120-000001")).json()["items"]
    assert [(row["action"], len(row["detail"]["row_sha256"])) for row in found] == [("score.create", 64)]


async def test_nobody_but_the_auditor_looks(tmp_path: Path) -> None:
    """Not even who may do everything with cases."""
    judge = replace(ANYONE, actions=ROLES[Role.JUDGE].actions)
    assert (await get(guarded(tmp_path, principal=judge), "/v1/audit-events")).status_code == 403
