"""Is a score as honest for everybody: kinds of debtors, ages, sexes and origins side by side, and what was decided.

Age, sex and 户籍 are protected: no model reads them, and they are looked at
here alone. A group with few cases is named and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.history_tables import texts
from features.register import Stage
from models.evidence.figures import FEWEST_SHOWN, Group
from models.lanes import LANES, Lane
from training.evaluation.measures import Judged
from training.evaluation.overrides import overrides
from training.evaluation.parts.groups import origins
from training.evaluation.rates import rate
from training.history import DecisionLog, History
from training.learning.labels import Outcomes

Flags = npt.NDArray[np.bool_]

OLD = 60
"""Years from which somebody counts as old (老年人权益保障法第2条)."""
_PERSONS = ("person", "individual_business")


def fair_groups(history: History, stage: Stage, test: Outcomes, judged: Judged) -> tuple[Group, ...]:
    """Return every group of debtors that the history can tell, measured on the test period.

    Decisions are those about the same cases. Cases of which a fact is unknown
    are a group of their own, so that nobody drops out unseen.
    """
    log, found = DecisionLog.of(history), []
    for by, part, marked in _parts(history):
        here = marked[test.row]
        group = _measured(by, part, judged.where(here), test.group[here])
        cases = np.zeros(history.cases.num_rows, dtype=np.bool_)
        cases[test.row[here & (judged.weight > 0)]] = True
        found.append(_decided(group, history, log, stage, cases))
    return tuple(group for group in found if group.n)


def _measured(by: str, part: str, judged: Judged, debtor: npt.NDArray[np.int64]) -> Group:
    n = int((judged.weight > 0).sum())
    if n < FEWEST_SHOWN:
        return Group(by=by, part=part, n=n, predicted=None, observed=None, lower=None, upper=None)
    found = rate(judged.outcome, judged.weight, debtor)
    mean = float(np.average(judged.score, weights=judged.weight))
    return Group(by=by, part=part, n=n, predicted=mean, observed=found.value, lower=found.lower, upper=found.upper)


def _decided(group: Group, history: History, log: DecisionLog, stage: Stage, cases: Flags) -> Group:
    if group.predicted is None:
        return group
    standing = log.last(stage)
    lanes = standing.lane[cases[standing.row]]
    people = overrides(history, log, stage, cases)
    return replace(
        group,
        decided=len(lanes),
        urged=int((lanes == LANES.index(Lane.URGE)).sum()),
        proposed=people.decided,
        changed=people.differing,
    )


def _parts(history: History) -> Iterator[tuple[str, str, Flags]]:
    """Yield every group: by what, which part, and the cases in it."""
    kind = _texts(history, "debtor_type")
    person = np.isin(kind, _PERSONS)
    yield "debtor", "person", person
    yield "debtor", "firm", ~person & (kind != "")
    yield "debtor", "unknown", kind == ""
    age = _numbers(history, "age")
    yield "age", "under_60", person & (age < OLD)
    yield "age", "from_60", person & (age >= OLD)
    yield "age", "unknown", person & np.isnan(age)
    gender = _texts(history, "gender")
    yield "gender", "F", person & (gender == "F")
    yield "gender", "M", person & (gender == "M")
    yield "gender", "unknown", person & (gender == "")
    yield from _origins(history, person)


def _origins(history: History, person: Flags) -> Iterator[tuple[str, str, Flags]]:
    """Yield those registered in the city of their court, and those from elsewhere."""
    origin = origins(history)
    for part in ("local", "elsewhere"):
        yield "origin", part, person & (origin == part)
    yield "origin", "unknown", person & np.array([one is None for one in origin], dtype=np.bool_)


def _texts(history: History, name: str) -> npt.NDArray[np.object_]:
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, "", dtype=object)
    return np.asarray(texts(history.cases[name].cast(pa.string()).fill_null("")), dtype=object)


def _numbers(history: History, name: str) -> npt.NDArray[np.float64]:
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, np.nan)
    plain = history.cases[name].cast(pa.float64()).to_numpy()
    return np.asarray(plain, dtype=np.float64)
