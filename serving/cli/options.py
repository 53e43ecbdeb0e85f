"""What every command shares: its options, its exit codes, and how it says that something went wrong."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final, NoReturn

import typer

from serving.settings import Settings, SettingsError

USAGE: Final = 2
UNREACHABLE: Final = 6
BUG: Final = 70
INTERRUPTED: Final = 130

Home = Annotated[Path | None, typer.Option("--home", help="运行目录，默认 FENLIU_HOME 或 .fenliu / runtime home")]
Port = Annotated[int | None, typer.Option("--port", help="端口，默认 FENLIU_PORT 或 3000 / port")]


def settings_of(**given: object) -> Settings:
    """Read the environment with the options over it, and leave the result to the worker processes."""
    chosen = {f"FENLIU_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    os.environ.update(chosen)
    return Settings.read(os.environ)


def part(name: str) -> ModuleType:
    """Import a part of a command when it is used: --help must not wait for the database and the models."""
    return importlib.import_module(f"serving.{name}")


def fail(code: str, text: str, status: int) -> NoReturn:
    """End the command with one line on stderr."""
    typer.echo(f"错误 [{code}] {text}", err=True)
    sys.exit(status)


@contextmanager
def refusing() -> Iterator[None]:
    """End a command that is refused with its code and sentence; a bug ends it with its traceback."""
    try:
        yield
    except SettingsError:
        raise
    except Exception as error:
        refusal = part("refusals").refusal_of(error)
        if refusal is None:
            raise
        fail(refusal.code, str(error), refusal.status)


def run(work: Callable[[], None]) -> None:
    """Do the work of a command, or end it as refused."""
    with refusing():
        work()


@contextmanager
def at_bureau(home: Path | None) -> Iterator[tuple[Any, ModuleType]]:
    """Open the store for a command on keys or accounts; what cannot be ends in a sentence and an exit code."""
    settings = settings_of(home=home)
    part("logs").configure("error")
    work = part("identity.at_command")
    with refusing(), work.bureau(settings) as bureau:
        yield bureau, work
