"""A serial case at the demonstration court: one property company's applications in one file, some lines of it bad."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from serving.demo.course import document_of
from serving.demo.people import MAIN
from serving.history.reading import PastCase

MOST: Final = 60
"""Cases of the file."""

_PROPERTY: Final = {
    "cause_code": "126", "cause_version": "2026", "applicant_type": "enterprise", "applicant_bulk_12m": 214,
    "batch_size": MOST, "has_lawyer": True, "consent_urge": "agree", "intake_channel": "online", "n_applicants": 1,
}  # fmt: skip
"""Property fees (物业服务合同纠纷), applied for by the same company."""


def serial_file(cases: Sequence[PastCase], now: datetime) -> bytes:
    """Return lines of applications that came in an hour ago, made from simulated cases that are not shown otherwise.

    The last two lines cannot be read as cases: whoever imports such a file
    sees what is wrong with them.
    """
    at = now - timedelta(hours=1)
    small = [case for case in cases if float(case.received.get("claim_amount", "1e9")) < 60_000]
    lines = [_line(case, number, at) for number, case in enumerate(small[:MOST], start=1)]
    return "\n".join([*lines, *_bad(lines, at)]).encode()


def _line(case: PastCase, number: int, at: datetime) -> str:
    facts = {**case.received, **_PROPERTY, "received_at": at.isoformat(timespec="seconds")}
    here = replace(case, court_code=MAIN, received=facts)
    return json.dumps(document_of(here, f"SQ{at:%Y%m%d}-7{number:03d}", "A", at), ensure_ascii=False)


def _bad(lines: Sequence[str], at: datetime) -> Iterator[str]:
    """Yield two lines that are refused: an amount that is none, and a day after today."""
    for place, (name, value) in enumerate((("claim_amount", "三万"), ("due_date", f"{at.year + 400}-01-01"))):
        document: dict[str, Any] = json.loads(lines[place])
        document["application_id"] = f"SQ{at:%Y%m%d}-799{place}"
        document["case"][name] = value
        yield json.dumps(document, ensure_ascii=False)
