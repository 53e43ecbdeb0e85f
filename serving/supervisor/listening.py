"""The socket on which the service listens: one of our own, or one that systemd holds across restarts."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

_FIRST_PASSED: Final = 3
"""Number of the first file that systemd passes on (sd_listen_fds(3))."""
BACKLOG: Final = 2048


def passed_on(environ: Mapping[str, str], *, pid: int) -> socket.socket | None:
    """Return the listening socket that systemd passed on to this process, None where there is none."""
    if environ.get("LISTEN_PID") != str(pid) or environ.get("LISTEN_FDS") != "1":
        return None
    listener = socket.socket(fileno=_FIRST_PASSED)
    listener.settimeout(0)
    return listener


def own(host: str, port: int) -> socket.socket:
    """Return a listening socket of our own; raise OSError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), port), family=family, backlog=BACKLOG)


def tell_systemd(word: str, environ: Mapping[str, str] = os.environ) -> None:
    """Say something to systemd (sd_notify(3)); nobody listens where it did not start us."""
    place = environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    address = "\0" + place[1:] if place.startswith("@") else place
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        try:
            out.sendto(word.encode(), address)
        except OSError:
            return
