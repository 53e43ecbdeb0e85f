"""A copy of what a verb shows, for those that write nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from training.commands.session import Session, free_file
from training.console import Console, Form
from training.errors import CommandError
from training.provenance import write_whole

FORMS = {".json": Form.JSON, ".csv": Form.CSV, ".md": Form.MD}
"""Form of a copy by the ending of its name; others are plain columns."""


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Write everything that is shown within to the file of `--out` as well; nothing without one, or where nothing is.

    Raises
    ------
    CommandError
        EXISTS: the file is there and may not be overwritten, or it is a folder;
        NOT_FOUND: its folder is not there. Both are said before anything is done.
        CANNOT_WRITE: the work is done, and the copy could not be written.
    """
    out, console = session.out, session.console
    if out is None:
        yield
        return
    free_file(out, force=session.force)
    if not out.parent.is_dir():
        raise CommandError("NOT_FOUND", f"没有文件夹 {out.parent}", f"there is no folder {out.parent}")
    yield
    if not console.shown:
        return
    text = io.StringIO()
    copy = Console(lang=console.lang, form=FORMS.get(out.suffix.lower(), Form.AUTO), out=text)
    for result in console.shown:
        copy.show(result)
    try:
        write_whole(out, text.getvalue())
    except OSError as error:
        zh = f"事情已经做完，只是结果没能另存（{error.strerror}）"
        raise CommandError("CANNOT_WRITE", zh, f"the work is done, but no copy was kept ({error.strerror})") from error
