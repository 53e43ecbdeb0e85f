"""One worker: the service under uvicorn, on a socket that the supervisor holds, saying once a second that it lives."""

from __future__ import annotations

import os
import random
import signal
import socket
from typing import Final

import uvicorn

from serving.supervisor.policy import LEAVE_SECONDS
from serving.supervisor.protocol import CarefulProtocol

TICKS_A_BEAT: Final = 10
"""uvicorn ticks ten times a second."""


class BeatingServer(uvicorn.Server):
    """A server that says through a pipe that its event loop turns, and ends when nobody listens any more."""

    def __init__(self, config: uvicorn.Config, *, beat: int) -> None:
        super().__init__(config)
        self._beat = beat

    async def on_tick(self, counter: int) -> bool:
        """Say once a second that the worker lives; without a supervisor it ends."""
        if counter % TICKS_A_BEAT == 0:
            try:
                os.write(self._beat, b".")
            except BlockingIOError:
                pass  # the supervisor is busy; what is in the pipe is sign enough
            except OSError:
                self.should_exit = True
        return await super().on_tick(counter)


def work(listener: socket.socket, *, beat: int) -> int:
    """Serve until told to stop; return the exit code: 0, or 3 when the service could not start."""
    for number in (signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGHUP else signal.SIG_DFL)
    random.seed()
    os.set_blocking(beat, False)
    config = uvicorn.Config(
        "serving.service:application",
        factory=True,
        loop="uvloop",
        http=CarefulProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_graceful_shutdown=int(LEAVE_SECONDS) - 5,
    )
    server = BeatingServer(config, beat=beat)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else uvicorn.config.STARTUP_FAILURE
