"""What the head of a request must look like before anything else of it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Scope

from serving.door.endpoint import UPLOAD, Body
from serving.door.problems import ProblemError
from serving.settings import Settings, is_loopback
from serving.traffic.address import Proxies

PageOf = Callable[[Scope, ProblemError], tuple[bytes, Mapping[str, str]]]
"""Writes a problem as a page: its body, and headers of its own."""

_MOST_HEADERS: Final = 64
_MOST_HEADER_BYTES: Final = 16_384
_ONCE: Final = frozenset(
    {
        *(b"host", b"content-length", b"content-type", b"content-encoding", b"transfer-encoding"),
        *(b"idempotency-key", b"authorization", b"cookie", b"origin", b"if-match", b"x-csrf-token"),
    }
)
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_BOUNDARY: Final = re.compile(r'\s*;\s*boundary="?[A-Za-z0-9\'()+_,./:=?-]{1,70}"?\s*', flags=re.IGNORECASE)
_UTF_8: Final = re.compile(r'(?:\s*;\s*charset="?utf-8"?)?\s*', flags=re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"\s*(\*|[A-Za-z]{2,3})(?:-[A-Za-z0-9-]{1,20})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")
_SPOKEN: Final = {"zh": "zh-CN", "*": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Head:
    """The headers that decide whether and how a request is read."""

    host: bytes | None = None
    length: bytes | None = None
    kind: bytes | None = None
    encoding: bytes | None = None
    transfer: bytes | None = None
    origin: bytes | None = None
    csrf: bytes | None = None
    language: str = "zh-CN"
    accept: bytes | None = None

    @property
    def reads_pages(self) -> bool:
        """Whether a browser asks, for a person to read the answer."""
        return b"text/html" in (self.accept or b"")

    @property
    def packed(self) -> bool:
        """Whether the body is compressed."""
        return self.encoding is not None and self.encoding.strip().lower() != b"identity"

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> Head:
        """Collect the headers; refuse floods and doubles that two readers could take differently."""
        seen: dict[bytes, bytes] = {}
        count = size = 0
        for name, value in headers:
            count += 1
            size += len(name) + len(value)
            if name in _ONCE and name in seen:
                raise ProblemError(_double(name))
            seen[name] = value
        if count > _MOST_HEADERS or size > _MOST_HEADER_BYTES:
            raise ProblemError("HEADERS_TOO_LARGE")
        return cls(
            seen.get(b"host"),
            seen.get(b"content-length"),
            seen.get(b"content-type"),
            seen.get(b"content-encoding"),
            seen.get(b"transfer-encoding"),
            seen.get(b"origin"),
            seen.get(b"x-csrf-token"),
            language_of(seen.get(b"accept-language", b"")),
            seen.get(b"accept"),
        )


@dataclass(frozen=True)
class Door:
    """Who may call, under which host names, and how people are told of problems: as pages, or not at all."""

    allow_remote: bool
    hosts: frozenset[str]
    proxies: Proxies = field(default_factory=Proxies)
    page_of: PageOf | None = None

    @classmethod
    def of(cls, settings: Settings, *, page_of: PageOf | None = None) -> Door:
        """Take the door's rules from the settings."""
        local = frozenset() if settings.allow_remote else _LOCAL_NAMES
        named = frozenset(settings.hosts)
        hosts = named | _LOCAL_NAMES if named else local
        return cls(settings.allow_remote, hosts, Proxies.of(settings.trusted_proxies), page_of)

    def check(self, address: str, head: Head) -> None:
        """Raise the problem that ends the request here, if its caller or its host name is not served."""
        if not self.allow_remote and not is_loopback(address):
            raise ProblemError("REMOTE_REFUSED")
        if head.length is not None and head.transfer is not None:
            raise ProblemError("HEADERS_CONFLICT")
        if self.hosts and _name_of(head.host) not in self.hosts:
            raise ProblemError("HOST_REFUSED")


def check_body_headers(head: Head, body: Body) -> None:
    """Raise the problem that ends the request here, if its headers announce a body that is not taken."""
    if not _is_taken(head.kind, body.media_types):
        raise ProblemError("CONTENT_TYPE_UNSUPPORTED")
    if head.packed and not (body.gzip and head.encoding is not None and head.encoding.strip().lower() == b"gzip"):
        raise ProblemError("CONTENT_TYPE_UNSUPPORTED")
    if head.length is None:
        return
    if not head.length.isdigit() or len(head.length) > 18:
        raise ProblemError("HEADERS_CONFLICT")
    if int(head.length) > body.most_bytes:
        raise ProblemError("PAYLOAD_TOO_LARGE")


def check_origin(head: Head) -> None:
    """Raise the problem that ends a change here, if a page of another site asks for it.

    Browsers say on every form and every script's call from which site it
    comes; programs say nothing.
    """
    if head.origin is None:
        return
    scheme, mark, place = head.origin.decode("latin-1").lower().partition("://")
    host = (head.host or b"").decode("latin-1").lower()
    usual = {"http": ":80", "https": ":443"}.get(scheme)
    if not mark or usual is None or place.removesuffix(usual) != host.removesuffix(usual):
        raise ProblemError("ORIGIN_REFUSED")


def language_of(accepted: bytes) -> str:
    """Return the language of ours that a caller prefers; Chinese unless English was clearly asked for."""
    best, found = 0.0, "zh-CN"
    for part in accepted.decode("latin-1").split(",")[:16]:
        match = _LANGUAGE.fullmatch(part)
        language = _SPOKEN.get(match[1].lower()) if match else None
        weight = float(match[2] or 1) if match else 0.0
        if language and weight > best:
            best, found = weight, language
    return found


def _is_taken(kind: bytes | None, media_types: tuple[str, ...]) -> bool:
    name, rest = _named(kind or b"")
    plain = _BOUNDARY if name == UPLOAD else _UTF_8
    return name in media_types and bool(plain.fullmatch(rest))


def _named(kind: bytes) -> tuple[str, str]:
    """Return the media type in lower case, and its parameters as they stand."""
    text = kind.decode("latin-1").strip()
    name, mark, rest = text.partition(";")
    return name.strip().lower(), mark + rest


def _name_of(host: bytes | None) -> str:
    """Return the host's name without its port, lower case."""
    text = (host or b"").decode("latin-1").lower()
    return text if text.endswith("]") else re.sub(r":\d{1,5}$", "", text)


def _double(name: bytes) -> str:
    return "IDEMPOTENCY_KEY_INVALID" if name == b"idempotency-key" else "HEADERS_CONFLICT"
