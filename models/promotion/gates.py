"""Gates: limits that a bundle keeps or does not; nothing is promoted past a failed one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Protocol

from models.promotion.refusal import PromotionError

FENLIU: Final = "fenliu"
"""The name under which the bundle's own score stands among the baselines."""

MORE_IS_BETTER: Final[Mapping[str, bool]] = MappingProxyType(
    {
        **dict.fromkeys(("auc", "r2", "spearman", "sharpness", "discrimination", "coverage", "lift"), True),
        **dict.fromkeys(("log_loss", "brier", "ece", "mae", "mse", "gap", "miscalibration", "uncertainty"), False),
        **dict.fromkeys(("ibs", "money_error"), False),
    }
)
"""Every measure that a gate may speak of, and whether more of it is better."""


class Estimated(Protocol):
    """A measured figure; its value is None or NaN where it could not be worked out."""

    @property
    def value(self) -> float | None:
        """The figure."""


Table = Mapping[str, Mapping[str, Estimated]]
"""Estimates of one score: by method, then by measure."""


@dataclass(frozen=True)
class Gate:
    """A limit that a bundle has to keep: at least, at most, or better than a baseline."""

    name: str
    score: str
    measure: str
    at_least: float | None = None
    at_most: float | None = None
    beats: str | None = None


@dataclass(frozen=True)
class GateResult:
    """One gate on one score: what was found, what was asked, and whether it passed."""

    gate: str
    score: str
    measure: str
    found: float
    asked: str
    passed: bool


@cache
def shipped_gates() -> tuple[Gate, ...]:
    """Return the gates that hold where a court states none."""
    text = files("models.promotion").joinpath("gates.toml").read_text(encoding="utf-8")
    return tuple(Gate(**one) for one in tomllib.loads(text)["gates"])


def check_gates(gates: Sequence[Gate], tables: Mapping[str, Table]) -> tuple[GateResult, ...]:
    """Hold every score to every gate that speaks of it; a measure that a score does not have is not asked.

    Raises
    ------
    PromotionError
        CONFIG: a gate names no known measure or baseline, or sets no limit.
    """
    results = []
    for gate in gates:
        if gate.measure not in MORE_IS_BETTER or (gate.at_least, gate.at_most, gate.beats) == (None, None, None):
            zh = f"关口 {gate.name!r} 没有可用的指标或界限：{gate.measure!r}"
            raise PromotionError("CONFIG", zh, f"gate {gate.name!r} has no known measure or no limit: {gate.measure!r}")
        for score, table in tables.items():
            if gate.score in {"*", score, score.partition(".")[2]} and gate.measure in table[FENLIU]:
                results.append(_hold(gate, score, table))
    return tuple(results)


def _hold(gate: Gate, score: str, table: Table) -> GateResult:
    better = MORE_IS_BETTER[gate.measure]
    found = _known(table[FENLIU][gate.measure])
    asked, passed = [], True
    if gate.at_least is not None:
        asked.append(f"≥ {gate.at_least:g}")
        passed &= found >= gate.at_least
    if gate.at_most is not None:
        asked.append(f"≤ {gate.at_most:g}")
        passed &= found <= gate.at_most
    if gate.beats is not None:
        other = _baseline(gate, gate.beats, table)
        asked.append(f"{'>' if better else '<'} {gate.beats} {other:.4g}")
        passed &= found > other if better else found < other
    return GateResult(gate.name, score, gate.measure, found, ", ".join(asked), bool(passed))


def _baseline(gate: Gate, name: str, table: Table) -> float:
    if name not in table or gate.measure not in table[name]:
        zh = f"关口 {gate.name!r} 的对照 {name!r} 不存在，可用：{', '.join(table)}"
        raise PromotionError("CONFIG", zh, f"gate {gate.name!r} names no known baseline: {name!r}")
    return _known(table[name][gate.measure])


def _known(estimate: Estimated) -> float:
    """Return a figure; one that could not be worked out is NaN, which keeps no limit."""
    return float("nan") if estimate.value is None else float(estimate.value)
