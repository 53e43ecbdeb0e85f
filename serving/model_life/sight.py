"""What there is, at a glance: enough to notice that a pointer, a bundle, the rule file or a window has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from serving.model_life.pointer import CURRENT, SHADOW, PointerError, Signature, read_pointer, signature_of
from serving.repositories.urging.windows import Signed


@dataclass(frozen=True)
class Seen:
    """A pointer, the bundle it names (or what is wrong with the pointer), and the signature of that folder."""

    name: str | None = None
    fault: str = ""
    folder: Signature = ()


@dataclass(frozen=True)
class Sight:
    """Both pointers, the court's rule file (empty where it is not watched), and the windows that courts have signed."""

    model: Seen = Seen()
    shadow: Seen = Seen()
    rules: str = ""
    windows: Signed = ()


def take_sight(bundles: Path, *, rules: Path | None, windows: Signed = ()) -> Sight:
    """Return what is there now; whatever cannot be read is a fault of its own, never an exception."""
    return Sight(_seen(bundles, CURRENT), _seen(bundles, SHADOW), "" if rules is None else _digest(rules), windows)


def _seen(bundles: Path, pointer: str) -> Seen:
    try:
        name = read_pointer(bundles, pointer)
    except PointerError as error:
        return Seen(fault=str(error))
    return Seen() if name is None else Seen(name, folder=signature_of(bundles / name))


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return type(error).__name__
