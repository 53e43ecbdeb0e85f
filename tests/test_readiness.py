"""Readiness tells the truth: ready, ready and not as it should be, or not ready, and why."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from models.bundle import Bundle
from models.rules.windows import windowed
from serving.audit.rehearsal import Rehearsal
from serving.health.findings import CODES, Finding, Health
from serving.health.readiness import Readiness
from serving.model_life import NO_BUNDLE, ModelLife
from serving.model_life.downgrade import damaged
from serving.model_life.renewal import Renewal
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from serving.store.tables.audit import audit
from tests.builders_models import assembled
from tests.builders_serving import KEYS, NOW, get, guarded
from tests.builders_store import Database
from tests.builders_windows import BASE, COURT, signed

pytestmark = pytest.mark.anyio
BUNDLE = assembled()
BAD = damaged("A/stage.json", "坏", "bad")


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return a standing with nothing wrong with it."""
    rules = Renewal(bundles=tmp_path_factory.mktemp("none")).begin(Sight()).value
    return replace(rules, life=ModelLife("tiny-1", BUNDLE, None))


def readiness(folder: Path, standing: Standing, **changes: Any) -> Readiness:
    """Return a readiness that finds nothing, unless something is changed."""
    base: dict[str, Any] = {
        "home": folder, "draining": folder / "draining", "rehearse": lambda: "", "standing": lambda: standing,
        "stopped": frozenset, "watching": lambda: True, "today": lambda: date(2029, 12, 31),
    }  # fmt: skip
    return Readiness(**{**base, **changes})


async def found(*given: Any, **changes: Any) -> tuple[str, list[str]]:
    """Return status and codes."""
    health = await readiness(*given, **changes)()
    return health.status, [finding.code for finding in health.findings]


async def test_all_is_well(tmp_path: Path, good: Standing) -> None:
    """Nothing found is ready, on the last day of the model, too."""
    assert await found(tmp_path, good) == ("ready", [])
    assert await found(tmp_path, good, today=lambda: BUNDLE.about.valid_until) == ("ready", [])


async def test_a_drain_ends_readiness_at_once(tmp_path: Path, good: Standing) -> None:
    """The file is the word; without it everything is as before."""
    (tmp_path / "draining").touch()
    assert await found(tmp_path, good) == ("not_ready", ["DRAINING"])


@pytest.mark.parametrize("code", ["STORE_NOT_WRITABLE", "AUDIT_NOT_APPENDABLE"])
async def test_without_store_or_trail_nothing_is_taken_in(tmp_path: Path, good: Standing, code: str) -> None:
    """No audit, no advice."""
    assert await found(tmp_path, good, rehearse=lambda: code) == ("not_ready", [code])


async def test_a_store_that_hangs_is_not_waited_for(tmp_path: Path, good: Standing) -> None:
    """An answer comes in time, whatever the disk does."""
    over = threading.Event()
    asked = readiness(tmp_path, good, rehearse=lambda: str(over.wait(60)), seconds=0.05)
    assert (await asked()).status == "not_ready"
    over.set()
    asked.close()


async def test_the_store_is_asked_once_a_second(tmp_path: Path, good: Standing) -> None:
    """A thousand probes cost one rehearsal."""
    asked: list[int] = []
    clock = [0.0]
    ready = readiness(tmp_path, good, rehearse=lambda: asked.append(1) or "", timer=lambda: clock[0])
    for _ in range(1000):
        await ready()
    clock[0] = 1.0
    await ready()
    assert len(asked) == 2


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "expected"),
    [(2 * 1024**3, ("ready", [])), (900 * 1024**2, ("degraded", ["DISK_LOW"])), (10, ("not_ready", ["DISK_FULL"]))],
)
async def test_a_full_disk_is_told_before_it_is_full(
    tmp_path: Path, good: Standing, monkeypatch: pytest.MonkeyPatch, free: int, expected: tuple[str, list[str]]
) -> None:
    """Low is a warning, nearly nothing is an end."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    assert await found(tmp_path, good) == expected


def without(life: ModelLife[Bundle]) -> Callable[[Standing], Standing]:
    """Return a change of the life of the model."""
    return lambda standing: replace(standing, life=life)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (without(ModelLife(None, None, NO_BUNDLE)), "NO_BUNDLE"),
        (without(ModelLife("x", None, BAD)), "DAMAGED_BUNDLE"),
        (without(ModelLife("tiny-1", BUNDLE, None, refused=BAD)), "MODEL_REFUSED"),
        (lambda standing: replace(standing, rules_refused=BAD), "RULES_REFUSED"),
        (
            lambda standing: replace(standing, windows={COURT: windowed(BASE, COURT, [signed("2026-12-01", 31)])}),
            "WINDOW_REFUSED",
        ),
        (lambda standing: replace(standing, shadow=ModelLife("x", None, BAD)), "CHALLENGER_REFUSED"),
    ],
)
async def test_what_is_wrong_with_models_and_rules_degrades(
    tmp_path: Path, good: Standing, change: Callable[[Standing], Standing], code: str
) -> None:
    """Work is taken in; whoever looks is told."""
    assert await found(tmp_path, change(good)) == ("degraded", [code])


async def test_an_old_model_a_stop_and_a_dead_watch_degrade(tmp_path: Path, good: Standing) -> None:
    """Each with its own code."""
    assert await found(tmp_path, good, today=lambda: date(2030, 1, 2)) == ("degraded", ["MODEL_EXPIRED"])
    assert await found(tmp_path, good, stopped=lambda: frozenset({"*"})) == ("degraded", ["MODEL_STOPPED"])
    assert await found(tmp_path, good, watching=lambda: False) == ("degraded", ["WATCH_ENDED"])


def test_a_rehearsal_leaves_nothing_behind(database: Database) -> None:
    """A row is written on the trail and undone."""
    store = database.open()
    assert [Rehearsal(store, KEYS).fault(NOW) for _ in range(2)] == ["", ""]
    assert store.read(lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(audit))) == 0


def test_a_trail_that_takes_nothing_is_found(database: Database) -> None:
    """A writable store is not enough; a store that is gone is another thing."""
    store = database.open()
    database.execute("DROP TABLE audit")
    assert Rehearsal(store, KEYS).fault(NOW) == "AUDIT_NOT_APPENDABLE"
    store.close()
    if database.kind == "sqlite":
        Path(database.place).rename(Path(database.place).with_suffix(".away"))
        assert Rehearsal(store, KEYS).fault(NOW) == "STORE_NOT_WRITABLE"


async def test_the_address_answers_with_what_was_found(tmp_path: Path) -> None:
    """200 with the findings, or 503 with those that stop the work; never a path or a name."""
    health = [Health((Finding("NO_BUNDLE"),)), Health((Finding("DISK_FULL"), Finding("NO_BUNDLE")))]

    async def next_one() -> Health:
        return health.pop(0)

    app = guarded(tmp_path, ready=next_one)
    degraded, stopped = await get(app, "/readyz"), await get(app, "/readyz")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert degraded.json()["findings"][0]["code"] == "NO_BUNDLE"
    assert (stopped.status_code, stopped.json()["code"], stopped.headers["retry-after"]) == (503, "NOT_READY", "5")
    assert [one["code"] for one in stopped.json()["errors"]] == ["DISK_FULL"]


@pytest.mark.parametrize("code", CODES)
def test_every_finding_has_words_in_both_languages(code: str) -> None:
    """Chinese and English, neither empty."""
    assert all(Finding(code).words)
