"""Turning a page model into HTML: one environment a language, every value escaped, every missing name an error."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from serving.pages.assets import address, assets
from serving.pages.language import SHORT, Tag, language
from serving.pages.shell import Shell

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline and nothing from elsewhere: a page that needs more does not work, which is the point."""

_ENGLISH: Final = str.maketrans(
    {"（": " (", "）": ") ", "：": ": ", "；": "; ", "、": ", ", "，": ", ", "。": ". ", "　": " "}
)


class EnglishMarks(Extension):
    """Templates are punctuated as Chinese is; their own brackets, colons and stops are read as English ones."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield every token, with the marks between the words changed; what is said or on record is left alone."""
        for token in stream:
            yield Token(token.lineno, token.type, token.value.translate(_ENGLISH)) if token.type == "data" else token


def rendered(template: str, shell: Shell, **models: object) -> bytes:
    """Return a page as HTML."""
    return environment(shell.say.tag).get_template(template).render(shell=shell, **models).encode("utf-8")


def prepare() -> None:
    """Read every template and catalogue: what is wrong with them shows when the service starts, not on a page."""
    for tag in SHORT.values():
        words = environment(tag)
        for name in words.list_templates():
            words.get_template(name)
    assets()


@cache
def environment(tag: Tag) -> Environment:
    """Return the environment of a language; its templates are read once."""
    found = Environment(
        loader=FileSystemLoader(str(files("serving.pages").joinpath("templates"))),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", *([] if tag == "zh-CN" else [EnglishMarks])],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = language(tag).translations
    found.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined] # added by the extension
    found.globals |= {"asset": address}
    return found
