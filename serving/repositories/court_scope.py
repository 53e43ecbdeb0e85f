"""The border of a court in every query: what lies beyond it is not found."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from serving.access.principal import Courts


def unsteered(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return the column so that no planner goes by its index.

    A court has a million answers, an application a few: a planner that starts
    from the court reads and sorts all of them. `|| ''` changes no value and hides
    the index.
    """
    return column + ""


def within(column: ColumnElement[str], courts: Courts) -> ColumnElement[bool]:
    """Return the condition that a row belongs to one of the courts, for the `WHERE` of whatever reads cases."""
    return true() if courts.codes is None else column.in_(sorted(courts.codes))
