"""Loading the bundle that a pointer names: proven first in a child process, done without when missing or damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from models.bundle.manifest import DamagedBundleError
from serving.model_life.downgrade import NO_BUNDLE, Downgrade, damaged
from serving.model_life.pointer import CURRENT, PointerError, read_pointer

B = TypeVar("B")


@dataclass(frozen=True)
class ModelLife(Generic[B]):
    """The loaded bundle and its name, or the reason why there is none.

    `refused` is what became of a newer bundle that should have taken its
    place and did not pass: the old one stays in use, and everybody is told.
    """

    name: str | None
    bundle: B | None
    downgrade: Downgrade | None
    refused: Downgrade | None = None

    @property
    def mode(self) -> str:
        """`model` or `rules`."""
        return "rules" if self.bundle is None else "model"


def load_current(bundles: Path, *, load: Callable[[Path], B], pointer: str = CURRENT) -> ModelLife[B]:
    """Return the bundle that the pointer names, or rules mode with its reason; never raises for a bad bundle.

    A damaged model file can crash or hang whoever reads it, or quietly score
    wrongly. So `load` proves hashes and known rows in a child process before
    it loads anything here (`models.bundle.load_verified`).
    """
    name = None
    try:
        name = read_pointer(bundles, pointer)
        if name is None:
            return ModelLife(None, None, NO_BUNDLE)
        return ModelLife(name, load(bundles / name), None)
    except (PointerError, DamagedBundleError) as error:
        return ModelLife(name, None, damaged(error.file, error.zh, error.en))
    except OSError as error:
        place, what = name or pointer, type(error).__name__
        return ModelLife(name, None, damaged(place, f"无法读取（{what}）", f"cannot be read ({what})"))
