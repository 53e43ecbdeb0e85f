"""What the head of a request must look like before anything else of it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from serving.door.endpoints import Endpoint, endpoint_of
from serving.door.problems import ProblemError
from serving.settings import Settings, is_loopback

MOST_BODY_BYTES: Final = 65_536
_MOST_HEADERS: Final = 64
_MOST_HEADER_BYTES: Final = 16_384
_JSON: Final = re.compile(rb'application/json(?:\s*;\s*charset="?utf-8"?)?', flags=re.IGNORECASE)
_ONCE: Final = frozenset(
    {b"host", b"content-length", b"content-type", b"content-encoding", b"transfer-encoding", b"idempotency-key"},
)
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Head:
    """The headers that decide whether a request is read at all."""

    host: bytes | None = None
    length: bytes | None = None
    kind: bytes | None = None
    encoding: bytes | None = None
    transfer: bytes | None = None

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> Head:
        """Collect the headers; refuse floods and doubles that two readers could take differently."""
        seen: dict[bytes, bytes] = {}
        count = size = 0
        for name, value in headers:
            count += 1
            size += len(name) + len(value)
            if name in _ONCE:
                if name in seen:
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
        )


@dataclass(frozen=True)
class Door:
    """Who may call, and under which host names."""

    allow_remote: bool
    hosts: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Door:
        """Take the door's rules from the settings."""
        local = frozenset() if settings.allow_remote else _LOCAL_NAMES
        named = frozenset(settings.hosts)
        return cls(settings.allow_remote, named | _LOCAL_NAMES if named else local)

    def check(self, scope: Scope) -> Endpoint:
        """Return the endpoint a request is for, or raise the problem that ends it here."""
        head = Head.of(scope["headers"])
        self._check_caller(scope, head)
        endpoint = endpoint_of(scope["path"])
        if endpoint is None:
            raise ProblemError("NOT_FOUND")
        if scope["method"] not in endpoint.methods:
            raise ProblemError("METHOD_NOT_ALLOWED", headers={"Allow": ", ".join(endpoint.methods)})
        if scope.get("query_string"):
            raise ProblemError("QUERY_NOT_ALLOWED")
        if endpoint.takes_body:
            _check_body_headers(head)
        return endpoint

    def _check_caller(self, scope: Scope, head: Head) -> None:
        client = scope.get("client")
        if not self.allow_remote and not (client and is_loopback(client[0])):
            raise ProblemError("REMOTE_REFUSED")
        if head.length is not None and head.transfer is not None:
            raise ProblemError("HEADERS_CONFLICT")
        if self.hosts and _name_of(head.host) not in self.hosts:
            raise ProblemError("HOST_REFUSED")


def _check_body_headers(head: Head) -> None:
    if head.kind is None or not _JSON.fullmatch(head.kind.strip()):
        raise ProblemError("CONTENT_TYPE_UNSUPPORTED")
    if head.encoding is not None and head.encoding.strip().lower() != b"identity":
        raise ProblemError("CONTENT_TYPE_UNSUPPORTED")
    if head.length is None:
        return
    if not head.length.isdigit() or len(head.length) > 18:
        raise ProblemError("HEADERS_CONFLICT")
    if int(head.length) > MOST_BODY_BYTES:
        raise ProblemError("PAYLOAD_TOO_LARGE")


def _name_of(host: bytes | None) -> str:
    """Return the host's name without its port, lower case."""
    text = (host or b"").decode("latin-1").lower()
    return text if text.endswith("]") else re.sub(r":\d{1,5}$", "", text)


def _double(name: bytes) -> str:
    return "IDEMPOTENCY_KEY_INVALID" if name == b"idempotency-key" else "HEADERS_CONFLICT"
