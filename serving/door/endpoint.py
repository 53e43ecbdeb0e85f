"""What an address is: method, permission, parameters, body, answers and problems, declared once and used by all.

The guard admits by it, the router finds the handler by it, and the interface
document is written from it; so none of the three can say something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal

from serving.access.actions import Action
from serving.door.parameters import Parameter
from serving.door.problems import PROBLEMS

Method = Literal["GET", "POST", "PUT", "DELETE"]
Schema = Mapping[str, object]

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
UPLOAD: Final = "multipart/form-data"
KIB: Final = 1024
MIB: Final = 1024 * KIB
DEADLINE_SECONDS: Final = 10.0


class DeclarationError(ValueError):
    """Addresses contradict each other, or name something that does not exist."""


def component(name: str) -> Schema:
    """Return the reference to a schema of the interface document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True, kw_only=True)
class Body:
    """The body that an address takes.

    A body that is not `streamed` is read by the guard, strictly, as one JSON
    object, or as the fields of a page's form. A streamed one is read by the handler, piece by piece; it may come
    with gzip if `most_unpacked_bytes` is set, which bounds what it unpacks to.
    """

    schema: Schema
    media_types: tuple[str, ...] = (JSON,)
    most_bytes: int = 64 * KIB
    streamed: bool = False
    most_unpacked_bytes: int = 0

    @property
    def is_form(self) -> bool:
        """Whether the body is what a page's form sends."""
        return self.media_types == (FORM,)

    @property
    def is_upload(self) -> bool:
        """Whether the body is a page's form with a file, which `serving.door.upload` reads."""
        return self.media_types == (UPLOAD,)

    @property
    def gzip(self) -> bool:
        """Whether the body may come compressed."""
        return self.streamed and self.most_unpacked_bytes > 0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer that is no problem: its status, what it means, its content by media type, and its own headers."""

    status: int
    zh: str
    en: str
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Endpoint:
    """One method at one path.

    `action` is what the caller must be permitted; None opens the address to
    everyone. `native` addresses are answered by BentoML itself and have no
    handler of ours. `is_health` addresses are answered however full the house
    is. At addresses that `lets_in` somebody, guesses are few. `pages` tell people of problems as
    pages. GET includes HEAD. `problems` are the codes of its own;
    those that follow from what is declared are added by `codes`.
    """

    method: Method
    path: str
    zh: str
    en: str
    action: Action | None
    replies: tuple[Reply, ...]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[str, ...] = ()
    seconds: float = DEADLINE_SECONDS
    native: bool = False
    is_health: bool = False
    lets_in: bool = False
    pages: bool = False

    def __str__(self) -> str:
        """Return the address as a log or a message names it."""
        return f"{self.method} {self.path}"

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that this endpoint answers."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The form of the whole path; a group for each parameter in it."""
        forms = {p.name: p.form.schema["pattern"] for p in self.parameters if p.place == "path"}
        pieces = re.split(r"\{(\w+)\}", self.path)
        names = set(pieces[1::2])
        if names != forms.keys():
            msg = f"{self}: path names {sorted(names)}, declared are {sorted(forms)}"
            raise DeclarationError(msg)
        return re.compile("".join(_piece(text, forms if place % 2 else {}) for place, text in enumerate(pieces)))

    @property
    def codes(self) -> tuple[str, ...]:
        """Every problem that a call may end in, in the order of the checks."""
        found = [*_EVERY]
        if self.action is not None:
            found += ["UNAUTHENTICATED", "SESSION_OVER", "PERMISSION_DENIED", "PASSWORD_CHANGE_REQUIRED"]
            found += ["RIGHTS_TO_CONFIRM"]
            found += ["STORE_UNAVAILABLE"] + ([] if self.method == "GET" else ["CSRF_REFUSED"])
        if any(parameter.place == "path" for parameter in self.parameters):
            found.append("NOT_FOUND")
        if any(parameter.place == "query" for parameter in self.parameters):
            found.append("QUERY_INVALID")
        found += [code for p in self.parameters if p.place != "path" for code in (p.missing, p.invalid)]
        if self.body is not None:
            found += _BODY + _of_body(self.body)
        if self.method != "GET":
            found.append("ORIGIN_REFUSED")
        return tuple(dict.fromkeys([*found, *self.problems]))

    def __post_init__(self) -> None:
        """Refuse a declaration that names what does not exist."""
        unknown = [code for code in self.codes if code not in PROBLEMS]
        if unknown or not self.replies:
            msg = f"{self}: no such problem {unknown}" if unknown else f"{self}: no reply is declared"
            raise DeclarationError(msg)
        _ = self.pattern


