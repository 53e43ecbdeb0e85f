"""The addresses of the service: what is not in this table does not exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

READ: Final = ("GET", "HEAD")
WRITE: Final = ("POST",)
SCORE_ID: Final = r"[A-Z]{3}-\d{8}-\d{6,9}"


@dataclass(frozen=True)
class Endpoint:
    """One address, its methods, and the form of the parameter in braces, if it has one."""

    path: str
    methods: tuple[str, ...] = READ
    parameter: str = ""

    @property
    def takes_body(self) -> bool:
        """Whether a call carries a JSON document."""
        return self.methods == WRITE

    @property
    def pattern(self) -> re.Pattern[str]:
        """The form of the whole path."""
        head, _, tail = self.path.partition("{")
        return re.compile(re.escape(head) + f"(?:{self.parameter})" + re.escape(tail.partition("}")[2]))


ENDPOINTS: Final = (
    Endpoint("/"),
    Endpoint("/livez"),
    Endpoint("/readyz"),
    Endpoint("/healthz"),
    Endpoint("/score", WRITE),
    Endpoint("/v1/scores", WRITE),
    Endpoint("/v1/scores:preview", WRITE),
    Endpoint("/v1/scores/{id}", parameter=SCORE_ID),
    Endpoint("/v1/models/current"),
    Endpoint("/v1/rulesets/current"),
    Endpoint("/v1/reason-codes"),
    Endpoint("/v1/schema/{stage}", parameter="[AB]"),
    Endpoint("/v1/problems/{code}", parameter=r"[A-Za-z][A-Za-z_-]{1,39}"),
    Endpoint("/v1/openapi.json"),
)

_PLAIN: Mapping[str, Endpoint] = MappingProxyType({e.path: e for e in ENDPOINTS if not e.parameter})
_SHAPED = tuple((e.pattern, e) for e in ENDPOINTS if e.parameter)


def endpoint_of(path: str) -> Endpoint | None:
    """Return the endpoint at this path, if there is one."""
    found = _PLAIN.get(path)
    if found is not None:
        return found
    return next((endpoint for pattern, endpoint in _SHAPED if pattern.fullmatch(path)), None)
