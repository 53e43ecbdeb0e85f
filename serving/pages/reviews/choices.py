"""What the forms of human reviews are made of: something to choose, and something that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReviewChoice:
    """One thing that can be chosen, and whether the reader has chosen it."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReviewFault:
    """Something wrong with what was sent in: the field, and what to do."""

    field: str
    text: str


def choices_of(words: Mapping[str, str], chosen: object) -> tuple[ReviewChoice, ...]:
    """Return what can be chosen, in this order."""
    return tuple(ReviewChoice(value=value, text=text, chosen=value == chosen) for value, text in words.items())
