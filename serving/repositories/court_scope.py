"""The border of a court in every query: what lies beyond it is not found."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from serving.access.principal import Courts


def within(column: ColumnElement[str], courts: Courts) -> ColumnElement[bool]:
    """Return the condition that a row belongs to one of the courts, for the `WHERE` of whatever reads cases."""
    return true() if courts.codes is None else column.in_(sorted(courts.codes))
