"""A copy of what a verb shows, for those that write nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from training.commands.session import Session
from training.console import Console, Form
from training.errors import CommandError
from training.provenance import write_whole

FORMS = {".json": Form.JSON, ".csv": Form.CSV, ".md": Form.MD}
"""Form of a copy by the ending of its name; others are plain columns."""


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Write everything that is shown within to the file of `--out` as well; without one, do nothing.

    Raises
    ------
    CommandError
        EXISTS: the file is there and may not be overwritten, or it is a folder;
        NOT_FOUND: its folder is not there. Said before anything is done.
    """
    out, console = session.out, session.console
    if out is None:
        yield
        return
    if out.is_dir() or (out.exists() and not session.force):
        raise CommandError("EXISTS", f"{out} 已存在", f"{out} exists")
    if not out.parent.is_dir():
        raise CommandError("NOT_FOUND", f"没有文件夹 {out.parent}", f"there is no folder {out.parent}")
    yield
    text = io.StringIO()
    copy = Console(lang=console.lang, form=FORMS.get(out.suffix.lower(), Form.AUTO), out=text)
    for result in console.shown:
        copy.show(result)
    write_whole(out, text.getvalue())
