"""The child process of `verify`: load a bundle, score its canaries, end with 0 or say what is wrong."""

from __future__ import annotations

import json
import math
import resource
import sys
from pathlib import Path
from typing import Final

from models.bundle.bundle import Bundle
from models.bundle.manifest import DamagedBundleError

MOST_MEMORY: Final = 4 * 1024**3
"""Bytes of address space; a bundle of the usual size needs a tenth."""


def main(folder: str) -> int:
    """Return 0 when the bundle answers as it did when it was saved; else write file, zh and en as JSON."""
    try:
        Bundle.load(Path(folder)).check(Path(folder))
    except DamagedBundleError as error:
        # On a line of its own: the library below may have talked before.
        sys.stdout.write("\n" + json.dumps([error.file, error.zh, error.en]))
        return 1
    return 0


def confine(seconds: float, *, said: int) -> None:
    """Bound this process: memory, processor time, bytes it may write; no core dump. It never gets more again."""
    whole = math.ceil(seconds) + 1
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_FSIZE, said),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


if __name__ == "__main__":
    confine(float(sys.argv[2]), said=int(sys.argv[3]))
    sys.exit(main(sys.argv[1]))
