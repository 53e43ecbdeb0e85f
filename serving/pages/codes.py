"""Coded values in words: what an allowed value is called on a page, in either language."""

from __future__ import annotations

from features.causes import FAMILIES_ZH
from features.english import english_of
from features.register import Field
from serving.pages.language import Language


def code_words(field: Field, code: str, say: Language) -> str:
    """Return what an allowed value of a field is called; any other value is returned as it stands."""
    return say.pick(field.zh_of(code), english_of(code)) if code in field.codes else code


def family_words(family: str, say: Language) -> str:
    """Return what a family of causes is called."""
    return say.pick(FAMILIES_ZH.get(family, family), english_of(family))
