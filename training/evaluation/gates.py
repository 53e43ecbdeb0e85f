"""Gates: limits that a bundle keeps or does not; nothing is promoted past a failed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.config import Gate
from training.errors import CommandError
from training.evaluation.measures import MEASURES, Estimate

FENLIU = "fenliu"
"""The name under which the bundle's own score stands among the baselines."""

Table = Mapping[str, Mapping[str, Estimate]]
"""Estimates of one score: by method, then by measure."""


@dataclass(frozen=True)
class GateResult:
    """One gate on one score: what was found, what was asked, and whether it passed."""

    gate: str
    score: str
    measure: str
    found: float
    asked: str
    passed: bool


def check_gates(gates: Sequence[Gate], tables: Mapping[str, Table]) -> tuple[GateResult, ...]:
    """Hold every score to every gate that speaks of it; a measure that a score does not have is not asked.

    Raises
    ------
    CommandError
        CONFIG: a gate names no known measure or baseline, or sets no limit.
    """
    results = []
    for gate in gates:
        if gate.measure not in MEASURES or (gate.at_least, gate.at_most, gate.beats) == (None, None, None):
            zh = f"关口 {gate.name!r} 没有可用的指标或界限：{gate.measure!r}"
            raise CommandError("CONFIG", zh, f"gate {gate.name!r} has no known measure or no limit: {gate.measure!r}")
        for score, table in tables.items():
            if gate.score in {"*", score, score.partition(".")[2]} and gate.measure in table[FENLIU]:
                results.append(_hold(gate, score, table))
    return tuple(results)


def _hold(gate: Gate, score: str, table: Table) -> GateResult:
    measure = MEASURES[gate.measure]
    found = table[FENLIU][gate.measure].value
    asked, passed = [], True
    if gate.at_least is not None:
        asked.append(f"≥ {gate.at_least:g}")
        passed &= found >= gate.at_least
    if gate.at_most is not None:
        asked.append(f"≤ {gate.at_most:g}")
        passed &= found <= gate.at_most
    if gate.beats is not None:
        other = _baseline(gate, gate.beats, table)
        asked.append(f"{'>' if measure.more_is_better else '<'} {gate.beats} {other:.4g}")
        passed &= found > other if measure.more_is_better else found < other
    return GateResult(gate.name, score, gate.measure, found, ", ".join(asked), bool(passed))


def _baseline(gate: Gate, name: str, table: Table) -> float:
    if name not in table:
        zh = f"关口 {gate.name!r} 的对照 {name!r} 不存在，可用：{', '.join(table)}"
        raise CommandError("CONFIG", zh, f"gate {gate.name!r} names no known baseline: {name!r}")
    return table[name][gate.measure].value
