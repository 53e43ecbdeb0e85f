"""Cases that are being urged, the conversions by which urging ended, and the urging windows that courts have signed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

urged_cases = Table(
    "urged_cases",
    metadata,
    Column("decision_id", String(32), ForeignKey("decisions.id"), primary_key=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("look_on", String(10), nullable=False),
    info={GRANTS: (*READ_AND_ADD, "UPDATE", "DELETE")},
)
"""One row a decision to urge that stands and has not ended; on `look_on` the service looks whether it ends.

Everything in it stands in decisions and outcomes, too: a row comes with the
decision and goes with its withdrawal, with a conversion, with filing or payment.
"""

Index("ix_urged_cases_look_on", urged_cases.c.look_on)
Index("ix_urged_cases_application_id", urged_cases.c.application_id)

conversions = Table(
    "conversions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("decision_id", String(32), ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, index=True),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("rule", String(8), nullable=False),
    Column("cause", String(32), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    info={KEPT: True, RECORDED: True},
)
"""One row a case whose urging ended unpaid: since `due_on` it has to be filed. One decision to urge ends once."""

urging_windows = Table(
    "urging_windows",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("request_id", String(32), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("days", Integer, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    UniqueConstraint("request_id", "turn"),
    info={KEPT: True, RECORDED: True},
)
"""One row a step about another window of a court: `ask`, `sign`, `decline`, `withdraw` or `take_back`.

`request_id` is the id of the row that asked, `turn` counts the steps, the last
one stands: a window is signed while that is `sign`. Each row repeats what it
is about: so many days for applications received from `first_day` on.
"""

Index("ix_urging_windows_court_code", urging_windows.c.court_code, urging_windows.c.request_id)
