"""Structured log lines that say what happened and where, and never repeat what was sent."""

from __future__ import annotations

import io
import logging
import select
import sys
import traceback
from contextlib import suppress
from typing import BinaryIO, Final, TextIO, cast

import orjson
import structlog

from serving.traffic.limits import LineBudget

FOREIGN: Final = ("bentoml", "uvicorn", "uvicorn.error", "uvicorn.asgi", "circus", "asyncio", "opentelemetry")
"""Loggers of the server's libraries: their lines go through our handler, as templates only."""

_FOREIGN_A_SECOND: Final = 20
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def logger() -> structlog.typing.FilteringBoundLogger:
    """Return the project's logger."""
    found: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return found


def where(error: BaseException) -> dict[str, object]:
    """Return the kind of an exception and the line that raised it; its text may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-4:]]
    return {"error": type(error).__name__, "at": places}


class StandardError:
    """The stderr of this moment: a log that nobody takes any more, or a full disk behind it, ends no request.

    Nor does one whose reader has fallen asleep: a line for which there is no
    room is dropped, because waiting for it would hold up everybody.
    """

    def write(self, line: bytes) -> None:
        """Write a line, or drop it."""
        with suppress(OSError, ValueError):
            if _has_room(sys.stderr):
                sys.stderr.buffer.write(line)

    def flush(self) -> None:
        """Hand on what was written, or drop it."""
        with suppress(OSError, ValueError):
            sys.stderr.buffer.flush()


def _has_room(stream: TextIO) -> bool:
    """Whether a pipe takes a line now; files always do, and so does what is no file at all."""
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return any(event & select.POLLOUT for _, event in poll.poll(0))


def configure(level: str, *, file: BinaryIO | None = None) -> None:
    """Send everything through one JSON writer, on stderr unless told otherwise; safe to call again."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.JSONRenderer(serializer=_written),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(file=cast("BinaryIO", file or StandardError())),
        cache_logger_on_first_use=True,
    )
    _take_over(level)


class TemplateHandler(logging.Handler):
    """Passes on other libraries' lines: the template without its values, the exception without its text."""

    def __init__(self) -> None:
        super().__init__()
        self._budget = LineBudget(_FOREIGN_A_SECOND)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        withheld = self._budget.allow()
        if withheld is None:
            return
        facts: dict[str, object] = {"logger": record.name, "line": f"{_short(record.pathname)}:{record.lineno}"}
        if withheld:
            facts["withheld"] = withheld
        if record.exc_info and record.exc_info[1] is not None:
            facts |= where(record.exc_info[1])
        template = record.msg if record.args and isinstance(record.msg, str) else "message withheld"
        logger().log(max(record.levelno, logging.DEBUG), template, **facts)


def _take_over(level: str) -> None:
    handler = TemplateHandler()
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(_LEVELS[level], logging.WARNING))
    for name in FOREIGN:
        foreign = logging.getLogger(name)
        foreign.handlers = []
        foreign.propagate = True
        foreign.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True


def _written(facts: object, **_: object) -> bytes:
    return orjson.dumps(facts, default=str)


def _short(path: str) -> str:
    return "/".join(path.split("/")[-2:])
