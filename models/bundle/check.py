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
        return _say(error.file, error.zh, error.en)
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever it is, the bundle cannot be used
        kind = type(error).__name__
        zh, en = f"与本程序的格式不符（{kind}）", f"it is not built as this program builds bundles ({kind})"
        return _say(Path(folder).name, zh, en)
    return 0


def _say(*words: str) -> int:
    """Tell what is wrong, on a line of its own: the library below may have talked before."""
    sys.stdout.write("\n" + json.dumps(words))
    return 1


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
