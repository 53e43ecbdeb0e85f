"""What might be put in service: every kept bundle with its gates, what stands against it, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from models.bundle import promotions
from models.bundle.manifest import DamagedBundleError
from models.evidence import EvidenceError, read_evidence
from models.promotion.court_policy import CourtPolicy
from models.promotion.plan import held_gates, scores_in
from models.promotion.refusal import PromotionError
from serving.control.promoting import demands_of, failed_gates, require_valid
from serving.model_life.kept import Kept, kept_bundles, manifests


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A kept bundle that does not answer: its gates, and the first thing that stands against it, if any.

    `unripe` counts cases of its test period without an outcome yet, by the days they would take.
    """

    bundle: Kept
    gates: tuple[Mapping[str, object], ...] = ()
    refusal: PromotionError | None = None
    unripe: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Promotable:
    """What a court demands, what may be asked for, and what answered before; `fault` where the demands are no good."""

    base: str | None
    policy: CourtPolicy
    fault: PromotionError | None = None
    candidates: tuple[Candidate, ...] = ()
    earlier: str | None = None


def promotable_of(home: Path, *, at: datetime, demand: Callable[[str], None]) -> Promotable:
    """Return it as it stands on the disk now; no bundle is opened or proven for it."""
    kept = kept_bundles(home / "bundles")
    base = next((one.name for one in kept if one.current), None)
    try:
        policy = demands_of(home)
    except PromotionError as error:
        return Promotable(base=base, policy=CourtPolicy(), fault=error)
    candidate = partial(_candidate, home, policy, _scores(home / "bundles"), at=at, demand=demand)
    return Promotable(
        base=base,
        policy=policy,
        candidates=tuple(candidate(one) for one in kept if not one.current),
        earlier=promotions.before(home, base),
    )


def _candidate(
    home: Path,
    policy: CourtPolicy,
    scores: Mapping[str, frozenset[str]],
    one: Kept,
    *,
    at: datetime,
    demand: Callable[[str], None],
) -> Candidate:
    gates: tuple[Mapping[str, object], ...] = ()
    refusal = None
    try:
        _require_real(one, policy)
        require_valid(one.valid_until, at=at)
        demand(one.sha256)
        gates = held_gates(home, one.sha256, policy.gates, scores=scores[one.sha256])
        failed = tuple(f"{gate['score']} {gate['gate']}" for gate in gates if not gate["passed"])
        if failed:
            raise failed_gates(failed)
    except PromotionError as error:
        refusal = error
    except DamagedBundleError as error:
        refusal = PromotionError("UNSIGNED", error.zh, error.en)
    return Candidate(bundle=one, gates=gates, refusal=refusal, unripe=_unripe(home, one.sha256))


def _scores(bundles: Path) -> Mapping[str, frozenset[str]]:
    """Return the scores of every kept bundle, by its hash; none of one whose manifest is no manifest."""
    found: dict[str, frozenset[str]] = {}
    for sha256, _, manifest in manifests(bundles):
        try:
            found[sha256] = frozenset(scores_in(json.loads(manifest)["files"]))
        except (ValueError, KeyError, TypeError):
            found[sha256] = frozenset()
    return found


def _require_real(one: Kept, policy: CourtPolicy) -> None:
    if one.simulated and not policy.demo:
        zh, en = "由模拟数据训练，不得上线", "trained on simulated data, not to be put in service"
        raise PromotionError("NEEDS_APPROVAL", zh, en)


def _unripe(home: Path, sha256: str) -> Mapping[int, int]:
    try:
        found = read_evidence(home, sha256)
    except EvidenceError:
        return {}
    left: dict[int, int] = {}
    for score in () if found is None else found.scores.values():
        waits = score.sizes.get("test", 0) - int(score.figures.get("n") or 0)
        if waits > 0:
            left[int(score.day)] = max(waits, left.get(int(score.day), 0))
    return left
