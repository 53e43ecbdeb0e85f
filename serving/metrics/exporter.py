"""The port for the monitoring system: one address, read only, apart from the service's own port."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from serving.metrics.prometheus import exposed

_SECONDS: Final = 5.0


class _Handler(BaseHTTPRequestHandler):
    """Answers GET /metrics and nothing else, in five seconds or not at all."""

    timeout = _SECONDS
    server_version, sys_version = "Fenliu", ""

    def do_GET(self) -> None:
        """Answer with the figures of all workers."""
        if self.path != "/metrics":
            self.send_error(404)
            return
        body, kind = exposed()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the library's own signature
        """Say nothing: a probe a few times a minute is no event, and its path is the caller's own word."""


class Exporter(ThreadingHTTPServer):
    """Serves on a socket that all workers share: whoever is free answers for all."""

    daemon_threads = True

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def start(self) -> None:
        """Serve in a thread of its own for as long as the process lives."""
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def handle_error(self, *_: Any) -> None:  # noqa: ANN401 - the library's own signature
        """Pass over a probe that hung up or came too late."""
