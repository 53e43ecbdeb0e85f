"""Finding a case by a part of its number: what somebody types is looked up from every place at which he may begin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from serving.access.principal import Courts
from serving.repositories.court_scope import within
from serving.store.tables.queue import open_case_parts

Case = tuple[str, str]
"""Court and number of an application."""

LONGEST: Final = 40
"""Characters of a part that are kept; nobody types more."""

_TOKEN: Final = re.compile(r"\d+|[A-Z]+|[^\W\dA-Z_]+")
_WIDE: Final = str.maketrans("()", "（）")
_LAST: Final = "\U0010ffff"


def spelt(text: str) -> str:
    """Return a number as it is compared: full-width signs as plain ones, small letters as capitals, no spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def spellings(typed: str) -> tuple[str, ...]:
    """Return how a number that somebody typed in full may stand on record: with either brackets and with 号 or not."""
    plain = spelt(typed).removesuffix("号")
    wide = plain.translate(_WIDE)
    return tuple(sorted({typed.strip(), plain, wide, f"{plain}号", f"{wide}号"} - {"", "号"}))


def parts_of(number: str) -> list[str]:
    """Return the number from the beginning of each of its words and numbers on, leading noughts with and without."""
    whole = spelt(number)
    starts = {0, *(found.start() for found in _TOKEN.finditer(whole))}
    starts |= {found.start() + len(found[0]) - len(found[0].lstrip("0")) for found in _TOKEN.finditer(whole)}
    return sorted({whole[start : start + LONGEST] for start in starts if start < len(whole)})


def keep_parts(connection: Connection, court: str, number: str) -> None:
    """Keep from where a case can be found, in the transaction in which it enters the queue."""
    forget_parts(connection, [(court, number)])
    rows = [{"part": part, "court_code": court, "application_id": number} for part in parts_of(number)]
    connection.execute(_KEEP, rows)


def forget_parts(connection: Connection, cases: Iterable[Case]) -> None:
    """Forget it, when cases (court and number) leave the queue."""
    for court, number in cases:
        connection.execute(_FORGET, {"parts": parts_of(number), "court": court, "number": number})


def beginning_with(connection: Connection, typed: str, courts: Courts, *, most: int) -> Sequence[Case] | None:
    """Return the cases that have a part beginning like this; None where they are more than `most`."""
    first = spelt(typed)[:LONGEST]
    query = (
        select(open_case_parts.c.court_code, open_case_parts.c.application_id)
        .where(
            open_case_parts.c.part >= first,
            open_case_parts.c.part < first + _LAST,
            within(open_case_parts.c.court_code, courts),
        )
        .limit(most + 1)
    )
    found = [(row.court_code, row.application_id) for row in connection.execute(query)]
    return None if len(found) > most else sorted(set(found))


_KEEP: Final = insert(open_case_parts)
_FORGET: Final = delete(open_case_parts).where(
    open_case_parts.c.part.in_(bindparam("parts", expanding=True)),
    open_case_parts.c.court_code == bindparam("court"),
    open_case_parts.c.application_id == bindparam("number"),
)
"""Built once: building a statement costs as much as running it."""
