"""A task for workers that never ends by itself and says which process does it, and a program that shares such tasks."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from training.parallel import Workers


def named_and_endless(folder: Path) -> None:
    """Leave a file with the name of this process, and wait."""
    (folder / str(os.getpid())).touch()
    time.sleep(3600)


def main(folder: Path) -> None:
    """Share three tasks among two workers.

    Whoever runs the tests in the background has Ctrl-C ignored for all that it begins; this program listens again.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Workers(2) as workers:
        list(workers.each([(named_and_endless, (folder,))] * 3))
