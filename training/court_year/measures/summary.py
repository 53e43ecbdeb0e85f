"""One run as plain figures, ready to be written down: indicators, what cases were worth, lanes, teams and queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from models.indicators import State, indicators
from models.lanes import LANES
from models.routes import Codes
from models.utility import Utility
from training.court_year.measures.cohort import Outcomes
from training.court_year.settings import YearSettings
from training.court_year.urging_law import CAUSES
from training.court_year.year import Run

WEEK = 7.0


def summary(run: Run, settings: YearSettings, utility: Utility) -> dict[str, object]:
    """Return the figures of a run; shares and means are over the applications received in the year."""
    found = Outcomes.of(run, settings)
    return {
        "indicators": {one.key: [one.count(found).numerator, one.count(found).denominator] for one in indicators()},
        "utility": _worth(found, utility),
        "states": _states(run, found),
        "lanes": _lanes(run, found),
        "urging": _urging(run, found),
        "moved": int(run.ledger.whole("moved")[_cohort(run, found)].sum()),
        "days_before_filing": _before_filing(found),
        "teams": {name: asdict(team) for name, team in run.teams.items()},
        "queues": _queues(run, found),
    }


def _cohort(run: Run, found: Outcomes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the applications received in the year, the stopped ones too."""
    return np.asarray(found.in_period(run.docket.arrivals.received))


def _worth(found: Outcomes, utility: Utility) -> dict[str, float]:
    """Return the mean worth of an application and its parts."""
    what, own = found.consequences(), found.cohort
    if not own.any():
        return {}
    parts = {name: float(getattr(what, name)[own].mean()) for name in ("days", "yuan", "hours", "failed_urging")}
    return {"value": float(utility.value(what)[own].mean()), **parts, "applications": float(own.sum())}


def _states(run: Run, found: Outcomes) -> dict[str, int]:
    state = run.ledger.whole("state")[_cohort(run, found)]
    return {one.name.lower(): int((state == one).sum()) for one in State}


def _lanes(run: Run, found: Outcomes) -> dict[str, dict[str, int]]:
    """Return how many applications each lane got at receipt, and how many filed cases after the query."""
    own, filed = _cohort(run, found), ~np.isnan(run.ledger.column("query_at"))
    return {"A": _counted(run.docket.first[own]), "B": _counted(run.docket.second[own & filed])}


def _counted(lanes: Codes) -> dict[str, int]:
    return {str(lane): int((lanes == place).sum()) for place, lane in enumerate(LANES)}


def _urging(run: Run, found: Outcomes) -> dict[str, int]:
    """Return how urgings of the year went: how many began, were paid, and were converted for which reason."""
    own = _cohort(run, found)
    began = own & ~np.isnan(run.ledger.column("urged_at"))
    converted = run.ledger.whole("converted")[own]
    paid = int((run.ledger.whole("state")[own] == State.SETTLED).sum())
    causes: Mapping[str, int] = {str(cause): int((converted == i).sum()) for i, cause in enumerate(CAUSES)}
    return {"began": int(began.sum()), "paid": paid, **causes}


def _before_filing(found: Outcomes) -> float:
    """Return the mean days from receipt to filing of what came to be filed."""
    days = (found.filed - found.received)[found.cohort & ~np.isnan(found.filed)]
    return float(days.mean()) if len(days) else float("nan")


def _queues(run: Run, found: Outcomes) -> dict[str, list[float]]:
    """Return the mean length of every team's queue, week by week of the year; of single judges together."""
    days, lengths = np.array(run.ledger.days), np.array(run.ledger.queues, dtype=np.float64)
    inside = found.in_period(days)
    if not inside.any():
        return {}
    week = ((days[inside] - found.begins) // WEEK).astype(np.int64)
    lengths = lengths[inside]
    names = list(run.teams)
    columns = [lengths.sum(axis=1)] if lengths.shape[1] != len(names) else list(lengths.T)
    weeks = np.bincount(week)
    means = [np.bincount(week, weights=column) / np.maximum(weeks, 1) for column in columns]
    return {name: np.round(mean, 2).tolist() for name, mean in zip(names, means, strict=True)}
