"""What a named test of the rule tables is: the facts it reads, the parameters it needs, and what it asks of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt

from features.columns import code_index
from features.register import load_register
from models.rules.case_view import CaseView
from models.rules.conditions.comparisons import Span
from models.rules.tri import Array, Tri, decided

Indices = tuple[float, ...]
Param = float | str | tuple[str, ...] | Indices
Params = Mapping[str, Param]
Run = Callable[[CaseView, str, Params], Tri | np.uint8]
"""Takes the cases, the name of the fact and the parameters; one verdict alone holds for every row."""

NUMBERS = frozenset({"int", "float", "decimal", "ordinal", "score"})
BOOLS = frozenset({"bool"})
ENUMS = frozenset({"enum"})
DATES = frozenset({"date"})
MOMENTS = frozenset({"date", "datetime"})
TEXTS = frozenset({"string"})
ANY = NUMBERS | BOOLS | ENUMS | MOMENTS | TEXTS | {"none"}

INDICES = "indices"
"""Parameter that holds the column numbers of the `codes` a table lists."""


@dataclass(frozen=True)
class ConditionTest:
    """A test a table may name: the field types it reads, the parameters it needs, and what it asks.

    Kinds of parameter: `number` (a list of numbers is summed), `whole` (the
    same, a count), `share` (the same, above zero), `codes` of the
    field's own list, `texts`, `fact` (the name of another numeric fact),
    `coded` (the name of a fact with codes), `amounts` (a number for each code
    of that fact) and `causes` (numbers of the list of causes). A test that
    only compares one number tells the `spans` in which it is met; any other is
    `run` on the case. `reads` are facts it looks at beside the condition's own;
    one that `asks_nobody` gives the same answer whatever the facts are.
    """

    types: frozenset[str]
    params: Mapping[str, str] = field(default_factory=dict)
    spans: Callable[[Params], Sequence[Span]] | None = None
    run: Run | None = None
    reads: tuple[str, ...] = ()
    asks_nobody: bool = False


def number(params: Params, name: str) -> float:
    """Return a parameter that loading has checked to be a number."""
    return cast("float", params[name])


def word(params: Params, name: str) -> str:
    """Return a parameter that loading has checked to be the name of a fact."""
    return cast("str", params[name])


def texts(params: Params, name: str) -> tuple[str, ...]:
    """Return a parameter that loading has checked to be a list of texts."""
    return cast("tuple[str, ...]", params[name])


def indices(params: Params) -> Indices:
    """Return the column numbers of the codes that a table lists."""
    return cast("Indices", params[INDICES])


def code(view: CaseView, field: str, *names: str) -> Tri:
    """Return whether an enum holds one of these codes."""
    facts = view.number(field)
    return decided(facts, is_one_of(facts, _indices_of(field, names)))


def is_one_of(facts: Array, numbers: Indices) -> npt.NDArray[np.bool_]:
    """Return the rows whose fact is one of these numbers; never where it is NaN."""
    met: npt.NDArray[np.bool_] = facts == numbers[0]
    for one in numbers[1:]:
        met |= facts == one
    return met


@cache
def _indices_of(field: str, names: tuple[str, ...]) -> Indices:
    numbers = code_index(load_register()[field])
    return tuple(numbers[name] for name in names)
