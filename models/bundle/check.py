"""The child process of `verify`: load a bundle, score its canaries, end with 0 or say what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from models.bundle.bundle import Bundle
from models.bundle.manifest import DamagedBundleError


def main(folder: str) -> int:
    """Return 0 when the bundle answers as it did when it was saved; else write file, zh and en as JSON."""
    try:
        Bundle.load(Path(folder)).check(Path(folder))
    except DamagedBundleError as error:
        sys.stdout.write(json.dumps([error.file, error.zh, error.en]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
