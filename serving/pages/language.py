"""The two languages of the pages: fixed words come from the catalogue, and of stored pairs of words one is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Tag = Literal["zh-CN", "en"]

SHORT: Final[dict[str, Tag]] = {"zh": "zh-CN", "en": "en"}
"""What stands in addresses and in the cookie, and the tag it means."""


@dataclass(frozen=True)
class Language:
    """One language; Chinese is the source of every word and needs no catalogue."""

    tag: Tag
    translations: NullTranslations = field(repr=False, compare=False, default_factory=NullTranslations)

    def __call__(self, zh: str, **values: object) -> str:
        """Return fixed words, with `{name}` in them replaced; words without a translation stay Chinese."""
        words = self.translations.gettext(zh)
        if values:
            by_number = self.translations.ngettext(zh, "", _number_in(values))
            words = (by_number if by_number not in {zh, ""} else words).format(**values)
        return words

    def pick(self, zh: str, en: str) -> str:
        """Return one of two wordings that are on record."""
        return zh if self.tag == "zh-CN" else en

    def listed(self, names: Iterable[str]) -> str:
        """Return names one after another, as the language parts them."""
        return self.pick("、", ", ").join(names)

    def apart(self, clauses: Iterable[str]) -> str:
        """Return clauses one after another, parted by semicolons of the language."""
        return self.pick("；", "; ").join(clauses)

    @property
    def other(self) -> str:
        """The other language as addresses write it."""
        return "en" if self.tag == "zh-CN" else "zh"


def _number_in(values: Mapping[str, object]) -> int:
    """Return the first number among what is told, one of which is said otherwise than several."""
    return next((int(text) for text in map(str, values.values()) if text.isascii() and text.isdigit()), 2)


@cache
def language(tag: Tag) -> Language:
    """Return the language with its catalogue read."""
    return Language(tag) if tag == "zh-CN" else Language(tag, _catalogue(tag))


def _catalogue(tag: Tag) -> GNUTranslations:
    whole, compiled = Catalog(locale=tag), BytesIO()
    for file in sorted(files("serving.pages").joinpath("locale", tag).iterdir(), key=str):
        with file.open("rb") as text:
            for message in read_po(text, locale=tag, abort_invalid=True):
                whole[message.id] = message
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)
