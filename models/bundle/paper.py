"""What a bundle says of itself without its models being read: enough to show it to people, and nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from features.extensions import ExtensionField
from features.feature import Feature
from features.register import Register, Stage, load_register
from models.bundle.bundle import About
from models.bundle.files import extensions_of, features_of, reference_of
from models.bundle.manifest import DamagedBundleError, parsed, read_bundle
from models.drift import Reference
from models.known_change import KnownChange


@dataclass(frozen=True)
class ScorePaper:
    """One score: the day it is read at, and the ends it tells apart."""

    day: float
    ends: tuple[str, ...]


@dataclass(frozen=True)
class StagePaper:
    """One stage: what is read, which scores there are, how features lay in training, what was known to change."""

    features: tuple[Feature, ...]
    scores: Mapping[str, ScorePaper]
    reference: tuple[Reference, ...]
    known_changes: tuple[KnownChange, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A bundle on paper, every byte of which has been hashed."""

    about: About
    sha256: str
    stages: Mapping[Stage, StagePaper]
    extensions: tuple[ExtensionField, ...]

    @property
    def register(self) -> Register:
        """The field register with the court's own fields."""
        return load_register().extended(extension.field for extension in self.extensions)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read the bundle's papers; no model text is opened.

        Raises
        ------
        DamagedBundleError
            The folder is not what was saved, or is not built as this program builds bundles.
        """
        about, files, sha256 = read_bundle(folder)
        try:
            stages = {stage: _stage(files, stage) for stage in Stage if f"{stage.value}/stage.json" in files}
            return cls(About.from_json(about), sha256, stages, extensions_of(files))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            if isinstance(error, DamagedBundleError):
                raise
            zh, en = "与本程序的格式不符", "it is not built as this program builds bundles"
            raise DamagedBundleError(folder.name, zh, en) from error


def _stage(files: Mapping[str, bytes], stage: Stage) -> StagePaper:
    about: dict[str, Any] = parsed(files, f"{stage.value}/stage.json")
    reference, known = reference_of(files, stage)
    return StagePaper(
        features=features_of(files, stage),
        scores={name: _score(files, f"{stage.value}/{name}/score.json") for name in about["scores"]},
        reference=reference,
        known_changes=known,
    )


def _score(files: Mapping[str, bytes], name: str) -> ScorePaper:
    document: dict[str, Any] = parsed(files, name)
    return ScorePaper(float(document["readings"][0]["day"]), tuple(document.get("causes", ("recovered",))))
