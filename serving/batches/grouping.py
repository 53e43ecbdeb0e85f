"""Grouping a list once it is scored: by rule first, then what is alike; made from the answers on record, and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import orjson

from features.case import Case
from features.causes import cause_name
from features.clock import days_of
from features.columns import Columns, complete, encode
from features.derived import COMPUTED
from features.register import Register, Stage
from models.batches import BatchSettings, Group, Seen, group
from models.batches.rule_groups import NO_ASSET_CERTIFICATE
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import FACTS_MISSING
from serving.batches.sources import LOOKED_BACK, MOST, sources
from serving.logs import logger, where
from serving.repositories.batches.groups import GroupStore, Scored
from serving.repositories.batches.lists import BatchStore


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """One worker's share in grouping; whoever is first puts the groups on record.

    `read_again` returns the case of a document as it was kept, given the
    instant of its answer.
    """

    lists: BatchStore
    records: GroupStore
    register: Callable[[], Register]
    read_again: Callable[[object, datetime], Case]
    settings: BatchSettings
    clock: Callable[[], datetime]
    _given_up: set[str] = field(default_factory=set)

    def work_once(self) -> bool:
        """Group one list that is scored, or end drafts that nobody confirmed; False when there was neither."""
        found = self.records.waiting()
        if found is None or found[0]["id"] in self._given_up:
            return self.lists.discard_stale(at=self.clock())
        try:
            self._group(*found)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: one list must not hold up the others
            self._given_up.add(str(found[0]["id"]))
            logger().error("batch_not_grouped", batch=found[0]["id"], **where(error))
        return True

    def _group(self, batch: Mapping[str, Any], job: Mapping[str, Any]) -> None:
        scored = list(self.records.scored(str(job["id"])))
        groups = self._groups(batch, scored)
        self.records.put(
            batch,
            [_group_row(batch, place, one, scored) for place, one in enumerate(groups, start=1)],
            [_case_row(batch, one, scored[row]) for one in groups for row in one.rows.tolist()],
            {**_figures(scored, job), **self._sources(batch["court_code"])},
            at=self.clock(),
        )

    def _sources(self, court: str) -> dict[str, Any]:
        """Return where the court's disputes come from, as it stands on the day of grouping."""
        since = (self.clock() - LOOKED_BACK).date().isoformat()
        return sources(self.records.arrivals(court, since=since, most=MOST), self.settings)

    def _groups(self, batch: Mapping[str, Any], scored: Sequence[Scored]) -> tuple[Group, ...]:
        if not scored:
            return ()
        known = self.records.known_debtors([one.advice_id for one in scored], batch["court_code"])
        seen = self._seen(scored, np.array([one.advice_id in known for one in scored], dtype=np.bool_))
        return group(seen, self.register(), self.settings, seed=int(batch["seed"]))

    def _seen(self, scored: Sequence[Scored], known: np.typing.NDArray[np.bool_]) -> Seen:
        cases = [self.read_again(one.document, datetime.fromisoformat(one.created_at)) for one in scored]
        as_of = np.array([days_of(case.as_of) for case in cases])
        flags = [{flag["code"] for flag in one.answer["advice"]["flags"]} for one in scored]
        return Seen(
            ids=[one.advice_id for one in scored],
            columns=_columns(cases, self.register(), as_of),
            as_of=as_of,
            lane=np.array([_lane_code(one.answer["advice"]["route"]) for one in scored], dtype=np.int8),
            doubtful=np.array([_is_doubtful(one.answer) for one in scored], dtype=np.bool_),
            certificate=np.array([NO_ASSET_CERTIFICATE in one for one in flags], dtype=np.bool_),
            unsure=np.array(
                [_is_unsure(one.answer, codes) for one, codes in zip(scored, flags, strict=True)], dtype=np.bool_
            ),
            on_hand=known | _doubled(cases),
        )


def _columns(cases: Sequence[Case], register: Register, as_of: np.typing.NDArray[np.float64]) -> Columns:
    """Return the facts of all cases as columns; after filing there are more of them."""
    stage = Stage.B if any(case.stage is Stage.B for case in cases) else Stage.A
    columns: dict[str, np.typing.NDArray[np.generic]] = {}
    for one in register.allowed_at(stage):
        values = [case.values.get(one.name) for case in cases]
        if one.name not in COMPUTED and any(value is not None for value in values):
            columns |= encode(one, values)
    return complete(columns, len(cases), register, stage, as_of=as_of)


