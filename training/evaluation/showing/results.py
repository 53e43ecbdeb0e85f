"""Tables of an evaluation: scores beside baselines, reading days, gates, parts of the period, fairness groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from models.promotion.gates import FENLIU
from training.console import Column, Console, Result
from training.evaluation.measures import CHANCE, GAP, MEASURES, SHARE, Estimate, Table
from training.evaluation.parts.slices import Slice
from training.evaluation.report import Evaluation
from training.evaluation.showing.words import BIASES, METHODS, PARTS, part_words, score_words

MAIN = (*CHANCE, *SHARE)
"""Measures of the first table; the others stand in a table of their own."""

_SCORE, _METHOD = Column("score", "分数", "score"), Column("method", "方法", "method")
_DATA = Column("data", "数据", "data")


def of_evaluation(evaluation: Evaluation, document: Mapping[str, object], console: Console) -> Result:
    """Show every score beside its baselines, each figure with its interval."""
    names = [name for name in _measures(_tables(evaluation)) if name in MAIN]
    shares = {name: report.figures.get("explained_share") for name, report in evaluation.reports.items()}
    told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if share is not None)
    zh, en = (f"可解释份额：{told}", f"explained share: {told}") if told else ("", "")
    return Result(_columns(names), _rows(evaluation, names, console), document, zh, en)


def with_details(result: Result, evaluation: Evaluation, console: Console) -> Result:
    """Return the result with everything else that was measured, for the report of the run."""
    names = [name for name in _measures(_tables(evaluation)) if name not in MAIN]
    title = ("离散、分解与累积指标", "spread, parts and cumulated figures")
    further = Result(_columns(names), _rows(evaluation, names, console), title=title)
    parts = (_gates(evaluation, console), further, _readings(evaluation, console), *_parts(evaluation, console))
    return replace(result, more=tuple(part for part in parts if part.rows))


def interval(estimate: Estimate | None) -> str | None:
    """Return a figure with its 95 % interval, None where it cannot be worked out."""
    if estimate is None or math.isnan(estimate.value):
        return None
    return f"{estimate.value:.3f} [{estimate.lower:.3f}, {estimate.upper:.3f}]"


def _tables(evaluation: Evaluation) -> list[Table]:
    return [report.table for report in evaluation.reports.values()]


def _measures(tables: Iterable[Table]) -> list[str]:
    """Return the measures of our own scores, in the order in which all measures are listed."""
    found = {name for table in tables for name in table[FENLIU]}
    return [name for name in MEASURES if name in found]


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    return (_SCORE, _METHOD, *(Column(name, MEASURES[name].zh, MEASURES[name].en) for name in names), _DATA)


def _rows(evaluation: Evaluation, names: Sequence[str], console: Console) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for label, report in evaluation.reports.items():
        for method, estimates in report.table.items():
            cells = {name: interval(estimates.get(name)) for name in names}
            if any(cells.values()):
                words = METHODS[method]
                said = console.say(words.zh, words.en)
                rows.append({"score": label, "method": said, **cells, "data": _data(evaluation)})
    return rows


def _readings(evaluation: Evaluation, console: Console) -> Result:
    """Show each score at the other days at which its curve is read."""
    tables = [one.table for report in evaluation.reports.values() for one in report.readings]
    names, rows = _measures(tables), []
    for label, report in evaluation.reports.items():
        for one in report.readings:
            for method, found in one.table.items():
                words, cells = METHODS[method], {name: interval(found.get(name)) for name in names}
                told = {"score": label, "day": one.day, "method": console.say(words.zh, words.en)}
                rows.append(told | cells | {"data": _data(evaluation)})
    day = Column("day", "读数日", "day")
    columns = (_SCORE, day, *_columns(names)[1:])
    return Result(columns, rows, title=("其他读数日", "other reading days"))


def _gates(evaluation: Evaluation, console: Console) -> Result:
    columns = (
        _SCORE, Column("gate", "关口", "gate"), Column("found", "实测", "found"), Column("asked", "要求", "asked"),
        Column("passed", "通过", "passed"),
    )  # fmt: skip
    rows = [
        {
            "score": one.score, "gate": one.gate, "found": one.found, "asked": one.asked,
            "passed": console.say("是", "yes") if one.passed else console.say("否", "no"),
        }
        for one in evaluation.gates
    ]  # fmt: skip
    return Result(columns, rows, title=("关口", "gates"))


def _parts(evaluation: Evaluation, console: Console) -> Iterator[Result]:
    """Yield for every score its parts of the test period, then its fairness groups."""
    for label, report in evaluation.reports.items():
        words = score_words(report.name)
        for fairness, zh, en in ((False, "分部分", "in parts"), (True, "公平性分组", "fairness groups")):
            chosen = [part for part in report.slices if part.fairness is fairness]
            title = (f"{words.zh} {label}：{zh}", f"{words.en} {label}: {en}")
            yield _slices(chosen, title, console, data=_data(evaluation))


def _slices(parts: Sequence[Slice], title: tuple[str, str], console: Console, *, data: str) -> Result:
    names = [name for name in MEASURES if any(name in part.estimates for part in parts)]
    names = [GAP.name, *(name for name in names if name != GAP.name)]
    columns = (
        Column("by", "划分", "by"), Column("part", "部分", "part"), Column("n", "件数", "cases"),
        Column("bias", "结论", "finding"), *_columns(names)[2:],
    )  # fmt: skip
    rows = []
    for part in parts:
        by, named, bias = PARTS[part.by], part_words(part), BIASES[part.bias]
        told = {"by": console.say(by.zh, by.en), "part": console.say(named.zh, named.en), "n": part.n}
        cells = {name: interval(part.estimates.get(name)) for name in names}
        rows.append({**told, "bias": console.say(bias.zh, bias.en), **cells, "data": data})
    return Result(columns, rows, title=title)


def _data(evaluation: Evaluation) -> str:
    return "模拟 / simulated" if evaluation.simulated else "实际 / real"
