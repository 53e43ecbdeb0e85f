"""Ten thousand calls made up from the interface document: whatever comes back must be what the document says.

Run: python -m benchmarks.contract [examples an operation]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.builders_servers import running, serve_command

CONFIG = Path(__file__).with_name("schemathesis.toml")
USUAL = 25
"""Examples of each phase an operation; with the covering ones some ten thousand in all."""


def main() -> int:
    """Start a service with nothing on record, let schemathesis call it with every check, and return its exit code."""
    examples = sys.argv[1] if len(sys.argv) > 1 else str(USUAL)
    roomy = {"FENLIU_RATE_PRINCIPAL": "100000", "FENLIU_RATE_ADDRESS": "100000"}
    with tempfile.TemporaryDirectory() as folder, running(serve_command(), Path(folder), variables=roomy) as server:
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run",
            f"{server.url}/v1/openapi.json", "--header", f"Authorization: Bearer {server.key}", "--checks", "all",
            "--max-examples", examples, "--seed", "1", "--continue-on-failure",
        ]  # fmt: skip
        return subprocess.run(command, check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
