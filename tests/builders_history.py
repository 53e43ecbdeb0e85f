"""A tiny valid history directory made of random cases, for tests that need one and care little what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features import history_tables as tables
from features.register import load_register

START = datetime(2022, 1, 1, tzinfo=UTC)
COURTS = ("浙1022", "浙1004")


def instant(day: float) -> datetime:
    """Return the instant so many days after 2022-01-01 08:00 Shanghai."""
    return START + timedelta(days=float(day))


def write_table(path: Path, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as one table of a history, with the types of its schema; absent columns stay absent."""
    given = {key for row in rows for key in row} or set(tables.needed(name))
    schema = tables.schema_of(name, load_register(), only=given)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), path / f"{name}.parquet")


def write_meta(path: Path, **changed: object) -> None:
    """Write a valid meta.json, changed as told."""
    meta: dict[str, object] = {
        "format": tables.FORMAT,
        "simulated": True,
        "observed_until": dict.fromkeys(COURTS, "2024-12-31"),
        "extensions": [],
    }
    (path / "meta.json").write_text(json.dumps(meta | changed, ensure_ascii=False), encoding="utf-8")


def write_history(path: Path, **rows: Sequence[Mapping[str, object]]) -> Path:
    """Write the named tables and a meta.json, and return the directory."""
    path.mkdir(parents=True, exist_ok=True)
    for name in ("cases", "events"):
        write_table(path, name, rows.pop(name, ()))
    for name, content in rows.items():
        write_table(path, name, content)
    write_meta(path)
    return path


def a_case(case_id: str = "c1", **changed: object) -> dict[str, object]:
    """Return one plausible row of the cases table."""
    row: dict[str, object] = {
        "case_id": case_id, "court_code": COURTS[0], "received_at": instant(0), "basis_type": "judgment",
        "basis_effective_date": instant(-60).date(), "due_date": instant(-30).date(), "cause_code": "108.3",
        "relief_type": "money", "claim_amount": 50_000.0, "principal": 45_000.0, "paid_before": 0.0,
        "applicant_type": "person", "debtor_type": "person", "n_debtors": 1, "served_by_notice": False,
        "default_judgment": False, "trial_outcome": "judgment", "preserved": False, "clue_n": 0, "clue_types": "",
        "phone_provided": True, "consent_urge": "agree", "prior_enf_n": 0, "open_enf_n": 0,
    }  # fmt: skip
    return row | changed


def an_event(kind: str, day: float, case_id: str = "c1", **changed: object) -> dict[str, object]:
    """Return one row of the events table, recorded an hour after it happened."""
    recorded = instant(day + 1 / 24)
    return {"case_id": case_id, "at": instant(day), "recorded_at": recorded, "kind": kind} | changed


def tiny_history(path: Path, n: int = 200, *, seed: int = 7) -> Path:
    """Write a small valid history with every table: half the cases urged, most of the rest paid, 终本 or open."""
    rng = np.random.default_rng(seed)
    cases = [_random_case(rng, i) for i in range(n)]
    lives = [_random_life(rng, i, float(cases[i]["claim_amount"])) for i in range(n)]  # type: ignore[arg-type]
    return write_history(
        path,
        cases=cases,
        events=[event for life in lives for event in life["events"]],
        queries=[query for life in lives for query in life["queries"]],
        decisions=[decision for life in lives for decision in life["decisions"]],
        debtors=[{"case_id": f"c{i}", "id_token": f"{i // 2:064x}", "type": "person"} for i in range(n)],
    )


def _random_case(rng: np.random.Generator, i: int) -> dict[str, object]:
    day = 900.0 * i / 200 % 900
    claim = float(np.round(rng.lognormal(10.5, 1.2), 2))
    return a_case(
        f"c{i}",
        court_code=COURTS[i % 2],
        received_at=instant(day),
        basis_effective_date=instant(day - 90 - rng.integers(60)).date(),
        due_date=instant(day - 10 - rng.integers(60)).date(),
        claim_amount=claim,
        principal=float(np.round(claim * 0.9, 2)),
        served_by_notice=bool(rng.random() < 0.3),
        cause_code=str(rng.choice(["108.1", "108.3", "88", "205.5", "126"])),
        applicant_type=str(rng.choice(["person", "enterprise", "bank"])),
        prior_enf_n=int(rng.poisson(1.0)),
        preserved=bool(rng.random() < 0.3),
        clue_types=str(rng.choice(["", "deposit", "deposit/vehicle", "wage"])),
    )


def _random_life(rng: np.random.Generator, i: int, claim: float) -> dict[str, list[dict[str, object]]]:
    """Return the events, query and decision of one case: urged or filed, then paid, closed or open."""
    case_id, day = f"c{i}", 900.0 * i / 200 % 900
    urged = bool(rng.random() < 0.5)
    decision = {
        "case_id": case_id, "at": instant(day + 0.1), "stage": "A", "lane": "urge" if urged else "fast",
        "by": "person", "propensity": 0.5,
    }  # fmt: skip
    events: list[dict[str, object]] = []
    filed = day + 2
    if urged:
        events += [an_event("urge_start", day + 1, case_id), an_event("contact", day + 2, case_id)]
        if rng.random() < 0.4:
            paid = day + 1 + rng.exponential(7.0)
            events.append(an_event("payment", paid, case_id, amount=claim, source="voluntary"))
            return {"events": events, "queries": [], "decisions": [decision]}
        filed = day + 16
        events.append(an_event("convert", filed, case_id))
    events += [an_event("file", filed, case_id), an_event("query", filed + 3, case_id)]
    query = {
        "case_id": case_id, "filed_at": instant(filed), "query_at": instant(filed + 3),
        "q_bank": float(np.round(rng.lognormal(7, 2), 2)), "q_vehicle_n": int(rng.poisson(0.4)),
    }  # fmt: skip
    return {"events": events + _random_end(rng, case_id, filed, claim), "queries": [query], "decisions": [decision]}


def _random_end(rng: np.random.Generator, case_id: str, filed: float, claim: float) -> list[dict[str, object]]:
    draw = rng.random()
    if draw < 0.45:
        day = filed + 5 + rng.exponential(60.0)
        paid = an_event("payment", day, case_id, amount=claim, source="deduction")
        return [paid, an_event("close", day + 1, case_id, mode="full")]
    if draw < 0.8:
        day = filed + 95 + rng.exponential(30.0)
        return [an_event("zhongben", day, case_id), an_event("close", day, case_id, mode="zhongben")]
    if draw < 0.9:
        return [an_event("close", filed + rng.exponential(80.0), case_id, mode="terminated")]
    return []
