"""Builders for tests of the model pages: a home with a small bundle in use, its ledger and what was measured of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.bundle import promotions
from models.bundle.paper import Paper
from models.evidence import compared_path, evidence_path
from tests.builders_models import tiny_bundle

BINS = [
    {"n": 120, "predicted": 0.12, "observed": 0.11, "lower": 0.08, "upper": 0.15},
    {"n": 118, "predicted": 0.48, "observed": 0.38, "lower": 0.31, "upper": 0.46},
    {"n": 121, "predicted": 0.71, "observed": 0.72, "lower": 0.64, "upper": 0.79},
]
GROUPS = [
    {"by": "debtor", "part": "person", "n": 240, "predicted": 0.46, "observed": 0.45, "lower": 0.39, "upper": 0.51,
     "decided": 200, "urged": 50, "proposed": 100, "changed": 17},
    {"by": "age", "part": "from_60", "n": 64, "predicted": 0.55, "observed": 0.4, "lower": 0.3, "upper": 0.5,
     "decided": 60, "urged": 20, "proposed": 0, "changed": 0},
    {"by": "origin", "part": "elsewhere", "n": 120, "predicted": 0.5, "observed": 0.3, "lower": 0.22, "upper": 0.39,
     "decided": 0, "urged": 0, "proposed": 0, "changed": 0},
    {"by": "gender", "part": "F", "n": 11, "predicted": None, "observed": None, "lower": None, "upper": None,
     "decided": 0, "urged": 0, "proposed": 0, "changed": 0},
]  # fmt: skip
_ESTIMATE = {"value": 0.812, "lower": 0.78, "upper": 0.84}
SCORE: Mapping[str, Any] = {
    "data": "模拟 / simulated",
    "day": 180.0,
    "sizes": {"train": 2000, "calibrate": 700, "test": 400, "dropped": 1},
    "figures": {"n": 359.0, "rate": 0.403, "mean_score": 0.436},
    "methods": {"fenliu": {"auc": _ESTIMATE}, "constant": {"auc": {"value": 0.5, "lower": None, "upper": None}}},
    "slices": [],
    "bins": BINS,
    "groups": GROUPS,
}
GATE = {"gate": "能区分", "score": "A.ability", "measure": "auc", "found": 0.812, "asked": "≥ 0.6", "passed": True}


@cache
def _evaluation() -> dict[str, Any]:
    return {
        "format": "fenliu-evaluation/2",
        "data": "模拟 / simulated",
        "passed": True,
        "periods": {"test_from": "2026-01-01", "test_until": "2026-06-30"},
        "gates": [GATE],
        "scores": {"A.ability": dict(SCORE)},
    }


def evaluation(**changes: Any) -> dict[str, Any]:
    """Return what an evaluation wrote; `changes` replace entries of the one score."""
    found = copy.deepcopy(_evaluation())
    found["scores"]["A.ability"] |= changes
    return found


@dataclass(frozen=True)
class ModelHome:
    """A home in which bundles are promoted as the command does it."""

    folder: Path

    def promote(self, name: str = "tiny-1", *, seed: int = 1, **entry: Any) -> str:
        """Let a small bundle answer, by ledger and pointer; return its hash."""
        bundles = self.folder / "bundles"
        if not (bundles / name).exists():
            tiny_bundle(bundles, name, seed=seed)
        sha256 = self.sha256(name)
        line = {
            "action": "promote", "at": "2026-11-02T09:00:00+08:00", "by": "王主任", "reason": "首次发布",
            "bundle": name, "sha256": sha256, "before": None, "gates": [GATE], **entry,
        }  # fmt: skip
        promotions.switch(self.folder, bundles, line, pointer="current")
        return sha256

    def challenge(self, name: str = "tiny-2", *, seed: int = 2) -> str:
        """Let a small bundle be scored beside; return its hash."""
        bundles = self.folder / "bundles"
        tiny_bundle(bundles, name, seed=seed)
        promotions.point(bundles, name, pointer="shadow")
        return self.sha256(name)

    def sha256(self, name: str) -> str:
        """Return the hash of a bundle."""
        found = Paper.of(self.folder / "bundles" / name)
        return found.sha256

    def measured(self, sha256: str, document: object) -> None:
        """Keep an evaluation."""
        _write(evidence_path(self.folder, sha256), document)

    def compared(self, sha256: str, document: object) -> None:
        """Keep a comparison."""
        _write(compared_path(self.folder, sha256), document)


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
