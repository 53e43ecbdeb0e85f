"""Which language a person reads: the one just chosen, the one chosen before, or the browser's."""

from __future__ import annotations

from typing import Final

from starlette.types import Scope

from serving.door.guard import VALUES
from serving.door.outgoing import VISIT, Visit
from serving.identity.cookies import value_of
from serving.pages.language import SHORT, Language, language

COOKIE: Final = "fenliu-lang"
_YEAR: Final = 31_536_000


def language_in(scope: Scope) -> Language:
    """Return the language of a call to a page."""
    visit: Visit = scope[VISIT]
    chosen = SHORT.get(str(scope.get(VALUES, {}).get("lang", "")))
    kept = SHORT.get(value_of(scope["headers"], COOKIE) or "")
    return language(chosen or kept or ("en" if visit.language == "en" else "zh-CN"))


def keeping(short: str) -> str:
    """Return the header that keeps a choice for a year; it says nothing of who chose."""
    return f"{COOKIE}={short}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Strict"
