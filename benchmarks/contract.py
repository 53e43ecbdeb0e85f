"""Ten thousand calls made up from the interface document: whatever comes back must be what the document says.

Run: python -m benchmarks.contract [examples an operation]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from serving.access.principal import NO_COURT
from serving.access.roles import Role
from serving.identity.accounts import Applicant
from serving.identity.at_command import bureau
from serving.settings import Settings
from tests.builders_servers import Served, environment, running, serve_command

CONFIG = Path(__file__).with_name("schemathesis.toml")
USUAL = 8
"""Examples of each phase an operation; with the covering ones more than ten thousand in all."""

ROOMY = {"FENLIU_RATE_PRINCIPAL": "100000", "FENLIU_RATE_ADDRESS": "100000"}
ADMINISTRATORS = {
    Role.SYSTEM_ADMIN: "^/v1/(accounts|courts)",
    Role.SECURITY_ADMIN: "^/v1/(accounts|api-keys|systems)",
    Role.AUDIT_ADMIN: "^/v1/audit",
}
"""Each administrator and the addresses of his work; a key, which calls everything else, has no part in it."""


def call(server: Served, headers: Mapping[str, str], *arguments: str) -> int:
    """Let schemathesis call the service with every check, and return its exit code."""
    said = [part for name, text in headers.items() for part in ("--header", f"{name}: {text}")]
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run",
        f"{server.url}/v1/openapi.json", *said, "--checks", "all", "--seed", "1", "--continue-on-failure", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, check=False, cwd=server.log.parent).returncode


def logged_in(server: Served, role: Role) -> dict[str, str]:
    """Open an account of the role, log in, and return what every call of the session sends."""
    name = role.value.replace("_", "-")
    settings = Settings.read(environment(server.log.parent))
    with bureau(settings) as found:
        person = Applicant(name=name, roles=frozenset({role}), courts=NO_COURT)
        password = found.accounts.create(person, origin=found.origin, must_change=False)
    answer = httpx.post(f"{server.url}/v1/sessions", json={"name": name, "password": password}, trust_env=False)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}


def main() -> int:
    """Start a service with nothing on record, let it be called by a key and by each administrator."""
    examples = sys.argv[1] if len(sys.argv) > 1 else str(USUAL)
    with tempfile.TemporaryDirectory() as folder, running(serve_command(), Path(folder), variables=ROOMY) as server:
        codes = [call(server, server.who, "--max-examples", examples)]
        for role, paths in ADMINISTRATORS.items():
            here = ("--include-path-regex", paths, "--exclude-checks", "ignored_auth")
            codes.append(call(server, logged_in(server, role), "--max-examples", examples, *here))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
