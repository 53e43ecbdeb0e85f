"""A client for intake systems: typed, without other packages, and safe to retry because every write has its own key.

A call that got no answer may have been done (a time-out is no refusal). So
each write is sent with one idempotency key, and repeated with the same key
until an answer comes: the service then gives the answer that is on record.
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import ssl
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

Answer = Mapping[str, Any]

RETRIED: Final = frozenset({429, 502, 503, 504})
"""Answers after which the same call is sent again: too much at once, or no answer from behind a proxy."""

_MOST_WAIT: Final = 30.0
_NDJSON: Final = "application/x-ndjson"


class UnreachableError(RuntimeError):
    """The service does not answer; whether the last call was done can be asked by repeating it with its key."""


class RefusedError(RuntimeError):
    """The service refused a call: its status, code, and what is wrong where; act on the code, never on the text."""

    def __init__(self, status: int, problem: Answer) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.errors: Sequence[Answer] = problem.get("errors", ())
        self.request_id = str(problem.get("request_id", ""))
        places = "、".join(str(error.get("pointer")) for error in self.errors)
        super().__init__(
            f"{status} {self.code} {problem.get('detail', '')} {places} / {problem.get('detail_en', '')}"
            f"（{self.request_id}）"
        )


@dataclass(frozen=True)
class Received:
    """An answer as it came: status, headers and body."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Answer:
        """Return the body as JSON; empty for none."""
        found: Answer = json.loads(self.body) if self.body.strip() else {}
        return found


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long one answer is waited for, how often a call is sent, and what the waiting is done with."""

    timeout: float = 30.0
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def pause(self, turn: int, retry_after: str | None) -> None:
        """Wait before the next try: as long as the service asks, else twice as long each time, never in step."""
        asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        self.sleep(min(_MOST_WAIT, max(asked, 0.25 * 2.0**turn) * (1.0 + self.jitter())))


@dataclass(frozen=True)
class Client:
    """Speaks to one service under one API key, never through a proxy of the environment.

    `trust` is the context for TLS; the machine's own authorities without it.
    """

    url: str
    key: str = field(default="", repr=False)
    patience: Patience = field(default_factory=Patience)
    trust: ssl.SSLContext | None = None

    def score(self, request: Answer, *, idempotency_key: str = "") -> Answer:
        """Score one case and store the advice; the same key again brings the same advice.

        Raises
        ------
        RefusedError
            The request was refused.
        UnreachableError
            No answer came; call again with the same key.
        """
        return self.write("/v1/scores", request, idempotency_key=idempotency_key)

    def preview(self, request: Answer) -> Answer:
        """Score one case without storing anything."""
        return self.write("/v1/scores:preview", request)

    def score_batch(self, requests: Sequence[Answer], *, idempotency_key: str = "") -> Sequence[Answer]:
        """Score up to 200 cases: all are stored, or none."""
        answer = self.write("/v1/scores:batch", {"items": list(requests)}, idempotency_key=idempotency_key)
        items: Sequence[Answer] = answer["items"]
        return items

    def read(self, advice_id: str) -> Answer:
        """Return stored advice."""
        return self.fetch(f"/v1/scores/{quote(advice_id)}").json()

    def advice_on(self, application_id: str) -> Iterator[Answer]:
        """Yield what was advised on an application, newest first."""
        yield from self._pages("/v1/scores", {"application_id": application_id})

    def decide(self, advice_id: str, lane: str, *, tag: str, idempotency_key: str = "", **more: str | bool) -> Answer:
        """Put a decision on record; `tag` is the ETag of the advice as it was seen."""
        asked = {"advice_id": advice_id, "lane": lane, **more}
        return self.write("/v1/decisions", asked, idempotency_key=idempotency_key, headers={"If-Match": tag})

    def report(self, events: Sequence[Answer], *, idempotency_key: str = "") -> Answer:
        """Report what became of cases, up to 200 events at a time."""
        return self.write("/v1/outcomes", {"events": list(events)}, idempotency_key=idempotency_key)

    def submit(self, requests: Iterable[Answer], *, idempotency_key: str = "") -> Answer:
        """Send up to 20,000 cases to be scored in the background, compressed, and return the job."""
        lines = "".join(json.dumps(request, ensure_ascii=False) + "\n" for request in requests)
        headers = {"Content-Type": _NDJSON, "Content-Encoding": "gzip", "Idempotency-Key": _key(idempotency_key)}
        return self._sent("POST", "/v1/score-jobs", gzip.compress(lines.encode()), headers).json()

    def wait(self, job_id: str, *, every: float = 3.0) -> Answer:
        """Return a job once it is over."""
        while True:
            job = self.fetch(f"/v1/score-jobs/{quote(job_id)}").json()
            if job["state"] not in {"queued", "running"}:
                return job
            self.patience.sleep(every)

    def results(self, job_id: str) -> Iterator[Answer]:
        """Yield the lines of a job that are over, in their order."""
        body = self.fetch(f"/v1/score-jobs/{quote(job_id)}/results", headers={"Accept": _NDJSON}).body
        yield from (json.loads(line) for line in body.splitlines())

    def fetch(self, path: str, *, headers: Mapping[str, str] | None = None) -> Received:
        """Return what is at a path."""
        return self._sent("GET", path, None, dict(headers or {}))

    def write(
        self, path: str, document: Answer, *, idempotency_key: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a document and return the answer; a key is made where none is given."""
        sent = {"Content-Type": "application/json", "Idempotency-Key": _key(idempotency_key), **(headers or {})}
        return self._sent("POST", path, json.dumps(document, ensure_ascii=False).encode(), sent).json()

    def once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Received:
        """Send one call once and return whatever comes.

        Raises
        ------
        UnreachableError
            Nothing came.
        """
        place = urlsplit(self.url)
        connection = self._connection(place.scheme, place.hostname or "", place.port)
        authorized = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            connection.request(method, place.path.rstrip("/") + path, body=body, headers={**headers, **authorized})
            response = connection.getresponse()
            if response.length is None and not response.chunked:
                # The head itself was cut: without its length nobody can say that the body is whole.
                raise http.client.IncompleteRead(b"")
            return Received(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            msg = f"服务不可达：{self.url}（{type(error).__name__}）/ the service at {self.url} does not answer"
            raise UnreachableError(msg) from error
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        timeout = self.patience.timeout
        if scheme == "https":
            context = self.trust or ssl.create_default_context()
            return http.client.HTTPSConnection(host, port or 443, timeout=timeout, context=context)
        return http.client.HTTPConnection(host, port or 80, timeout=timeout)

    def _sent(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Received:
        """Send a call until an answer comes that is one; every repetition is the very same call."""
        for turn in range(self.patience.tries):
            last = turn == self.patience.tries - 1
            try:
                received = self.once(method, path, body, headers)
            except UnreachableError:
                if last:
                    raise
                self.patience.pause(turn, None)
                continue
            if received.status not in RETRIED or last:
                return _accepted(received)
            self.patience.pause(turn, received.headers.get("Retry-After"))
        msg = f"tries 须至少为 1，收到 {self.patience.tries} / tries must be at least 1"
        raise ValueError(msg)

    def _pages(self, path: str, asked: Mapping[str, str]) -> Iterator[Answer]:
        token: str | None = ""
        while token is not None:
            named = {**asked, **({"page_token": token} if token else {})}
            page = self.fetch(f"{path}?{urlencode(named)}").json()
            yield from page["items"]
            token = page["next_page_token"]


def _accepted(received: Received) -> Received:
    if received.status < http.client.BAD_REQUEST:
        return received
    try:
        problem = received.json()
    except ValueError:
        problem = {}
    raise RefusedError(received.status, problem)


def _key(given: str) -> str:
    return given or str(uuid.uuid4())
