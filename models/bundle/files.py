"""How the models of a stage become the files of a bundle, and files become models again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from features.catalogue import catalogue
from features.extensions import ExtensionField
from features.feature import Feature
from features.register import Stage
from models.abstention import Ranges
from models.bundle.canaries import canaries_of
from models.bundle.manifest import DamagedBundleError, canonical, parsed
from models.drift import Reference
from models.estimators.boosters import Booster
from models.estimators.calibration import Calibrator
from models.estimators.comparable import Comparable
from models.estimators.hazard import HazardModel
from models.estimators.line import Lines
from models.estimators.recovery import RecoveryModel
from models.estimators.tree_paths import trees_of
from models.known_change import KnownChange
from models.stage_models import HazardScore, Propensity, Reading, RecoveryScore, ScoreModel, StageModels

FEATURES = "features.json"
REFERENCE = "reference.json"
REFERENCE_VERSION = 1
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Names of scores and causes, because they name files."""


def files_of(models: StageModels) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of one stage."""
    stage = models.stage.value
    about: dict[str, object] = {
        "scores": list(models.scores),
        "ranges": models.ranges.to_json(),
        "key_fields": list(models.key_fields),
    }
    if models.propensity is not None:
        about["propensity"] = {"lowest": models.propensity.lowest, "highest": models.propensity.highest}
        yield f"{stage}/propensity/urged.txt", models.propensity.booster.text.encode()
    yield f"{stage}/stage.json", canonical(about)
    if models.reference:
        yield f"{stage}/{REFERENCE}", canonical(_reference_json(models))
    for name, score in models.scores.items():
        _check_names(name, *score.boosters)
        yield f"{stage}/{name}/score.json", canonical(_score_json(score))
        for part, booster in score.boosters.items():
            yield f"{stage}/{name}/{part}.txt", booster.text.encode()


def features_json(stages: Mapping[Stage, StageModels], extensions: Sequence[ExtensionField]) -> dict[str, object]:
    """Return the feature names of every stage, in the order of the matrix, and the court's own fields."""
    return {
        "extensions": [extension.to_json() for extension in extensions],
        "stages": {stage.value: [f.name for f in models.features] for stage, models in stages.items()},
    }


def extensions_of(files: Mapping[str, bytes]) -> tuple[ExtensionField, ...]:
    """Return the court's own fields for which the bundle was trained."""
    document: dict[str, Any] = parsed(files, FEATURES)
    return tuple(ExtensionField.from_json(item) for item in document["extensions"])


def models_of(files: Mapping[str, bytes], stage: Stage, canaries: Mapping[str, object]) -> StageModels:
    """Return the models of one stage from verified files."""
    place = f"{stage.value}/stage.json"
    about: dict[str, Any] = parsed(files, place)
    limits = about.get("propensity")
    urged = f"{stage.value}/propensity/urged.txt"
    reference, known = reference_of(files, stage)
    features = features_of(files, stage)
    return StageModels(
        stage=stage,
        features=features,
        scores={name: _score(files, f"{stage.value}/{name}", features) for name in about["scores"]},
        ranges=Ranges.from_json(about["ranges"]),
        key_fields=tuple(about["key_fields"]),
        canaries=canaries_of(canaries),
        propensity=None if limits is None else Propensity(booster=_booster(files, urged), **limits),
        reference=reference,
        known_changes=known,
    )


def features_of(files: Mapping[str, bytes], stage: Stage) -> tuple[Feature, ...]:
    """Return the features of a stage, in the order of the matrix."""
    names = parsed(files, FEATURES)["stages"][stage.value]  # type: ignore[index]
    known = {feature.name: feature for feature in catalogue(stage, extensions_of(files))}
    unknown = [name for name in names if name not in known]
    if unknown:
        first = f"{unknown[0]}（共 {len(unknown)} 项）"
        raise DamagedBundleError(FEATURES, f"本程序没有特征 {first}", f"this program has no feature {unknown[0]}")
    return tuple(known[name] for name in names)


