"""Proving a bundle where it can harm nobody: in a process of its own, with bounds on time, memory and talk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from models.bundle.bundle import Bundle
from models.bundle.manifest import DamagedBundleError, read_bundle
from models.bundle.proven import Proven

SECONDS_TO_VERIFY: Final = 60.0
MOST_SAID: Final = 64 * 1024
_ROOT: Final = str(Path(__file__).resolve().parents[2])
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""A pool of threads reserves address space, of which the child has little."""


def verify(folder: Path, *, seconds: float = SECONDS_TO_VERIFY) -> str:
    """Check every hash, then load and score the canaries in a child process; return the manifest's SHA-256.

    The library that reads model texts may crash, hang or answer wrongly on a
    damaged text, so no text is read before its hash is right, and the first
    reading happens where a crash harms nobody. The child may use `seconds`
    and 4 GiB, and may say 64 KiB.

    Raises
    ------
    DamagedBundleError
        The folder is not what was saved, or does not answer as it did then.
    """
    sha256 = read_bundle(folder)[2]
    with TemporaryFile() as said:
        try:
            code = _child(folder, seconds, said.fileno())
        except subprocess.TimeoutExpired as error:
            zh, en = f"{seconds:g} 秒内未能加载", f"it did not load within {seconds:g} seconds"
            raise DamagedBundleError(folder.name, zh, en) from error
        said.seek(0)
        if code != 0:
            raise _refusal(folder, code, said.read(MOST_SAID))
    return sha256


def load_verified(folder: Path, *, seconds: float = SECONDS_TO_VERIFY, proven: Proven | None = None) -> Bundle:
    """Verify, then load into this process what was verified, and nothing else.

    What `proven` holds need not be proven again: the hash names every byte,
    and every byte is hashed before it is read.

    Raises
    ------
    DamagedBundleError
        As `verify`, or the folder was changed between the two.
    """
    known = Proven() if proven is None else proven
    sha256 = read_bundle(folder)[2]
    if sha256 not in known:
        sha256 = verify(folder, seconds=seconds)
    bundle = Bundle.load(folder)
    if bundle.sha256 != sha256:
        raise DamagedBundleError(folder.name, "核验之后又被改动", "it was changed after it had been verified")
    known.note(sha256)
    return bundle


def _child(folder: Path, seconds: float, out: int) -> int:
    path = os.pathsep.join([_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "models.bundle.check", str(folder), str(seconds), str(MOST_SAID)]
    done = subprocess.run(  # noqa: S603 - our own module, in our own interpreter
        command,
        env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    return done.returncode


def _refusal(folder: Path, code: int, said: bytes) -> DamagedBundleError:
    """Return the child's own words where it had any, else that it fell over."""
    try:
        return DamagedBundleError(*json.loads(said.rpartition(b"\n")[2]))
    except (ValueError, TypeError):
        zh, en = f"加载进程异常退出（{code}）", f"the loading process ended with {code}"
        return DamagedBundleError(folder.name, zh, en)
