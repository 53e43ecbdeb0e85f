"""The order of work: livelihood first, then urgent clues and lapsing rights, and inside each the earliest date.

No score and no lane has a say in it (涉民生优先 is an order, never a lane).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.derived import add_months
from features.known import Array
from features.register import Stage, load_register
from models.routes import Routes
from models.rules.case_view import CaseView
from models.rules.rule import Limit
from models.working_days import end_span, rolled

Order = npt.NDArray[np.intp]


def order_of(routes: Routes) -> Order:
    """Return the rows in the order in which they are to be worked on.

    First by priority, then by the earliest date at which a right or a legal
    period ends, then by receipt, then as they came.
    """
    received = routes.outcomes.view.number("received_at")
    return np.lexsort((_last(received), _last(due_on(routes)), routes.priority))


def due_on(routes: Routes) -> Array:
    """Return per row the earliest date to keep, in days since 1970-01-01; NaN where none is known.

    Before filing: the decision on filing, limitation, and the renewal of a
    preservation or the five days of a pre-enforcement one; after the query
    the time to enforce, and the renewal.
    """
    view, limits = routes.outcomes.view, routes.outcomes.table.limits
    dates = [np.where(view.number("preserved") == 1.0, view.number("pres_expiry") - limits["T16"].value, np.nan)]
    if view.stage is Stage.A:
        dates.append(rolled(np.floor(view.number("received_at")) + limits["T01"].value))
        dates.append(view.day + view.number("limitation_days_left"))
        stage = view.number("pres_stage") == _code("pres_stage", "pre_enforcement")
        dates.append(np.where(stage, end_span(view.number("due_date"))[0] + limits["T18"].value, np.nan))
    else:
        dates.append(_enforced_by(view, limits["T11"], limits["T11a"]))
    return np.asarray(np.fmin.reduce(dates))


def _enforced_by(view: CaseView, usual: Limit, without_suit: Limit) -> Array:
    filed = np.floor(view.number("filed_at"))
    administrative = view.number("basis_type") == _code("basis_type", "administrative_penalty")
    by_kind: Array = np.where(administrative, add_months(filed, without_suit.value), add_months(filed, usual.value))
    return by_kind


def _code(field: str, name: str) -> float:
    return float(load_register()[field].codes.index(name))


def _last(days: Array) -> Array:
    """Return days with the unknown ones at the end."""
    return np.where(np.isnan(days), np.inf, days)
