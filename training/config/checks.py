"""What settings of training must mean beyond their types."""

from __future__ import annotations

import re
from collections.abc import Mapping

from training.config.settings import (
    BacktestSettings,
    EvaluationSettings,
    PolicyValueSettings,
    Settings,
    TargetSettings,
    TuningSettings,
)
from training.config.strict import refuse

_CANDIDATE = re.compile(r"\w{1,40}", re.ASCII)


def check(settings: Settings) -> None:
    """Refuse what has the right type but no meaning."""
    shares = settings.split.shares
    if len(shares) != 3 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        refuse("split.shares", shares, "三个正数，和为 1", "three positive numbers that add up to 1")
    calibrate, test = settings.split.calibrate_from, settings.split.test_from
    if (calibrate is None) != (test is None) or (calibrate and test and calibrate >= test):
        got = f"{calibrate}, {test}"
        refuse(
            "split.calibrate_from, split.test_from", got, "两个先后的日期，或都不写", "two dates in order, or neither"
        )
    if unknown := sorted(set(settings.targets) - {"A", "B"}):
        refuse("targets", unknown, "阶段 A 或 B", "stage A or B")
    for stage, targets in settings.targets.items():
        for name, target in targets.items():
            _check_target(f"targets.{stage}.{name}", target)
            if stage == "B" and target.start != "filed_at":
                refuse(f"targets.B.{name}.start", target.start, " filed_at：查询总在立案之后", "filed_at")
    _check_evaluation(settings.evaluation)
    _check_backtest(settings.backtest)
    _check_tuning(settings.tuning)
    _check_policy_value(settings.policy_value)


def _check_evaluation(chosen: EvaluationSettings) -> None:
    if not 0.0 < chosen.capacity < 1.0:
        refuse("evaluation.capacity", chosen.capacity, " 0 与 1 之间的数", "a number between 0 and 1")
    if chosen.resamples < 1 or chosen.slice_min < 1:
        got = (chosen.resamples, chosen.slice_min)
        refuse("evaluation.resamples, evaluation.slice_min", got, "正整数", "positive whole numbers")
    for name in ("amount_rule", "amount_bands"):
        bounds = getattr(chosen, name)
        if not bounds or list(bounds) != sorted(set(bounds)) or bounds[0] <= 0:
            refuse(f"evaluation.{name}", bounds, "递增的正数（元）", "growing positive yuan")


def _check_backtest(chosen: BacktestSettings) -> None:
    for name, most in (("folds", 40), ("step_months", 24), ("calibrate_months", 60)):
        value = getattr(chosen, name)
        if not 1 <= value <= most:
            refuse(f"backtest.{name}", value, f" 1–{most} 之间的整数", f"a whole number within 1–{most}")
    names = [one.name for one in chosen.candidates]
    if not names or len(names) != len(set(names)) or not all(_CANDIDATE.fullmatch(name) for name in names):
        zh, en = "至少一个候选，名称各不相同，由字母、数字和下划线组成", "distinct names of letters, digits and _"
        refuse("backtest.candidates", names, zh, en)


def _check_tuning(chosen: TuningSettings) -> None:
    if chosen.folds < 1 or chosen.startup < 1:
        got = (chosen.folds, chosen.startup)
        refuse("tuning.folds, tuning.startup", got, "正整数", "positive whole numbers")
    for name in ("trees", "leaves", "learning_rate", "min_rows", "l2"):
        ends = getattr(chosen, name)
        if len(ends) != 2 or not 0 < ends[0] < ends[1]:
            refuse(f"tuning.{name}", ends, "两个递增的正数", "two growing positive numbers")


def _check_policy_value(chosen: PolicyValueSettings) -> None:
    spans: Mapping[str, tuple[float, float]] = {
        "horizon_days": (30, 720), "claim_cap": (1, 1e13), "folds": (2, 20), "trees": (1, 1000), "leaves": (2, 255),
        "clip": (1, 1e6), "choice_clip": (1, 1e6), "scarce_hour": (0, 1e5),
        "level": (0.5, 0.999), "resamples": (100, 100_000),
        "min_cases": (50, 1e9), "min_cases_learned": (50, 1e9),
        "min_effective": (10, 1e9), "min_chance": (0.001, 0.2), "max_outside": (0, 0.5),
        "max_outside_changed": (0, 0.9), "max_weight_share": (0.001, 1),
    }  # fmt: skip
    for name, (least, most) in spans.items():
        value = getattr(chosen, name)
        if not least <= value <= most:
            span = f"{least:g}–{most:g}"
            refuse(f"policy_value.{name}", value, f" {span} 之间的数", f"a number within {span}")


def _check_target(path: str, target: TargetSettings) -> None:
    grid = target.grid
    if not grid or list(grid) != sorted(set(grid)) or grid[0] <= 0:
        refuse(f"{path}.grid", grid, "递增的正数", "growing positive days")
    if not all(0 < day <= grid[-1] for day in target.readings):
        refuse(f"{path}.reading", target.readings, f"不超过 {grid[-1]:g} 的正数", f"positive, at most {grid[-1]:g}")
    if target.population not in {"all", "urged", "filed"}:
        refuse(f"{path}.population", target.population, "all、urged 或 filed", "all, urged or filed")
    if target.start not in {"received_at", "filed_at", "urge_start"}:
        allowed = "received_at, filed_at, urge_start"
        refuse(f"{path}.start", target.start, f" {allowed} 之一", f"one of {allowed}")
