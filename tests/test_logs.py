"""The log: what happened and where, never what was sent."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from serving.logs import configure, logger, where

SECRET = "33010619900307881X"


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Collect what is logged."""
    file = io.BytesIO()
    configure("info", file=file)
    yield file
    configure("info")


def lines(log: io.BytesIO) -> list[dict[str, Any]]:
    """Return the lines as documents."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def fail() -> None:
    """Raise with a person's data in the text."""
    message = f"bad value {SECRET}"
    raise ValueError(message)


def test_a_line_is_one_json_object_with_time_and_level(log: io.BytesIO) -> None:
    """Machines and people can read it."""
    logger().info("request", status=200)
    (line,) = lines(log)
    assert (line["event"], line["status"], line["level"]) == ("request", 200, "info")
    assert "timestamp" in line


def test_an_exception_is_its_kind_and_place() -> None:
    """The text of an exception may hold anything; the place is enough to find the fault."""
    with pytest.raises(ValueError, match="bad value") as caught:
        fail()
    found = where(caught.value)
    assert found["error"] == "ValueError"
    assert str(found["at"]).count("test_logs.py") == 2
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    "name", ["bentoml.serve", "bentoml._internal.server.http_app", "uvicorn.error", "asyncio", "x"]
)
def test_lines_of_other_libraries_lose_their_values(log: io.BytesIO, name: str) -> None:
    """BentoML logs pydantic's errors with the input in them; only the template and the place remain."""
    try:
        fail()
    except ValueError:
        logging.getLogger(name).exception("Exception on %s", SECRET)
    logging.getLogger(name).error(f"value {SECRET}")  # noqa: G004 - as other libraries do
    assert [line["event"] for line in lines(log)] == ["Exception on %s", "message withheld"]
    assert lines(log)[0]["error"] == "ValueError"
    assert SECRET.encode() not in log.getvalue()


def test_the_access_log_of_the_server_is_off(log: io.BytesIO) -> None:
    """It would write paths as they were typed."""
    logging.getLogger("uvicorn.access").error('%s - "%s %s"', "127.0.0.1", "GET", f"/{SECRET}")
    assert log.getvalue() == b""


def test_lines_below_the_level_are_not_written(log: io.BytesIO) -> None:
    """The operator chooses how much is said."""
    logger().debug("detail")
    logging.getLogger("bentoml").info("Service %s initialized", "x")
    assert log.getvalue() == b""


@pytest.mark.parametrize("gone", ["closed", "replaced"])
def test_a_log_that_nobody_takes_any_more_stops_nobody(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """The line is lost, the work goes on; later lines go to the stderr of that moment."""
    first, second = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stderr", first)
    configure("info")
    logger().info("one")
    if gone == "closed":
        first.close()
        logger().info("two")
    monkeypatch.setattr("sys.stderr", second)
    logger().info("three")
    second.buffer.seek(0)
    assert [json.loads(line)["event"] for line in second.buffer.readlines()] == ["three"]


def test_a_log_whose_reader_sleeps_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that is full takes no line; as soon as somebody reads, later lines are there again."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as reader, os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr("sys.stderr", pipe)
        configure("info")
        work = threading.Thread(target=lambda: [logger().info("nobody_reads") for _ in range(2000)], daemon=True)
        work.start()
        work.join(timeout=10)
        assert not work.is_alive()
        reader.read(1_000_000)
        logger().info("somebody_reads")
        assert b"somebody_reads" in reader.read(1_000_000)
