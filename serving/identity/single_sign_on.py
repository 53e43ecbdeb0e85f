"""Logging in through the court's own log-in service (OpenID Connect): off unless the court names one.

The authorization code flow with PKCE, state and nonce (OpenID Connect Core
1.0, RFC 7636, RFC 9207). It opens sessions of accounts that exist and are
linked to the person's number there; it never makes an account.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import ssl
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from serving.ciphers import Seal, SealError
from serving.identity.sign_on import Callback, SignOnError
from serving.settings import Settings

with warnings.catch_warnings():
    # Authlib 1.9 would rather use httpx2, which nothing else here needs.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

SCOPE: Final = "openid"
VALID_FOR: Final = timedelta(minutes=10)
_SECONDS: Final = 10.0
_LEEWAY_SECONDS: Final = 60
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512"]
"""Signatures by a key that only the log-in service has; neither none nor a shared secret."""
_PLACE: Final = "login:single-sign-on"
_KEEP_METADATA: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Service:
    """The court's log-in service, as the settings name it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    claim: str = "sub"
    ca_file: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Service | None:
        """Take the service from the settings; None when the court has named none."""
        if not settings.oidc_issuer:
            return None
        secret = settings.oidc_secret_file
        return cls(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret="" if secret is None else secret.read_text(encoding="utf-8").strip(),
            redirect_uri=f"{settings.oidc_base_url.rstrip('/')}/login/oidc/callback",
            claim=settings.oidc_claim,
            ca_file=settings.oidc_ca_file,
        )


class SingleSignOn:
    """Sends people to the log-in service and reads what they bring back."""

    def __init__(self, service: Service, seal: Seal, *, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._seal = seal
        self._clock = clock
        self._found: tuple[datetime, Mapping[str, Any], KeySet] | None = None

    def begin(self) -> tuple[str, str]:
        """Return the address to go to, and the note to bring back, sealed.

        Raises
        ------
        SignOnError
            The log-in service cannot be reached or is not the one that was named.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client() as client:
            endpoint = self._metadata(client)["authorization_endpoint"]
            address, _ = client.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier, response_mode="query"
            )
        note = {"state": state, "nonce": nonce, "verifier": verifier, "at": self._clock().isoformat()}
        sealed = self._seal.close(json.dumps(note).encode("ascii"), _PLACE)
        return str(address), base64.urlsafe_b64encode(sealed).decode("ascii")

    def number(self, callback: Callback) -> str:
        """Return the number by which the log-in service knows the person.

        Raises
        ------
        SignOnError
            Anything does not fit.
        """
        note = self._note(callback)
        with self._client() as client:
            metadata = self._metadata(client)
            try:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=callback.code, code_verifier=note["verifier"]
                )
            except (AuthlibBaseError, httpx.HTTPError, ValueError):
                raise SignOnError("token_refused") from None  # the text of the error may hold the answer
            claims = self._claims(client, str(token.get("id_token", "")), nonce=note["nonce"])
        number = claims.get(self._service.claim)
        if not isinstance(number, str) or not number:
            raise SignOnError("claim_missing")
        return number

    def _note(self, callback: Callback) -> dict[str, str]:
        """Return our own note, if it is fresh and fits to what came back."""
        if callback.error:
            raise SignOnError("refused_there")
        try:
            sealed = base64.urlsafe_b64decode((callback.note or "").encode("ascii"))
            note: dict[str, str] = json.loads(self._seal.open(sealed, _PLACE))
        except (SealError, binascii.Error, UnicodeEncodeError):
            raise SignOnError("no_note") from None
        if self._clock() - datetime.fromisoformat(note["at"]) > VALID_FOR:
            raise SignOnError("too_late")
        if not callback.code or not hmac.compare_digest(note["state"], callback.state):
            raise SignOnError("state")
        if callback.issuer and callback.issuer != self._service.issuer:
            raise SignOnError("issuer")
        return note

    def _claims(self, client: OAuth2Client, token: str, *, nonce: str) -> Mapping[str, Any]:
        """Return the claims of an id token that was made by the service, for us, for this log-in, just now."""
        try:
            claims = self._decoded(client, token)
            rules = jwt.JWTClaimsRegistry(
                now=int(self._clock().timestamp()),
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self._service.issuer},
                aud={"essential": True, "value": self._service.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise SignOnError(f"id_token_{type(error).__name__}") from None
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._service.client_id:
            raise SignOnError("azp")
        return claims

    def _decoded(self, client: OAuth2Client, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, self._keys(client), algorithms=_ALGORITHMS).claims
        except InvalidKeyIdError:
            self._found = None  # the service may have changed its keys since they were fetched
            return jwt.decode(token, self._keys(client), algorithms=_ALGORITHMS).claims

    def _metadata(self, client: OAuth2Client) -> Mapping[str, Any]:
        return self._asked(client)[0]

    def _keys(self, client: OAuth2Client) -> KeySet:
        return self._asked(client)[1]

    def _asked(self, client: OAuth2Client) -> tuple[Mapping[str, Any], KeySet]:
        """Return what the service says of itself and its keys, asked at most once an hour."""
        now = self._clock()
        if self._found is None or now - self._found[0] > _KEEP_METADATA:
            try:
                metadata = dict(
                    self._json(client, f"{self._service.issuer.rstrip('/')}/.well-known/openid-configuration")
                )
                if metadata["issuer"] != self._service.issuer:
                    raise SignOnError("issuer")
                self._found = (now, metadata, KeySet.import_key_set(self._json(client, metadata["jwks_uri"])))
            except (httpx.HTTPError, JoseError, KeyError, TypeError, ValueError) as error:
                raise SignOnError(f"unreachable_{type(error).__name__}") from None
        return self._found[1], self._found[2]

    def _json(self, client: OAuth2Client, address: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        answer = client.request("GET", address, withhold_token=True)
        answer.raise_for_status()
        return answer.json()

    def _client(self) -> OAuth2Client:
        """Return a client that asks this service only: no proxy of the environment, no redirects."""
        service = self._service
        return OAuth2Client(
            client_id=service.client_id,
            client_secret=service.client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if service.client_secret else "none",
            scope=SCOPE,
            redirect_uri=service.redirect_uri,
            code_challenge_method="S256",
            timeout=_SECONDS,
            trust_env=False,
            follow_redirects=False,
            verify=ssl.create_default_context(cafile=service.ca_file) if service.ca_file else True,
        )
