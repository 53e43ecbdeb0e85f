"""One process without a supervisor: a small application under the same careful server as the service."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from serving.supervisor.protocol import CarefulProtocol


def serve_alone(app: ASGIApp, listener: socket.socket) -> bool:
    """Serve until told to stop; False when the application never came up."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=CarefulProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return True
    return server.started
