"""A small log-in service for tests: a real OpenID provider on this machine, which can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "fenliu", "client-secret-of-the-test"


@dataclass
class Provider:
    """What the service knows and does; `lies` replace claims of the next id token."""

    person: str = "7c1e0f0a"
    lies: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signed_with: Any = None
    forger: bool = False
    issuer: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))

    def change_key(self) -> None:
        """Sign with another key from now on, and publish it instead."""
        self.key = RSAKey.generate_key(2048, {"kid": "two"})

    def id_token(self, asked: dict[str, str]) -> str:
        """Return the id token for what was asked."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.person, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.lies,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        told = {name: value for name, value in claims.items() if value is not None}
        if self.forger:
            return forged({**header, "alg": "HS256"}, told, self.key.as_pem(private=False))
        return jwt.encode(header, told, self.signed_with or self.key, algorithms=["RS256", "none"])

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], who: str) -> tuple[int, Any]:
        """Return status and body for a call."""
        self.calls.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            }  # fmt: skip
        if path == "/jwks":
            return 200, KeySet([self.key]).as_dict(private=False)
        if path == "/authorize":
            code = f"code-{len(self.asked)}"
            self.asked[code] = query
            return (
                303,
                f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}",
            )
        return self.token(form, who)

    def token(self, form: dict[str, str], who: str) -> tuple[int, Any]:
        """Return an id token for a code, once, to the right client with the right verifier."""
        asked = self.asked.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or who != f"Basic {right}":
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked)}


@contextmanager
def provider() -> Iterator[Provider]:
    """Yield a log-in service that listens on this machine."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        """Speaks HTTP for the provider."""

        def do_GET(self) -> None:
            """Answer GET."""
            self.reply({})

        def do_POST(self) -> None:
            """Answer POST."""
            length = int(self.headers["content-length"])
            self.reply(_flat(self.rfile.read(length).decode()))

        def reply(self, form: dict[str, str]) -> None:
            """Send what the provider says."""
            place = urlsplit(self.path)
            status, body = found.answer(place.path, _flat(place.query), form, self.headers.get("authorization", ""))
            sent = b"" if status == 303 else json.dumps(body).encode()
            self.send_response(status)
            if status == 303:
                self.send_header("Location", body)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """Return a token whose shared secret is the public key: what a forger would try."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    code = hmac.digest(secret, b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(code).rstrip(b"=")]).decode()


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