def _score_json(score: ScoreModel) -> dict[str, object]:
    readings = [
        {"day": r.day, "calibrator": r.calibrator.to_json(), "comparable": r.comparable.to_json()}
        for r in score.readings
    ]
    lines = {} if score.model.lines is None else {"lines": score.model.lines.to_json()}
    freed = {"freed": list(score.freed)} if score.freed else {}
    if isinstance(score, RecoveryScore):
        return {"kind": "recovery", "readings": readings, **lines, **freed}
    return {
        "kind": "hazard",
        "causes": list(score.model.causes),
        "grid": list(score.model.grid),
        "readings": readings,
        **({"from_sight": True} if score.from_sight else {}),
        **lines,
        **freed,
    }


def _score(files: Mapping[str, bytes], folder: str, features: Sequence[Feature]) -> ScoreModel:
    document: dict[str, Any] = parsed(files, f"{folder}/score.json")
    readings = tuple(
        Reading(
            day=item["day"],
            calibrator=Calibrator.from_json(item["calibrator"]),
            comparable=Comparable.from_json(item["comparable"]),
        )
        for item in document["readings"]
    )
    freed = _freed(document, f"{folder}/score.json", features)
    if document["kind"] == "recovery":
        lines = _lines(document, f"{folder}/score.json", causes=1, periods=1)
        return RecoveryScore(RecoveryModel(_booster(files, f"{folder}/recovered.txt"), lines), readings, freed)
    causes, grid = tuple(document["causes"]), tuple(document["grid"])
    boosters = tuple(_booster(files, f"{folder}/{cause}.txt") for cause in causes)
    lines = _lines(document, f"{folder}/score.json", causes=len(causes), periods=len(grid))
    model, from_sight = HazardModel(causes, grid, boosters, lines), document.get("from_sight", False) is True
    return HazardScore(model, readings, from_sight=from_sight, freed=freed)


def _freed(document: Mapping[str, Any], name: str, features: Sequence[Feature]) -> tuple[str, ...]:
    """Return the features freed of their pull; bundles of before, and scores whose pulls all hold, name none."""
    said, known = document.get("freed", []), {feature.name for feature in features}
    if not isinstance(said, list) or not all(isinstance(one, str) and one in known for one in said):
        raise DamagedBundleError(name, "freed 须为特征名", "freed names features")
    return tuple(said)


def _lines(document: Mapping[str, Any], name: str, *, causes: int, periods: int) -> Lines | None:
    """Return the lines beside the trees; bundles of before, and scores that do better without, have none."""
    if "lines" not in document:
        return None
    try:
        lines = Lines.from_json(document["lines"])
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBundleError(name, "线性部分不完整", "the lines are not whole") from error
    if lines.levels.shape != (causes, periods):
        raise DamagedBundleError(name, "线性部分与结局不符", "the lines do not fit the causes and days")
    return lines


def _reference_json(models: StageModels) -> dict[str, object]:
    columns = [{"edges": list(one.edges), "counts": list(one.counts)} for one in models.reference]
    known = [one.to_json() for one in models.known_changes]
    return {"version": REFERENCE_VERSION, "features": columns, "known_changes": known}


def reference_of(files: Mapping[str, bytes], stage: Stage) -> tuple[tuple[Reference, ...], tuple[KnownChange, ...]]:
    """Return how the features lay in training, and the changes known then; bundles of before say neither."""
    name = f"{stage.value}/{REFERENCE}"
    if name not in files:
        return (), ()
    document: dict[str, Any] = parsed(files, name)
    if document.get("version") != REFERENCE_VERSION:
        said = str(document.get("version"))[:40]
        raise DamagedBundleError(name, f"不支持的版本 {said}", f"unknown version {said}")
    try:
        reference = tuple(Reference(tuple(one["edges"]), tuple(one["counts"])) for one in document["features"])
        return reference, tuple(KnownChange.from_json(one) for one in document.get("known_changes", ()))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBundleError(name, "不是特征分布", "the file holds no distribution of features") from error


def _booster(files: Mapping[str, bytes], name: str) -> Booster:
    try:
        text = files[name].decode("ascii")
        trees_of(text)
        return Booster(text)
    except (KeyError, ValueError) as error:
        raise DamagedBundleError(name, "不是模型文本", "the file is no model text") from error


def _check_names(*names: str) -> None:
    for name in names:
        if not PLAIN_NAME.fullmatch(name):
            msg = f"名称须为小写字母、数字、下划线，收到 {name!r} / names are lower-case words, got {name!r}"
            raise ValueError(msg)
