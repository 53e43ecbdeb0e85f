"""How a verb is run: its work is loaded and called, and what goes wrong is told in words and an exit status."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType
from typing import Any, Final, NoReturn

from training.errors import CommandError

INTERRUPTED: Final = 130
NOT_WRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
SHANGHAI: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Called:
    """A verb as it was called: the module and function of its work, the options all verbs share, and its own.

    `copied` says that `--out` is where a copy of what is shown goes; else the work itself writes there.
    """

    work: str
    name: str
    shared: Mapping[str, Any]
    options: Mapping[str, Any]
    copied: bool = False


def run_work(called: Called) -> NoReturn:
    """Do a verb's work and leave with its status; no traceback unless asked for."""
    console, words = _console(called.shared), f"fenliu {called.name.rstrip('_').replace('_', '-')}"
    try:
        sys.exit(_work(called, console))
    except CommandError as error:
        console.refuse(error)
        sys.exit(error.exit)
    except KeyboardInterrupt:
        console.refuse(CommandError("INTERRUPTED", f"{words} 被中断", f"{words} was interrupted"))
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the one edge of the offline side: a person sees words, not a traceback
        if called.shared["debug"]:
            traceback.print_exc()
        refused = _told(error, words)
        console.refuse(refused)
        sys.exit(refused.exit)


def _told(error: Exception, words: str) -> CommandError:
    """Return in words what nobody foresaw: a disk without room, or a fault of ours."""
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        what = os.strerror(error.errno)
        return CommandError("CANNOT_WRITE", f"{words} 无法写入（{what}）", f"{words} could not write ({what})")
    what = type(error).__name__
    return CommandError("INTERNAL", f"{words} 出错：{what}", f"{words} failed: {what}")


def leave(error: CommandError) -> NoReturn:
    """Say why the command line itself was wrong, and leave."""
    load("training.console").Console().refuse(error)
    sys.exit(error.exit)


def load(name: str) -> ModuleType:
    """Import what only a called verb needs."""
    return importlib.import_module(name)


def _work(called: Called, console: Any) -> int:  # noqa: ANN401 - as in `_console`
    shared = called.shared
    session = load("training.commands.session").Session(
        console=console,
        home=load("training.provenance").Home.of_environment(),
        now=datetime.now(UTC).astimezone(SHANGHAI).replace(microsecond=0),
        config=shared["config"],
        overrides=tuple(shared["set_"] or ()),
        seed=shared["seed"],
        data=shared["data"],
        out=shared["out"],
        dry_run=shared["dry_run"],
        force=shared["force"],
    )
    dated = {key: value.date() if isinstance(value, datetime) else value for key, value in called.options.items()}
    with load("training.commands.copies").kept(session) if called.copied else nullcontext():
        return int(getattr(load(called.work), called.name)(session, **dated))


def _console(shared: Mapping[str, Any]) -> Any:  # noqa: ANN401 - rich takes a while to import, so it is not imported here
    console = load("training.console")
    try:
        form, lang = console.Form(shared["form"]), console.Lang(shared["lang"])
    except ValueError as error:
        leave(CommandError("USAGE", f"未知的 --format 或 --lang：{error}", f"unknown --format or --lang: {error}"))
    return console.Console(lang=lang, form=form, quiet=shared["quiet"], progress=not shared["no_progress"])
