"""Problems: every way a call can fail, with its code, status and wording in Chinese and English (RFC 9457)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from serving.door.strict_json import written

MEDIA_TYPE = "application/problem+json"
MOST_BYTES = 16_384
"""Size of the largest problem answer: errors beyond it are counted, so that a bad body is never amplified."""


@dataclass(frozen=True)
class Problem:
    """One kind of failure and the way out of it."""

    code: str
    status: int
    zh: str
    en: str
    way_out: str
    way_out_en: str

    @property
    def slug(self) -> str:
        """The code as it stands in the problem's address."""
        return self.code.lower().replace("_", "-")

    @property
    def type(self) -> str:
        """The address that explains the problem."""
        return f"/v1/problems/{self.slug}"

    def to_json(self) -> dict[str, object]:
        """Return the explanation served at the problem's address."""
        return {
            "type": self.type,
            "code": self.code,
            "status": self.status,
            "title": self.zh,
            "title_en": self.en,
            "way_out": self.way_out,
            "way_out_en": self.way_out_en,
        }


def _read() -> tuple[Problem, ...]:
    text = files("serving.door").joinpath("problems.toml").read_text(encoding="utf-8")
    return tuple(Problem(**row) for row in tomllib.loads(text)["problem"])


_TABLE = _read()
PROBLEMS: Mapping[str, Problem] = MappingProxyType({problem.code: problem for problem in _TABLE})
BY_SLUG: Mapping[str, Problem] = MappingProxyType({problem.slug: problem for problem in _TABLE})
_GENERAL: Mapping[int, str] = MappingProxyType(
    {
        400: "BAD_REQUEST",
        401: "UNAUTHENTICATED",
        403: "PERMISSION_DENIED",
        404: "NOT_FOUND",
        422: "VALIDATION_FAILED",
        429: "RATE_LIMITED",
        503: "NOT_READY",
    }
)
"""What a bare status means where several problems share it."""
_BY_STATUS = MappingProxyType({problem.status: problem.code for problem in reversed(_TABLE)})


class ProblemError(Exception):
    """A call ends with this problem; raised anywhere below the HTTP edge."""

    def __init__(
        self,
        code: str,
        *,
        errors: Sequence[Mapping[str, object]] = (),
        detail: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.problem = PROBLEMS[code]
        self.errors = tuple(errors)
        self.detail = detail
        self.headers = dict(headers or {})


def code_of_status(status: int) -> str:
    """Return the code for a failure that only told its status (BentoML's own)."""
    return _GENERAL.get(status) or _BY_STATUS.get(status) or ("BAD_REQUEST" if status < 500 else "INTERNAL")


def problem_body(error: ProblemError, *, instance: str, request_id: str, language: str = "zh-CN") -> bytes:
    """Return the body of a problem answer; `instance` is the route, never what the caller typed.

    Both languages are always in it. `title`, `detail` and `message` speak the
    caller's; when that is English, the Chinese stands beside under `_zh`.
    """
    body = _facts(error, instance=instance, request_id=request_id)
    shown = list(error.errors)
    if language == "en":
        body = _turned(body, ("title", "detail"))
        shown = [_turned(one, ("message",)) for one in shown]
    text = written(body | ({"errors": shown} if shown else {}))
    while len(text) > MOST_BYTES:
        shown = shown[: len(shown) // 2]
        text = written(body | {"errors": shown, "errors_total": len(error.errors)})
    return text


def _facts(error: ProblemError, *, instance: str, request_id: str) -> dict[str, object]:
    problem = error.problem
    zh, en = error.detail or _default_detail(error)
    return {
        "type": problem.type,
        "title": problem.zh,
        "title_en": problem.en,
        "status": problem.status,
        "code": problem.code,
        "detail": zh,
        "detail_en": en,
        "instance": instance,
        "request_id": request_id,
    }


def _turned(body: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
    """Return the body with English in the first place for these names and Chinese beside it."""
    chinese = {f"{name}_zh": body[name] for name in names if name in body}
    english = {name: body[f"{name}_en"] for name in names if f"{name}_en" in body}
    return {**body, **english, **chinese}


def _default_detail(error: ProblemError) -> tuple[str, str]:
    if error.errors:
        count = len(error.errors)
        return f"{count} 处不符合要求。", f"{count} {'field' if count == 1 else 'fields'} failed validation."
    return error.problem.way_out, error.problem.way_out_en
