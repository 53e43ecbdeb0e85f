"""Reading a kept case into the trees of the bundle at hand: by the features it was scored with, or read anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from features.case import InvalidCaseError
from features.register import Stage
from models.bundle import Bundle
from models.explain.neighbours import Leaves, leaves_of
from models.rules.rule import RuleTableError
from serving.model_life.standing import Standing

_A_MOMENT: Final = timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """One bundle and what reads cases for it; without a bundle there is none."""

    standing: Standing
    bundle: Bundle

    @classmethod
    def of(cls, standing: Standing) -> Reader | None:
        """Return the reader of what answers now; None where no model does."""
        return None if standing.life.bundle is None else cls(standing, standing.life.bundle)

    def leaves(self, row: Mapping[str, Any]) -> Leaves | None:
        """Return the leaves in which a case ends, shape (1, trees); None where this bundle cannot read it.

        `row` is an answer's, with `input` and `features` opened.
        """
        models = self.bundle.stages.get(Stage(row["stage"]))
        features = self._features(row)
        if models is None or features is None or len(features) != 4 * len(models.features):
            return None
        return leaves_of(models, np.frombuffer(features, dtype="<f4").reshape(1, -1).astype(np.float32))

    def _features(self, row: Mapping[str, Any]) -> bytes | None:
        if row["model_sha256"] == self.bundle.sha256:
            features: bytes | None = row["features"]
            return features
        document = {**json.loads(row["input"]), "explain": {"reasons": 0, "flips": 0}}
        asked = datetime.fromisoformat(document["as_of"])
        try:
            case = self.standing.parse(document, asked + _A_MOMENT, tokenise=str)
            return self.standing.judge(case, on=self.bundle.about.valid_until).features
        except (InvalidCaseError, RuleTableError):
            return None
