"""The addresses of models: what is kept, the stop switch within one's courts, and answers given again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from serving.access.actions import Action
from serving.access.principal import Courts, Principal
from tests.builders_models import tiny_bundle
from tests.builders_serving import ANYONE, client, document, get, guarded, post

pytestmark = pytest.mark.anyio
SWITCH = {"court_code": "浙1022", "state": "stopped", "reason": "抽查发现评分异常"}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def within(*courts: str, actions: frozenset[Action] = frozenset(Action)) -> Principal:
    """Return a caller who may do everything in these courts."""
    return replace(ANYONE, courts=Courts(frozenset(courts)), actions=actions)


async def replayed(app: ASGIApp, advice_id: str) -> httpx.Response:
    """Ask for a replay."""
    async with client(app) as caller:
        return await caller.post(f"/v1/scores/{advice_id}:replay")


async def test_a_switch_is_turned_and_stands(tmp_path: Path) -> None:
    """201 with number, time and who; then it is listed."""
    app = guarded(tmp_path)
    done = await post(app, SWITCH, path="/v1/model-switches")
    assert (done.status_code, done.json()["number"], done.json()["by"]) == (201, 1, ANYONE.actor)
    found = (await get(app, "/v1/model-switches")).json()["items"]
    assert found == [done.json()]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "off"}, "VALIDATION_FAILED"),
        ({"reason": "  "}, "VALIDATION_FAILED"),
        ({"reason": "x" * 501}, "VALIDATION_FAILED"),
        ({"court_code": "33010619900307881X"}, "VALIDATION_FAILED"),
        ({"court_code": 1}, "VALIDATION_FAILED"),
        ({"more": 1}, "FIELD_NOT_ALLOWED"),
    ],
)
async def test_a_switch_that_is_none_is_refused(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """Nothing is switched, and nothing of the input is repeated."""
    app = guarded(tmp_path)
    refused = await post(app, {**SWITCH, **change}, path="/v1/model-switches")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert "33010619900307881X" not in refused.text
    assert (await get(app, "/v1/model-switches")).json()["items"] == []


async def test_nobody_switches_outside_his_courts(tmp_path: Path) -> None:
    """Another court, and every court together, need the right to them; foreign switches are not seen."""
    everywhere = guarded(tmp_path)
    app = guarded(tmp_path, principal=within("浙1021"))
    for court in ("浙1022", "*"):
        refused = await post(app, {**SWITCH, "court_code": court}, path="/v1/model-switches")
        assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    for court in ("浙1022", "*"):
        await post(everywhere, {**SWITCH, "court_code": court}, path="/v1/model-switches")
    await post(app, {**SWITCH, "court_code": "浙1021"}, path="/v1/model-switches")
    assert [one["court_code"] for one in (await get(app, "/v1/model-switches")).json()["items"]] == ["*", "浙1021"]


async def test_switching_needs_its_own_permission(tmp_path: Path) -> None:
    """Who may only look cannot switch."""
    app = guarded(tmp_path, principal=within("浙1022", actions=frozenset({Action.MODEL_READ})))
    assert (await post(app, SWITCH, path="/v1/model-switches")).status_code == 403
    assert (await get(app, "/v1/model-switches")).status_code == 200


async def test_kept_bundles_are_listed(tmp_path: Path) -> None:
    """By name, with hash and dates, and which one answers."""
    tiny_bundle(tmp_path / "bundles", "tiny-1")
    (tmp_path / "bundles" / "current").write_text("tiny-1", encoding="utf-8")
    (tmp_path / "bundles" / "half").mkdir()
    (found,) = (await get(guarded(tmp_path), "/v1/models")).json()["items"]
    assert (found["name"], found["current"], found["shadow"], found["valid_until"]) == (
        "tiny-1", True, False, "2030-01-01",
    )  # fmt: skip


async def test_a_replay_says_what_came_of_it_and_shows_nothing(tmp_path: Path) -> None:
    """The tests' answers come from no model: their input does not make them again, which is said without a value."""
    app = guarded(tmp_path)
    stored = (await post(app)).json()
    found = await replayed(app, stored["id"])
    assert (found.status_code, found.json()["code"]) == (200, "RULES_MISSING")
    assert document()["application_id"] not in found.text


async def test_a_replay_keeps_to_the_callers_courts(tmp_path: Path) -> None:
    """Another court's answer is not there; without the permission the door is shut."""
    stored = (await post(guarded(tmp_path))).json()
    assert (await replayed(guarded(tmp_path, principal=within("浙1021")), stored["id"])).status_code == 404
    assert (await replayed(guarded(tmp_path), "SCR-20261120-999999")).status_code == 404
    reader = within("浙1022", actions=frozenset({Action.SCORE_READ}))
    assert (await replayed(guarded(tmp_path, principal=reader), stored["id"])).status_code == 403
    assert json.loads((await replayed(guarded(tmp_path), stored["id"])).content)["id"] == stored["id"]