def _doubled(cases: Sequence[Case]) -> np.typing.NDArray[np.bool_]:
    """Return the cases whose debtor has another one in the list."""
    tokens = [case.values.get("id_token") for case in cases]
    often = Counter(token for token in tokens if token is not None)
    return np.array([token is not None and often[token] > 1 for token in tokens], dtype=np.bool_)


def _lane_code(route: str | None) -> int:
    return UNDECIDED if route is None else LANE_CODE[Lane(route)]


def _is_doubtful(answer: Mapping[str, Any]) -> bool:
    advised = answer["advice"]
    return bool(advised["decided_by"] == "none" or answer["status"] == "abstained" or advised["confidence"] == "low")


def _is_unsure(answer: Mapping[str, Any], flags: set[str]) -> bool:
    left = answer["status"] == "abstained" and answer["advice"]["route"] is None
    return left or FACTS_MISSING in flags


def _group_row(batch: Mapping[str, Any], place: int, one: Group, scored: Sequence[Scored]) -> dict[str, Any]:
    numbers = {case.advice_id: case.answer["application_id"] for case in scored}
    examples = [
        {"advice_id": e.case, "application_id": numbers[e.case], "lane": e.lane.value, "of": e.of, "alike": e.alike,
         "asked": e.asked, "claim": f"{e.claim:.2f}", "middle": f"{e.middle:.2f}"}
        for e in one.examples
    ]  # fmt: skip
    amounts = [scored[row].document["case"].get("claim_amount") for row in one.rows.tolist()]
    figures = {
        "count": one.count,
        "amount": str(sum((Decimal(amount) for amount in amounts if amount is not None), Decimal("0.00"))),
        "unknown": one.unknown,
        "lanes": {lane or "": count for lane, count in one.lanes.items()},
        "by_model": sum(scored[row].answer["advice"]["decided_by"] == "model" for row in one.rows.tolist()),
        "not_scored": sum(scored[row].answer["status"] == "abstained" for row in one.rows.tolist()),
        "doubtful": one.doubtful,
        "warned": sum(bool(scored[row].answer["warnings"]) for row in one.rows.tolist()),
        "examples": examples,
    }
    return {
        "batch_id": batch["id"], "code": one.code, "place": place, "by": one.by, "zh": one.zh, "en": one.en,
        "figures": orjson.dumps(figures).decode(),
    }  # fmt: skip


def _case_row(batch: Mapping[str, Any], one: Group, case: Scored) -> dict[str, Any]:
    advised, drawn = case.answer["advice"], one.check.cases
    return {
        "batch_id": batch["id"], "advice_id": case.advice_id, "application_id": case.answer["application_id"],
        "court_code": case.answer["court_code"], "line": case.line, "code": one.code,
        "amount": case.document["case"].get("claim_amount"), "route": advised["route"],
        "decided_by": advised["decided_by"], "status": case.answer["status"], "doubtful": _is_doubtful(case.answer),
        "warnings": len(case.answer["warnings"]),
        "drawn": drawn.index(case.advice_id) + 1 if case.advice_id in drawn else None,
    }  # fmt: skip


def _figures(scored: Sequence[Scored], job: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the head of the batch says: counts by kind, and how long it took."""
    facts = [one.document["case"] for one in scored]
    started = datetime.fromisoformat(job["started_at"] or job["finished_at"])
    return {
        "applicants": dict(Counter(str(one.get("applicant_type") or "") for one in facts).most_common()),
        "causes": dict(Counter(cause_name(one) or "" for one in facts).most_common()),
        "stage": max((one.answer["stage"] for one in scored), default="A"),
        "versions": sorted({one.answer["versions"]["ruleset"] for one in scored}),
        "models": sorted({one.answer["versions"]["model"] or "" for one in scored}),
        "simulated": any(one.answer["simulated"] for one in scored),
        "seconds": max(0, round((datetime.fromisoformat(job["finished_at"]) - started).total_seconds())),
    }
