"""Where disputes come from: a court's applications by month and year on year, small counts never told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from features.causes import cause_name
from features.clock import SHANGHAI
from models.batches import BatchSettings, Trend, trends

MONTHS: Final = 12
LOOKED_BACK: Final = timedelta(days=2 * 366)
MOST: Final = 60_000
"""Answers that are opened for it, the newest first."""


def sources(cases: Iterable[Mapping[str, Any]], settings: BatchSettings) -> dict[str, Any]:
    """Return the trends by kind of applicant and by cause, ready to be kept: counts as they may be shown.

    A case without a receipt is in no month.
    """
    applicants, causes, months = list[str | None](), list[str | None](), list[int]()
    for document in cases:
        case = document["case"]
        month = _month(case.get("received_at"))
        if month is not None:
            applicants.append(case.get("applicant_type"))
            causes.append(cause_name(case))
            months.append(month)
    when = np.array(months, dtype=np.int64)
    found = {
        name: trends(kinds, when, months=MONTHS, settings=settings)
        for name, kinds in (("applicant", applicants), ("cause", causes))
    }
    return {
        "sources": {name: [_kept(one) for one in rows] for name, rows in found.items()},
        "counted": len(months),
        "small_cell": int(settings.small_cell),
    }


def _month(received: object) -> int | None:
    if not isinstance(received, str):
        return None
    day = datetime.fromisoformat(received).astimezone(SHANGHAI)
    return 12 * day.year + day.month - 1


def _kept(one: Trend) -> dict[str, Any]:
    """Return a trend as it is kept: what may not be shown is not on record either."""
    return {
        "kind": one.kind,
        "months": list(one.months),
        "cells": [str(cell) for cell in one.cells],
        "now": str(one.now),
        "before": str(one.before),
        "change": one.change,
    }
