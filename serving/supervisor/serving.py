"""Serving: everything is imported once, in the supervisor, and every worker is a fork of it."""

from __future__ import annotations

import importlib
import os
import socket

from serving.logs import configure
from serving.metrics.exporter import Exporter
from serving.metrics.prometheus import forget, prepare
from serving.settings import Settings
from serving.supervisor.listening import tell_systemd
from serving.supervisor.supervisor import Plan, Supervisor
from serving.supervisor.worker import work


def serve(settings: Settings, listener: socket.socket, figures: socket.socket | None = None) -> bool:
    """Serve on the socket until told to stop, and figures on another one; False when no worker ever came up."""
    configure(settings.log_level)
    # A process that forks must have no threads; BLAS would start some when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if figures is not None:
        prepare(settings.metrics_folder)
    importlib.import_module("serving.service").prepare(settings)
    # Whoever falls before it answers may have fallen over a bundle: the next one takes no word for it.
    forget_proofs = importlib.import_module("serving.model_life.renewal").PROVEN.forget
    plan = Plan(workers=settings.workers, drain_seconds=settings.drain_seconds, draining=settings.draining_file)

    def role(beat: int) -> int:
        if figures is not None:
            Exporter(figures).start()
        return work(listener, beat=beat)

    return Supervisor(role, plan, told=tell_systemd, buried=forget, fell=forget_proofs).run()
