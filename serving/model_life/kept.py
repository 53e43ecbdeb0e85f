"""The bundles that are kept: what lies in their folder, by name and hash, for rollback and for replays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.bundle.manifest import MOST_MANIFEST, NAME
from serving.model_life.pointer import CURRENT, SHADOW, PointerError, is_name, read_pointer


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One bundle as its manifest describes it; nothing of it has been proven."""

    name: str
    sha256: str
    created_at: str = ""
    valid_until: str = ""
    simulated: bool = False
    current: bool = False
    shadow: bool = False

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return dict(vars(self))


def manifests(bundles: Path) -> Iterator[tuple[str, Path, bytes]]:
    """Yield hash, folder and manifest of everything that looks like a bundle; the hash names it in records."""
    for folder in sorted(bundles.iterdir()) if bundles.is_dir() else []:
        manifest = folder / NAME
        plain = is_name(folder.name) and not folder.is_symlink() and manifest.is_file() and not manifest.is_symlink()
        if plain and manifest.stat().st_size <= MOST_MANIFEST:
            content = manifest.read_bytes()
            yield hashlib.sha256(content).hexdigest(), folder, content


def kept_bundles(bundles: Path) -> list[Kept]:
    """Return every bundle that is kept, by name, with what the pointers say of it."""
    current, shadow = (_named(bundles, pointer) for pointer in (CURRENT, SHADOW))
    found = ((sha256, folder.name, _about(raw)) for sha256, folder, raw in manifests(bundles))
    return [
        Kept(name=name, sha256=sha256, current=name == current, shadow=name == shadow, **about)
        for sha256, name, about in found
    ]


def _named(bundles: Path, pointer: str) -> str | None:
    try:
        return read_pointer(bundles, pointer)
    except PointerError:
        return None


def _about(manifest: bytes) -> dict[str, Any]:
    try:
        about = json.loads(manifest)["about"]
        dates = {name: str(about[name])[:40] for name in ("created_at", "valid_until")}
        return {**dates, "simulated": about["simulated"] is True}
    except (ValueError, KeyError, TypeError):
        return {}
