"""HTTP on the wire: a head comes in time and within bounds, and what is no HTTP gets our form of answer too."""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.door.guard import new_request_id
from serving.door.outgoing import CLOSED_HEADERS
from serving.door.problems import MEDIA_TYPE, ProblemError, problem_body
from serving.logs import logger
from serving.traffic.limits import LineBudget

HEAD_SECONDS: Final = 10.0
MOST_HEAD_BYTES: Final = 65_536
_budget: Final = LineBudget(5)


class CarefulProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which waits for no head for ever and keeps none of any length."""

    _head_bytes = 0
    _in_head = True
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head grows beyond bounds."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse("HEADERS_TOO_LARGE")

    def on_message_begin(self) -> None:
        """Note that a head begins; from here on it must be complete in time."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header without the spaces around its value, which do not belong to it (RFC 9110, 5.5)."""
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Note that the head is complete; an address other than a path could be read in two ways.

        Raises
        ------
        ValueError
            The address names a host of its own or holds a fragment; the parser above answers 400.
        """
        if not self.url.startswith(b"/") or b"#" in self.url:
            msg = "请求地址须为以 / 开头的路径 / the address must be a path that begins with /"
            raise ValueError(msg)
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as every other mistake is answered."""
        del msg
        self._refuse("BAD_REQUEST")

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        """End a connection whose head did not come; who has said nothing at all is told nothing."""
        if self._head_bytes and not self.transport.is_closing():
            self._refuse("REQUEST_TIMEOUT")
        else:
            self.transport.close()

    def _refuse(self, code: str) -> None:
        error, request_id = ProblemError(code), new_request_id()
        body = problem_body(error, instance="unmatched", request_id=request_id)
        status = error.problem.status
        headers = {
            "content-type": MEDIA_TYPE,
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": request_id,
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{n}: {text}" for n, text in headers.items())]
        lines += [f"{name.decode()}: {text.decode()}" for name, text in CLOSED_HEADERS]
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        self.transport.close()
        withheld = _budget.allow()
        if withheld is not None:
            logger().info("malformed", request_id=request_id, status=status, code=code, withheld=withheld)
