"""The command line of the online service: every command has its line here and its body elsewhere."""

from __future__ import annotations

import sys
from typing import Final

import typer

from serving.cli import audit
from serving.cli.applicant import applicant
from serving.cli.check import check
from serving.cli.database import backup, migrate, restore
from serving.cli.demo import demo
from serving.cli.history import export, outcomes
from serving.cli.keys import keys
from serving.cli.models import models, replay, resume, stop
from serving.cli.options import INTERRUPTED, USAGE, fail
from serving.cli.rights import hold, person, retention
from serving.cli.serve import serve
from serving.cli.users import users
from serving.settings import SettingsError

app = typer.Typer(
    name="fenliu-serve",
    help="分流在线服务 / the online service of Fenliu.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_COMMANDS: Final = (serve, applicant, check, demo, migrate, backup, restore, stop, resume, replay, export, outcomes)
for _command in _COMMANDS:
    app.command()(_command)
app.add_typer(audit.app, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(hold, name="hold")
app.add_typer(person, name="person")
app.add_typer(retention, name="retention")
app.add_typer(users, name="users")


def main() -> None:
    """Run the command; every failure ends in a sentence and an exit code, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except SettingsError as error:
        fail("SETTINGS", str(error), USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
