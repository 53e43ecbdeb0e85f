"""A thousand damaged bundles shown to the service's loader: none may crash it, keep it waiting, or load unnoticed.

    python -m benchmarks.damaged_bundles --n 1000

Two kinds. *Plain* damage is what disks, copies and cuts do: bytes changed, cut
or added, files missing, exchanged, added or replaced by links, pipes and
folders. *Resealed* damage is what an attacker could do: a model text changed
and every hash made right again, so that only the child process and its known
answers stand before it. A resealed bundle that answers all known rows as
before is another bundle under another hash; it is counted apart.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.bundle import promotions
from models.bundle.manifest import NAME, manifest_of, read_bundle
from serving.model_life.loading import load_current
from serving.model_life.renewal import load_promoted
from tests.builders_models import tiny_bundle

Rng = np.random.Generator
SECONDS = 5.0


def changed_bytes(folder: Path, rng: Rng) -> None:
    """Change one to five bytes of one file."""
    place = _any(folder, rng)
    content = bytearray(place.read_bytes())
    for index in rng.integers(len(content), size=int(rng.integers(1, 6))):
        content[index] ^= int(rng.integers(1, 256))
    place.write_bytes(bytes(content))


def cut(folder: Path, rng: Rng) -> None:
    """Cut a file short, perhaps to nothing."""
    place = _any(folder, rng)
    place.write_bytes(place.read_bytes()[: int(rng.integers(place.stat().st_size))])


def added(folder: Path, rng: Rng) -> None:
    """Add bytes to a file."""
    with _any(folder, rng).open("ab") as file:
        file.write(rng.bytes(int(rng.integers(1, 9))))


def missing(folder: Path, rng: Rng) -> None:
    """Remove a file."""
    _any(folder, rng).unlink()


def exchanged(folder: Path, rng: Rng) -> None:
    """Exchange two files of one kind."""
    one, other = rng.choice([str(path) for path in sorted(folder.rglob("*.txt"))], 2, replace=False)
    first, second = Path(one).read_bytes(), Path(other).read_bytes()
    Path(one).write_bytes(second)
    Path(other).write_bytes(first if first != second else first + b"\n")


def more(folder: Path, rng: Rng) -> None:
    """Add a file that the manifest does not list."""
    (folder / f"more-{rng.integers(1000)}.txt").write_text("tree\n")


def replaced(folder: Path, rng: Rng) -> None:
    """Put a link, a pipe or a folder in the place of a file."""
    place = _any(folder, rng)
    place.unlink()
    kind = rng.integers(3)
    if kind == 0:
        place.symlink_to("/dev/zero")
    elif kind == 1:
        os.mkfifo(place)
    else:
        place.mkdir()


def garbage(folder: Path, rng: Rng) -> None:
    """Put noise in the place of a file."""
    place = _any(folder, rng)
    place.write_bytes(rng.bytes(place.stat().st_size))


def resealed(folder: Path, rng: Rng) -> None:
    """Change bytes of a model text, or cut it, and make every hash right again."""
    about, files, _ = read_bundle(folder)
    name = str(rng.choice(sorted(one for one in files if one.endswith(".txt"))))
    content = bytearray(files[name])
    if rng.random() < 0.25:
        del content[int(rng.integers(len(content))) :]
    else:
        for index in rng.integers(len(content), size=int(rng.integers(1, 6))):
            content[index] = int(rng.integers(32, 127))
    (folder / name).write_bytes(bytes(content))
    (folder / NAME).write_bytes(manifest_of(about, {**files, name: bytes(content)}))


PLAIN: tuple[Callable[[Path, Rng], None], ...] = (
    changed_bytes, changed_bytes, changed_bytes, cut, cut, added, missing, exchanged, more, replaced, garbage,
)  # fmt: skip


def main(n: int, *, share: float, seed: int, ledger: bool) -> int:
    """Damage, show, count; return 1 if anything happened that must not."""
    rng = np.random.default_rng(seed)
    counts: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as place:
        whole = tiny_bundle(Path(place) / "whole")
        sound = read_bundle(whole)[2]
        bundles = Path(place) / "bundles"
        if ledger:
            promotions.note(Path(place), {"bundle": whole.name, "sha256": sound})
        for number in range(n):
            damage = resealed if number % round(1 / share) == 0 else PLAIN[int(rng.integers(len(PLAIN)))]
            shutil.rmtree(bundles, ignore_errors=True)
            shutil.copytree(whole, bundles / whole.name)
            (bundles / "current").write_text(whole.name, encoding="utf-8")
            damage(bundles / whole.name, rng)
            started = time.monotonic()
            life = load_current(bundles, load=lambda folder: load_promoted(folder, seconds=SECONDS))
            slowest = max(slowest, time.monotonic() - started)
            counts[_outcome(damage is resealed, None if life.bundle is None else life.bundle.sha256, sound)] += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for name, count in sorted(counts.items()):
        print(f"{name:58} {count:6}")
    print(f"{'slowest, seconds (the child has ' + str(SECONDS) + ')':58} {slowest:6.1f}")
    print(f"{'peak memory of the loading process, MB':58} {peak:6}")
    return 1 if counts["PLAIN DAMAGE LOADED UNNOTICED"] or slowest > SECONDS + 5 else 0


def _outcome(attack: bool, loaded: str | None, sound: str) -> str:  # noqa: FBT001
    if loaded is None:
        return "resealed damage refused" if attack else "plain damage refused"
    if attack:
        return "resealed, the same on known rows, under another hash" if loaded != sound else "resealed without change"
    return "PLAIN DAMAGE LOADED UNNOTICED"


def _any(folder: Path, rng: Rng) -> Path:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return files[int(rng.integers(len(files)))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--resealed", type=float, default=0.2)
    parser.add_argument("--no-ledger", action="store_true", help="as if nothing had ever been promoted")
    parser.add_argument("--seed", type=int, default=20261126)
    given = parser.parse_args()
    sys.exit(main(given.n, share=given.resealed, seed=given.seed, ledger=not given.no_ledger))
