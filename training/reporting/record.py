"""The record behind a report: bundle, evaluation, ledger, settings, the newest watching, rules and fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from features.feature import Feature
from features.register import Field, Register, load_register
from models.bundle import Bundle, promotions
from models.card import barred_fields, read_fields
from models.promotion.plan import champion, evaluation_of
from models.promotion.refusal import PromotionError
from models.rules.table import RuleTable
from training.evaluation.measures import CHANCE, SHARE
from training.provenance import Home
from training.reporting.court_facts import CourtFacts

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """Everything that is on record about a bundle; `evaluation` and `watched` are None where there is none."""

    bundle: Bundle
    facts: CourtFacts
    rules: RuleTable
    tenures: tuple[promotions.Tenure, ...]
    evaluation: Figures | None
    watched: Figures | None
    settings: Figures | None
    at: datetime

    @classmethod
    def of(cls, home: Home, folder: Path, bundle: Bundle, *, rules: RuleTable, at: datetime) -> Record:
        """Gather what the home holds about a bundle."""
        current = champion(home.path)
        return cls(
            bundle=bundle,
            facts=CourtFacts.of(home),
            rules=rules,
            tenures=tuple(one for one in promotions.tenures(home.path, current=current) if one.sha256 == bundle.sha256),
            evaluation=_evaluation(home, bundle.sha256),
            watched=_watched(home, bundle.sha256),
            settings=_settings(home, folder),
            at=at,
        )

    @property
    def present(self) -> promotions.Tenure | None:
        """The tenure in which the bundle answers now; None where it does not."""
        return next((one for one in self.tenures if one.until is None), None)

    @cached_property
    def register(self) -> Register:
        """The field register with the court's own fields."""
        return load_register().extended(extension.field for extension in self.bundle.extensions)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Every feature that any model of the bundle reads, once."""
        found = {one.name: one for models in self.bundle.stages.values() for one in models.features}
        return tuple(found.values())

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every registered field that a feature reads, in the register's order."""
        return read_fields(self.features, self.register)

    @cached_property
    def never(self) -> tuple[Field, ...]:
        """Protected attributes and other personal facts that no model may read."""
        return barred_fields(self.register)

    @property
    def scores(self) -> Mapping[str, Figures]:
        """The figures of every evaluated score; empty without an evaluation."""
        found: Mapping[str, Figures] = (self.evaluation or {}).get("scores", {})
        return found

    def sources(self) -> dict[str, dict[str, object]]:
        """Return which parts of the record there are, by hash or place, so that a report can be held against them."""
        about = self.bundle.about
        return {
            "bundle": {"name": about.name, "sha256": self.bundle.sha256, "data_sha256": about.data_sha256},
            "evaluation": {"found": self.evaluation is not None},
            "ledger": {"tenures": len(self.tenures)},
            "watched": {"found": self.watched is not None, "run": (self.watched or {}).get("run")},
            "rules": {"court": self.rules.court, "version": self.rules.version, "sha256": self.rules.sha256},
        }


def main_measures(score: Figures) -> tuple[str, ...]:
    """Return the measures of a score in the order of tables."""
    own = score["methods"]["fenliu"]
    return tuple(name for name in (*CHANCE, *SHARE) if name in own)


def _evaluation(home: Home, sha256: str) -> Figures | None:
    try:
        return evaluation_of(home.path, sha256)
    except PromotionError:
        return None


def _watched(home: Home, sha256: str) -> Figures | None:
    """Return what the newest watching of the bundle found."""
    for run in sorted((home.path / "runs").glob("*-monitor*"), reverse=True):
        file = run / "metrics.json"
        if file.is_file():
            found: Figures = json.loads(file.read_text(encoding="utf-8"))
            if found.get("bundle_sha256") == sha256:
                return found
    return None


def _settings(home: Home, folder: Path) -> Figures | None:
    """Return the settings that the bundle was trained with."""
    file = home.config_of(folder)
    return None if file is None else dict(json.loads(file.read_text(encoding="utf-8")))
