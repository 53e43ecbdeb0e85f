"""Reasons: what moved a score, in reviewed words, with value, source and date, and a sum that is right to the digit."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import numpy as np

from features.feature import Feature, Group
from features.known import Array, Known
from features.register import Register, load_register
from models.advice import Reason
from models.estimators.calibration import Calibrator, Courts
from models.estimators.hazard import sigmoid
from models.explain.contributions import Attribution, attribute
from models.explain.reason_values import day_of, source_of, value_of
from models.rules.rule import Text
from models.scores import ScoreTable
from models.stage_models import OWN, StageModels

MOST = 20


@dataclass(frozen=True)
class Wording:
    """The reviewed words of a reason code; `party_visible` tells whether a party may be shown it."""

    code: str
    zh: str
    en: str
    group: Group
    party_visible: bool


@cache
def wordings() -> Mapping[str, Wording]:
    """Read the reviewed words, `reasons.csv`; nothing else reads that file."""
    text = files("models.explain").joinpath("reasons.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Wording(row["code"], row["zh"], row["en"], Group(row["group"]), row["party_visible"] == "Y")
        for row in csv.DictReader(text.splitlines())
    }


@dataclass(frozen=True)
class CaseFacts:
    """One case as reasons need it: what is known (one row), its court, and when which field was observed."""

    known: Known
    court: str
    observed_at: Mapping[str, date | datetime] = field(default_factory=dict)
    register: Register = field(default_factory=load_register)


@dataclass(frozen=True)
class Explanation:
    """Reasons of one score, all in cases per hundred.

    `shown` and `average` are the printed score and the printed average of the
    court; `average` + the effects of `reasons` + `rest` = `shown`, exactly.
    """

    reasons: tuple[Reason, ...]
    rest: int
    shown: int
    average: int


def explain(
    models: StageModels,
    facts: CaseFacts,
    table: ScoreTable,
    *,
    name: str,
    count: int = 5,
) -> Explanation:
    """Explain score `name` of the one case in `table`.

    Contributions are exact in log-odds before calibration. One factor turns
    them into cases per hundred: the mean slope of the calibrated map between
    the average case and this one, (shown chance - chance at the base) / (logit
    - base). Each effect is rounded; the rest row holds everything else, so the
    printed numbers add up to the last digit.
    """
    column = table.columns[name]
    found = attribute(models.scores[name], table.rows, day=column.day, waited=float(table.waited[0]))
    p = float(column.p[0])
    calibrator = models.scores[name].nearest(column.day).calibrator
    effects = found.contributions * _per_hundred(found, p, calibrator, court=facts.court)
    reasons = _reasons(models, facts, effects, name=name, count=min(count, MOST))
    shown, average = per_hundred(p), per_hundred(calibrator.average_of(facts.court))
    rest = shown - average - sum(reason.effect_per_100 for reason in reasons)
    return Explanation(reasons=reasons, rest=rest, shown=shown, average=average)


def per_hundred(share: float) -> int:
    """Return a chance in cases per hundred, halves rounded up."""
    return int(np.floor(100.0 * share + 0.5))


def _per_hundred(found: Attribution, p: float, calibrator: Calibrator, *, court: str) -> float:
    """Return the mean slope of the calibrated map from base to logit, in cases per hundred and unit of log-odds."""
    way = found.logit - found.base
    if abs(way) < 1e-9:
        return 100.0 * p * (1.0 - p)
    start = calibrator.apply_at(sigmoid(np.array([found.base])), Courts.of([court]))
    return float(100.0 * (p - start[0]) / way)


def _reasons(models: StageModels, facts: CaseFacts, effects: Array, *, name: str, count: int) -> tuple[Reason, ...]:
    """Return the strongest codes, features of one code taken together; what rounds to nothing is no reason."""
    sums = np.bincount(models.by_reason, weights=effects)
    strongest = np.argsort(-np.abs(sums), kind="stable")[:count].tolist()
    return tuple(
        _reason(models.features[_lead(models, effects, reason)], facts, name=name, effect=_rounded(sums[reason]))
        for reason in strongest
        if _rounded(sums[reason])
    )


def _lead(models: StageModels, effects: Array, reason: int) -> int:
    """Return the feature that says most in the direction of the sum."""
    places = np.flatnonzero(models.by_reason == reason)
    return int(places[np.argmax(effects[places] * np.sign(effects[places].sum()))])


def _rounded(effect: float) -> int:
    return int(np.sign(effect) * np.floor(abs(effect) + 0.5))


def reason_words(feature: Feature) -> Text:
    """Return what the reason of a feature is called; a court's own field by the court's own question."""
    words = wordings()[feature.code]
    return Text(feature.zh, feature.en) if feature.code.startswith(OWN) else Text(words.zh, words.en)


def _reason(feature: Feature, facts: CaseFacts, *, name: str, effect: int) -> Reason:
    words = wordings()[feature.code]
    called = reason_words(feature)
    return Reason(
        code=feature.code,
        text=called.zh,
        text_en=called.en,
        value=value_of(feature, facts.known, facts.register),
        effect_per_100=effect,
        direction="up" if effect > 0 else "down",
        party_visible=words.party_visible,
        score=name,
        feature=feature.name,
        group=words.group.value,
        source=source_of(feature, facts.register),
        as_of=_seen(feature, facts),
    )


def _seen(feature: Feature, facts: CaseFacts) -> date:
    """Return the latest day on which a fact of the feature was observed; the day of scoring where none is recorded."""
    seen = [facts.observed_at[name] for name in _owners(feature) if name in facts.observed_at]
    days = [moment.date() if isinstance(moment, datetime) else moment for moment in seen]
    return max(days) if days else day_of(float(facts.known.as_of[0]))


def _owners(feature: Feature) -> list[str]:
    return [column.partition(".")[0] for column in feature.reads]
