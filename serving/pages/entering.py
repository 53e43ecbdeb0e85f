"""The pages on the way in: log-in, a new password, and the step back from the court's own log-in service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from serving.pages.language import Language
from serving.pages.rendering import rendered
from serving.pages.shell import Shell

_ONWARD: Final = re.compile(r"/(?![/\\])[A-Za-z0-9._~:/?=&%+-]{0,400}")


@dataclass(frozen=True, kw_only=True)
class LogIn:
    """The log-in form: what went wrong, the name once typed, the page asked for before, and what was typed there."""

    message: str = ""
    name: str = ""
    onward: str = ""
    kept: str = ""
    single_sign_on: bool = False


@dataclass(frozen=True, kw_only=True)
class Password:
    """The form for a new password: whether it must be changed now, and what was wrong with the last try."""

    must: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What somebody had typed when his session was over: to which address, and field by field."""

    address: str
    fields: tuple[tuple[str, str], ...]
    csrf: str = ""


def keep(address: str, fields: Mapping[str, str]) -> str:
    """Return a form as it goes through the log-in, in one hidden field of it."""
    return json.dumps({"address": address, "fields": dict(fields)}, ensure_ascii=False)


def kept_in(text: str) -> Kept | None:
    """Return the form that went through the log-in; None where there is none, or it could lead to another site."""
    try:
        found = json.loads(text)
        fields = tuple((str(name), str(value)) for name, value in found["fields"].items())
        address = onward(str(found["address"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Kept(address=address, fields=fields) if address and fields else None


@dataclass(frozen=True)
class GoingOn:
    """A page that leads on by itself: a cookie that came from another site's answer is sent from here."""

    onward: str


def log_in_page(page: LogIn, say: Language) -> bytes:
    """Return the log-in page."""
    return rendered("log_in.html", Shell(say, "/login"), page=page)


def kept_page(kept: Kept, say: Language) -> bytes:
    """Return the page on which somebody who is in again sends what he had typed."""
    return rendered("kept.html", Shell(say, ""), page=kept)


def going_on_page(onward: str, say: Language) -> bytes:
    """Return the page that leads on."""
    return rendered("going_on.html", Shell(say, ""), page=GoingOn(onward))


def onward(asked: str) -> str:
    """Return an address of ours to go on to; empty where the one asked for could lead to another site."""
    return asked if _ONWARD.fullmatch(asked) else ""
