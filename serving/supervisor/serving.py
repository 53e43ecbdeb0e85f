"""Serving: everything is imported once, in the supervisor, and every worker is a fork of it."""

from __future__ import annotations

import importlib
import os
import socket

from serving.logs import configure
from serving.settings import Settings
from serving.supervisor.listening import tell_systemd
from serving.supervisor.supervisor import Plan, Supervisor
from serving.supervisor.worker import work


def serve(settings: Settings, listener: socket.socket) -> bool:
    """Serve on the socket until told to stop; False when no worker ever came up."""
    configure(settings.log_level)
    # A process that forks must have no threads; BLAS would start some when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    importlib.import_module("serving.service")
    plan = Plan(workers=settings.workers, drain_seconds=settings.drain_seconds, draining=settings.draining_file)
    return Supervisor(lambda beat: work(listener, beat=beat), plan, told=tell_systemd).run()
