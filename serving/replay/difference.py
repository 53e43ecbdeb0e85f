"""The first place in which two answers differ, named as a JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Where two documents first differ, and what stands there; None also stands for nothing at all."""

    pointer: str
    recorded: object
    again: object


def first_difference(recorded: object, again: object, *, pointer: str = "") -> Difference | None:
    """Return the first difference in the order of the recorded document; None when both are the same.

    Numbers of another kind differ: 1 is not 1.0, and neither is True.
    """
    if isinstance(recorded, Mapping) and isinstance(again, Mapping):
        return _in_objects(recorded, again, pointer)
    if _is_list(recorded) and _is_list(again):
        return _in_lists(recorded, again, pointer)  # type: ignore[arg-type] # both are lists
    same = type(recorded) is type(again) and recorded == again
    return None if same else Difference(pointer, recorded, again)


def _in_objects(recorded: Mapping[str, object], again: Mapping[str, object], pointer: str) -> Difference | None:
    for name in dict.fromkeys([*recorded, *again]):
        place = f"{pointer}/{_escaped(name)}"
        if (name in recorded) != (name in again):
            return Difference(place, recorded.get(name), again.get(name))
        found = first_difference(recorded[name], again[name], pointer=place)
        if found is not None:
            return found
    return None


def _in_lists(recorded: Sequence[object], again: Sequence[object], pointer: str) -> Difference | None:
    for place, (one, other) in enumerate(zip(recorded, again, strict=False)):
        found = first_difference(one, other, pointer=f"{pointer}/{place}")
        if found is not None:
            return found
    if len(recorded) == len(again):
        return None
    shorter = min(len(recorded), len(again))
    rest = [values[shorter] if len(values) > shorter else None for values in (recorded, again)]
    return Difference(f"{pointer}/{shorter}", *rest)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
