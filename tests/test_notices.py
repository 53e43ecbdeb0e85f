"""What a worker tells of itself: in the log, on the audit trail, and in its own report."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.logs import configure
from serving.model_life import NO_BUNDLE
from serving.model_life.changeover import Change
from serving.model_life.downgrade import damaged
from serving.model_life.fleet import Reporter, reports
from serving.model_life.notices import Notices
from serving.model_life.renewal import Renewal
from serving.model_life.sight import Sight
from serving.store.tables.audit import audit
from serving.store.transaction import Store
from tests.builders_serving import KEYS, NOW, opened


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store."""
    return opened(tmp_path)


def notices(store: Store, folder: Path) -> Notices:
    """Return the notices of a worker that reports in the folder."""
    return Notices(store=store, keys=KEYS, clock=lambda: NOW, reporter=Reporter(folder / "workers"))


def trail(store: Store) -> list[tuple[str, str, str, dict[str, object]]]:
    """Return what the audit trail says."""
    rows = store.read(lambda connection: connection.execute(sa.select(audit).order_by(audit.c.seq)).all())
    return [(row.action, row.object_id, row.outcome, json.loads(row.detail)) for row in rows]


def test_an_exchange_is_on_the_audit_trail_with_both_hashes(store: Store, tmp_path: Path) -> None:
    """From which model to which one, taken or refused, and why."""
    speaker = notices(store, tmp_path)
    speaker.changed(Change("model", "done", "a" * 64, "b" * 64))
    speaker.changed(Change("model", "failed", "b" * 64, why=damaged("A/stage.json", "坏", "bad")))
    found = trail(store)
    assert [(action, outcome) for action, _, outcome, _ in found] == [
        ("model.exchange", "done"),
        ("model.exchange", "failed"),
    ]
    assert (found[0][1], found[0][3]["before"], found[0][3]["after"]) == ("b" * 64, "a" * 64, "b" * 64)
    assert (found[1][1], found[1][3]["code"]) == ("b" * 64, "DAMAGED_BUNDLE")


def test_a_refusal_is_loud_in_the_log(store: Store, tmp_path: Path) -> None:
    """Both languages and the file; a plain exchange is no warning."""
    out = io.BytesIO()
    configure("info", file=out)
    speaker = notices(store, tmp_path)
    speaker.changed(Change("model", "done", "a" * 64, "b" * 64))
    speaker.changed(Change("shadow", "failed", why=damaged("A/stage.json", "坏", "bad")))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("exchanged", "info"), ("refused", "warning")]
    assert "A/stage.json 坏" in lines[1]["reason_zh"]
    assert "A/stage.json bad" in lines[1]["reason"]


def test_a_worker_begins_and_ends_on_the_trail(store: Store, tmp_path: Path) -> None:
    """With the hashes it answered by; its report is there in between."""
    standing = Renewal(bundles=tmp_path / "bundles").begin(Sight()).value
    speaker = notices(store, tmp_path)
    speaker.began(standing)
    (found,) = reports(tmp_path / "workers")
    assert (found["mode"], found["ruleset_sha256"]) == ("rules", standing.rules.sha256)
    speaker.ended(standing)
    assert [action for action, *_ in trail(store)] == ["service.start", "service.stop"]
    assert reports(tmp_path / "workers") == []


def test_what_cannot_be_audited_is_at_least_logged(store: Store, tmp_path: Path) -> None:
    """An exchange that has happened is not undone because the trail is out of reach; no answer leaves without it."""
    out = io.BytesIO()
    speaker = notices(store, tmp_path)
    store.write(lambda connection: connection.execute(sa.text("DROP TABLE audit")))
    configure("info", file=out)
    speaker.changed(Change("model", "done", why=NO_BUNDLE))
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["exchanged", "not_audited"]
