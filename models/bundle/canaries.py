"""Canaries: made-up rows with known scores, which show that a loaded bundle answers as it did when it was saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from models.bundle.manifest import DamagedBundleError
from models.estimators.boosters import Rows
from models.estimators.calibration import Courts
from models.estimators.person_period import at_periods
from models.scores import ReadAt, score_rows
from models.stage_models import Canaries, HazardScore, StageModels

FILE = "canaries.json"
WAITED = 3.0
"""Days that every canary has waited since filing: a program that does not know of them answers otherwise."""

TOLERANCE = 1e-12
"""Probabilities may differ by this between processors; the trees' own scores not at all."""


def canary_rows(rows: Rows, courts: Sequence[str], *, count: int = 12, seed: int = 0) -> Canaries:
    """Return made-up rows: each value a rounded quantile of its own feature, drawn apart from all others.

    No row resembles a real case. Values are missing as often as in training;
    the last row misses everything. Courts take turns, one of them unknown.
    """
    rng = np.random.default_rng(seed)
    made = np.full((count, rows.shape[1]), np.nan, dtype=np.float32)
    for j in range(rows.shape[1]):
        known = rows[~np.isnan(rows[:, j]), j]
        if len(known):
            values = np.quantile(known, rng.permutation(np.linspace(0.02, 0.98, count)), method="nearest")
            gone = rng.random(count) > len(known) / len(rows)
            made[:, j] = np.where(gone, np.nan, _three_digits(values))
    made[-1] = np.nan
    names = [*sorted(set(courts))[:3], "未见"]
    return Canaries(rows=made, court=tuple(names[i % len(names)] for i in range(count)))


def canaries_json(stages: Mapping[str, StageModels]) -> dict[str, object]:
    """Return the canary rows of every stage with the answers of its models, in hexadecimal, that is, exactly."""
    return {
        stage: {
            "rows": [[None if np.isnan(v) else float(v) for v in row] for row in models.canaries.rows],
            "court": list(models.canaries.court),
            **_answers(models),
        }
        for stage, models in stages.items()
    }


def canaries_of(document: Mapping[str, object]) -> Canaries:
    """Return the rows and courts of one stage as they were written."""
    rows = cast("list[list[float | None]]", document["rows"])
    values = [[np.nan if v is None else v for v in row] for row in rows]
    return Canaries(rows=np.array(values, dtype=np.float32), court=tuple(cast("list[str]", document["court"])))


def check_canaries(models: StageModels, expected: Mapping[str, object]) -> None:
    """Score the canaries and compare.

    Raises
    ------
    DamagedBundleError
        A booster answers otherwise in any bit, or a score by more than 1e-12.
    """
    found = _answers(models)
    if found["boosters"] != expected["boosters"]:
        raise DamagedBundleError(FILE, "模型得分与保存时不一致", "the boosters answer otherwise than when saved")
    wanted = cast("Mapping[str, Sequence[str]]", expected["scores"])
    same = found["scores"].keys() == wanted.keys() and all(
        np.allclose(_floats(values), _floats(wanted[name]), rtol=0.0, atol=TOLERANCE, equal_nan=True)
        for name, values in found["scores"].items()
    )
    if not same:
        raise DamagedBundleError(FILE, "评分与保存时不一致", "the scores differ from those when saved")


def _answers(models: StageModels) -> dict[str, dict[str, list[str]]]:
    at = ReadAt(waited=np.full(len(models.canaries.rows), WAITED))
    table = score_rows(models, models.canaries.rows, Courts.of(models.canaries.court), at=at)
    return {
        "boosters": {
            f"{name}/{part}": _hex(booster.raw(_rows_for(score, models.canaries.rows)))
            for name, score in models.scores.items()
            for part, booster in score.boosters.items()
        },
        "scores": {name: _hex(column.p) for name, column in table.columns.items()},
    }


def _rows_for(score: object, rows: Rows) -> Rows:
    return at_periods(rows, len(score.model.grid)) if isinstance(score, HazardScore) else rows


def _hex(values: npt.NDArray[np.float64]) -> list[str]:
    return [value.hex() for value in values.tolist()]


def _floats(texts: Sequence[str]) -> list[float]:
    return [float.fromhex(text) for text in texts]


def _three_digits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.array([float(f"{value:.3g}") for value in values.tolist()], dtype=np.float32)
