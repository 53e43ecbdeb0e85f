"""Work that several processes share: whoever stops it stops all of it at once, and no process stays behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

Task = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function of a module and what it is given; both are sent to another process."""

STOPPED = 1


class Workers:
    """Processes that do tasks; with one job the tasks are done here.

    Each keeps a pipe on which nothing is ever said: it closes when the parent
    closes it, or is killed, and then the worker leaves in the middle of its
    task. Workers therefore write whole files or none.
    """

    def __init__(self, jobs: int) -> None:
        self._ends = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            # One thread for each worker: threads that share two cores only wait for each other.
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            context = multiprocessing.get_context("spawn")
            reader, writer = context.Pipe(duplex=False)
            self._ends.callback(reader.close)
            self._ends.callback(writer.close)
            self._pool = ProcessPoolExecutor(
                jobs, mp_context=context, initializer=_leave_when_closed, initargs=(reader,)
            )

    def __enter__(self) -> Self:
        """Return these workers; they begin with the first task."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the workers go; where something went wrong, in the middle of what they do."""
        if self._pool is not None and kind is None:
            self._pool.shutdown()
        self._ends.close()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Any]]:
        """Yield the place of each task and what it returned, in the order in which they end.

        Raises
        ------
        Exception
            What the first task that failed raised.
        """
        if self._pool is None:
            yield from ((i, work(*given)) for i, (work, given) in enumerate(tasks))
            return
        with _held_back(signal.SIGINT):
            waiting: dict[Future[Any], int] = {
                self._pool.submit(work, *given): i for i, (work, given) in enumerate(tasks)
            }
        yield from ((waiting[done], done.result()) for done in as_completed(waiting))


@contextmanager
def _held_back(one: signal.Signals) -> Iterator[None]:
    """Hold a signal back; processes begun meanwhile never get it, so that Ctrl-C is the parent's affair alone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {one})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_when_closed(pipe: Connection) -> None:
    def wait() -> None:
        pipe.poll(None)
        os._exit(STOPPED)

    threading.Thread(target=wait, daemon=True).start()
