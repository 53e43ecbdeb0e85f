"""Style sheet, fonts and pictures of the pages: served by ourselves, under names that change with their content."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

_KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PACKED: Final = frozenset({".css", ".js", ".svg"})
_REFERENCE: Final = re.compile(r"url\(([a-z0-9.-]+)\)")
_DIGITS: Final = 12


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `packed` is the same with gzip, empty where that saves nothing."""

    name: str
    kind: str
    body: bytes
    packed: bytes = b""


@cache
def assets() -> Mapping[str, Asset]:
    """Return every file by its public name; style sheets refer to the public names of others."""
    found: dict[str, Asset] = {}
    names: dict[str, str] = {}
    # Style sheets come last: by then the names that stand in them are known.
    for file in sorted(_files(), key=lambda one: (_suffix(one.name) == ".css", one.name)):
        body = file.read_bytes()
        if file.name.endswith(".css"):
            body = _REFERENCE.sub(lambda match: f"url({names[match[1]]})", body.decode("utf-8")).encode("utf-8")
        asset = _asset(file.name, body)
        names[file.name] = asset.name
        found[asset.name] = asset
    return MappingProxyType(found)


@cache
def address(name: str) -> str:
    """Return the address of a file by the name it has in the repository; raise KeyError if there is none."""
    stem, suffix = name.removesuffix(_suffix(name)), _suffix(name)
    pattern = re.compile(rf"{re.escape(stem)}\.[0-9a-f]{{{_DIGITS}}}{re.escape(suffix)}")
    for public in assets():
        if pattern.fullmatch(public):
            return f"/static/{public}"
    raise KeyError(name)


def _files() -> list[Traversable]:
    folder = files("serving.pages").joinpath("static")
    every = [*folder.iterdir(), *folder.joinpath("fonts").iterdir()]
    return [file for file in every if file.is_file() and _suffix(file.name) in _KINDS]


def _asset(name: str, body: bytes) -> Asset:
    suffix = _suffix(name)
    digest = hashlib.sha256(body).hexdigest()[:_DIGITS]
    packed = gzip.compress(body, mtime=0) if suffix in _PACKED else b""
    return Asset(f"{name.removesuffix(suffix)}.{digest}{suffix}", _KINDS[suffix], body, packed)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
