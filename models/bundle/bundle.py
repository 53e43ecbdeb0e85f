"""The bundle: everything that answers, in one folder that either is what was promoted or is refused."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from features.extensions import ExtensionField
from features.register import Stage
from models.bundle.canaries import FILE, canaries_json, check_canaries
from models.bundle.files import FEATURES, extensions_of, features_json, files_of, models_of
from models.bundle.manifest import NAME, DamagedBundleError, canonical, parsed, read_bundle, write_bundle
from models.stage_models import StageModels


def library_versions() -> dict[str, str]:
    """Return the versions of what computes a score."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("lightgbm", "numpy")}}


@dataclass(frozen=True, kw_only=True)
class About:
    """What the manifest says of a bundle beside its files.

    `name` is the bundle's version (its folder). `courts` are those of the
    training and calibration cases; any other is unseen. After `valid_until` it
    abstains. `simulated` marks a bundle trained on the synthetic court.
    `currency` is that of its amounts; a claim in another one is not scored.
    `periods` says from when until when cases trained and calibrated it.
    """

    name: str
    created_at: datetime
    valid_until: date
    courts: tuple[str, ...]
    data_sha256: str
    code_version: str
    lock_sha256: str = ""
    simulated: bool
    currency: str = "CNY"
    periods: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=library_versions)

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            **vars(self),
            "created_at": self.created_at.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "courts": list(self.courts),
            "periods": {name: [day.isoformat() for day in ends] for name, ends in self.periods.items()},
            "libraries": dict(self.libraries),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what was written.

        Raises
        ------
        DamagedBundleError
            A part is missing, strange or unreadable, as in a bundle of another version of the program.
        """
        try:
            return cls(
                **{
                    **data,
                    "created_at": datetime.fromisoformat(data["created_at"]),
                    "valid_until": date.fromisoformat(data["valid_until"]),
                    "courts": tuple(data["courts"]),
                    "periods": {name: (_day(ends[0]), _day(ends[1])) for name, ends in data["periods"].items()},
                },
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            zh, en = "说明与本程序的格式不符", "what it says of itself is not what this program writes"
            raise DamagedBundleError(NAME, zh, en) from error


@dataclass(frozen=True)
class Bundle:
    """The models of every stage, the court's own fields, and what is known about them.

    `sha256` is the hash of the manifest, which holds the hash of every file:
    it names the bundle in each advice. It is empty until the bundle is saved.
    """

    about: About
    stages: Mapping[Stage, StageModels]
    extensions: tuple[ExtensionField, ...] = ()
    sha256: str = ""

    @classmethod
    def assemble(
        cls, stages: Iterable[StageModels], *, about: About, extensions: Sequence[ExtensionField] = ()
    ) -> Bundle:
        """Put fitted models together.

        For each stage a `StageModels` with the features of its matrix in
        order, a `HazardScore` or `RecoveryScore` per score (the fitted model
        and its `Reading`s: day, `Calibrator` and `Comparable` fitted on the
        calibration period), `Ranges.of(training rows)`,
        `key_fields_of(training Known)` and `canary_rows(training rows, courts)`.
        """
        return cls(about=about, stages={models.stage: models for models in stages}, extensions=tuple(extensions))

    def save(self, folder: Path) -> str:
        """Write the bundle into a new folder and return the SHA-256 of its manifest."""
        files = {name: content for models in self.stages.values() for name, content in files_of(models)}
        files[FEATURES] = canonical(features_json(self.stages, self.extensions))
        files[FILE] = canonical(canaries_json({stage.value: models for stage, models in self.stages.items()}))
        return write_bundle(folder, self.about.to_json(), files)

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Check every hash, then load into this process; call `verify` first where the folder may be strange.

        Raises
        ------
        DamagedBundleError
            The folder is not what was saved.
        """
        about, files, sha256 = read_bundle(folder)
        canaries: dict[str, Any] = parsed(files, FILE)
        stages = {Stage(name): models_of(files, Stage(name), document) for name, document in canaries.items()}
        return cls(About.from_json(about), stages, extensions_of(files), sha256)

    def check(self, folder: Path) -> None:
        """Score the canaries of the folder from which this bundle was loaded, and compare."""
        expected: dict[str, Any] = parsed(read_bundle(folder)[1], FILE)
        for stage, models in self.stages.items():
            check_canaries(models, expected[stage.value])


def _day(text: str) -> date:
    return date.fromisoformat(text)