def _of_body(body: Body) -> list[str]:
    """Return the problems that follow from how a body is read."""
    if body.is_upload:
        return _UPLOAD
    if body.streamed:
        return _STREAM
    return _FORM if body.is_form else _DOCUMENT


_EVERY: Final = (
    *("BAD_REQUEST", "REMOTE_REFUSED", "HOST_REFUSED", "HEADERS_TOO_LARGE", "HEADERS_CONFLICT", "QUERY_NOT_ALLOWED"),
    *("METHOD_NOT_ALLOWED", "RATE_LIMITED", "INTERNAL", "DEADLINE_EXCEEDED"),
)
_BODY: Final = ["CONTENT_TYPE_UNSUPPORTED", "PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT"]
_STREAM: Final = ["COMPRESSION_INVALID"]
_UPLOAD: Final = ["FORM_INVALID"]
_FORM: Final = ["FORM_INVALID", "VALIDATION_FAILED"]
_DOCUMENT: Final = [
    *("JSON_INVALID", "JSON_ENCODING", "JSON_TOO_DEEP", "JSON_DUPLICATE_KEY", "JSON_NUMBER", "JSON_NOT_FINITE"),
    *("JSON_NOT_OBJECT", "VALIDATION_FAILED"),
]


@dataclass(frozen=True)
class Table:
    """All addresses of the service: what is not in this table does not exist."""

    endpoints: tuple[Endpoint, ...]
    _plain: Mapping[str, Mapping[str, Endpoint]] = field(init=False, repr=False)
    _shaped: tuple[tuple[re.Pattern[str], Mapping[str, Endpoint]], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the endpoints by path and method; refuse two for one."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in self.endpoints:
            methods = by_path.setdefault(endpoint.path, {})
            doubles = methods.keys() & set(endpoint.methods)
            if doubles:
                msg = f"{endpoint}: declared twice"
                raise DeclarationError(msg)
            methods |= dict.fromkeys(endpoint.methods, endpoint)
        plain = {path: MappingProxyType(found) for path, found in by_path.items() if "{" not in path}
        shaped = [(_pattern(found), MappingProxyType(found)) for path, found in by_path.items() if "{" in path]
        object.__setattr__(self, "_plain", MappingProxyType(plain))
        object.__setattr__(self, "_shaped", tuple(shaped))

    def at(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        """Return the endpoints at a path by method, and the values of the path's parameters; both empty if none."""
        found = self._plain.get(path)
        if found is not None:
            return found, {}
        for pattern, methods in self._shaped:
            match = pattern.fullmatch(path)
            if match:
                return methods, match.groupdict()
        return {}, {}

    @property
    def paths(self) -> Mapping[str, Iterable[Endpoint]]:
        """The endpoints by path, in the order of their declaration."""
        found: dict[str, list[Endpoint]] = {}
        for endpoint in self.endpoints:
            found.setdefault(endpoint.path, []).append(endpoint)
        return found


def _pattern(methods: Mapping[str, Endpoint]) -> re.Pattern[str]:
    patterns = {endpoint.pattern for endpoint in methods.values()}
    if len(patterns) != 1:
        msg = f"{', '.join(map(str, methods.values()))}: one path, different forms of its parameters"
        raise DeclarationError(msg)
    return patterns.pop()


def _piece(text: str, forms: Mapping[str, object]) -> str:
    return f"(?P<{text}>{str(forms[text])[1:-1]})" if forms else re.escape(text)
