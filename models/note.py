"""A remark for a person, in both languages, with a code for programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One thing that a person has to know."""

    code: str
    zh: str
    en: str
