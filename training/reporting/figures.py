"""The figures of the record as tables and sentences: scores beside baselines, gates, parts of the period, watching."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.rules.rule import Text
from training.evaluation.measures import MEASURES
from training.evaluation.showing.words import METHODS, SCORES
from training.reporting.record import Record, main_measures
from training.reporting.section import NONE, Grid, same

LIKELY = ("log_loss", "mse")
"""The measure by which parts of the period are ranked, for chances and for shares."""


def score_name(label: str) -> Text:
    """Return the words of `A.ability`."""
    stage, _, name = label.partition(".")
    words = SCORES[name]
    return Text(f"{stage} {words.zh}", f"{stage} {words.en}")


def evaluation_table(record: Record) -> Grid:
    """Return every score beside its baselines on the same cases, each figure with its 95 % interval."""
    names = [name for name in MEASURES if any(name in main_measures(one) for one in record.scores.values())]
    headings = (
        Text("分数", "score"), Text("方法", "method"), *(Text(MEASURES[n].zh, MEASURES[n].en) for n in names),
    )  # fmt: skip
    rows = tuple(
        (score_name(label), Text(METHODS[method].zh, METHODS[method].en), *(same(_cell(found, n)) for n in names))
        for label, score in record.scores.items()
        for method, found in score["methods"].items()
    )
    return Grid(headings, rows)


def sizes_table(record: Record) -> Grid:
    """Return how many cases of each score taught, calibrated and tested, and how often the event came."""
    headings = (
        Text("分数", "score"), Text("读数日", "day"), Text("训练", "train"), Text("校准", "calibrate"),
        Text("测试", "test"), Text("剔除的同一债务人后案", "later twins left out"), Text("实际发生率", "observed rate"),
    )  # fmt: skip
    rows = tuple(
        (
            score_name(label), same(f"{score['day']:g}"),
            *(same(f"{int(score['sizes'][part]):,}") for part in ("train", "calibrate", "test", "dropped")),
            same(f"{score['figures']['rate']:.1%}"),
        )
        for label, score in record.scores.items()
    )  # fmt: skip
    return Grid(headings, rows)


def gates_table(record: Record) -> Grid:
    """Return what every gate of the evaluation found."""
    headings = (
        Text("分数", "score"), Text("关口", "gate"), Text("实测", "found"), Text("要求", "asked"),
        Text("通过", "passed"),
    )  # fmt: skip
    gates = (record.evaluation or {}).get("gates", [])
    rows = tuple(
        (
            score_name(one["score"]), same(one["gate"]), same(f"{one['found']:.4g}"), same(one["asked"]),
            Text("是", "yes") if one["passed"] else Text("否", "no"),
        )
        for one in gates
    )  # fmt: skip
    return Grid(headings, rows)


def weakest_parts(record: Record, *, most: int = 3) -> Grid:
    """Return for every score the parts of the test period in which it does worst, by loss."""
    headings = (
        Text("分数", "score"), Text("部分", "part"), Text("案件", "cases"), Text("指标", "measure"),
        Text("该部分", "in this part"), Text("总体", "overall"),
    )  # fmt: skip
    return Grid(headings, tuple(row for label in record.scores for row in _weakest(record, label, most)))


def few_parts(record: Record) -> Text:
    """Return how many parts of the period are too small to conclude from."""
    parts = [part for score in record.scores.values() for part in score["slices"]]
    few = sum(part["few"] for part in parts)
    groups = sum(part.get("fairness", False) for part in parts)
    zh = f"测试期按法院、案由、当事人、标的额、季度和有无前案分为 {len(parts) - groups} 个部分，"
    zh += f"另有公平性分组 {groups} 个；其中 {few} 个样本少，不作结论。"
    en = f"Of {len(parts) - groups} parts of the test period (courts, causes, parties, amounts, quarters, "
    en += f"debtors met before) and {groups}"
    return Text(zh, f"{en} fairness groups {few} are too small to conclude from.")


def watching(record: Record) -> Iterator[Text | Grid]:
    """Yield what the newest watching found, in sentences, and its alarms."""
    found = record.watched
    if found is None:
        yield Text("尚无监测记录（fenliu monitor）。", "It has not been watched yet (fenliu monitor).")
        return
    days, raised = found["window"], found["alarms"]
    bad = [one for one in raised if one["level"] == "alarm"]
    yield Text(
        f"监测期 {days['since']} 至 {days['until']}（不含）：警报 {len(bad)} 项，共列出 {len(raised)} 项。",
        f"Watched from {days['since']} until {days['until']}: {len(bad)} alarms, {len(raised)} findings in all.",
    )
    if bad:
        rows = tuple((same(one["place"]), Text(one["zh"], one["en"])) for one in bad)
        yield Grid((Text("位置", "place"), Text("警报", "alarm")), rows)


def disagreement(record: Record) -> Text:
    """Return how often people decided otherwise than proposed, by the newest watching."""
    stages = (record.watched or {}).get("stages", {})
    decided = sum(one["overrides"]["decided"] for one in stages.values())
    differing = sum(one["overrides"]["differing"] for one in stages.values())
    if not decided:
        return Text(
            "监测期内没有法官在建议之后作出决定的记录。",
            "No decision of a person on a proposal is on record in the watched days.",
        )
    zh = f"法官作出决定 {decided:,} 件，其中改变建议 {differing:,} 件（{differing / decided:.1%}）。"
    return Text(
        zh, f"People decided {decided:,} cases, {differing:,} ({differing / decided:.1%}) otherwise than proposed."
    )


def _weakest(record: Record, label: str, most: int) -> Iterator[tuple[Text, ...]]:
    score = record.scores[label]
    measure = next((one for one in LIKELY if one in main_measures(score)), None)
    if measure is None:
        return
    overall = score["methods"]["fenliu"][measure]["value"]
    parts = [part for part in score["slices"] if measure in part["estimates"]]
    parts = [part for part in parts if part["estimates"][measure]["value"] is not None]
    for part in sorted(parts, key=lambda one: -one["estimates"][measure]["value"])[:most]:
        words = Text(MEASURES[measure].zh, MEASURES[measure].en)
        yield (
            score_name(label), same(f"{part['by']} {part['part']}"), same(f"{part['n']:,}"), words,
            same(_interval(part["estimates"][measure])), same(f"{overall:.3f}"),
        )  # fmt: skip


def _cell(found: Mapping[str, Any], name: str) -> str:
    return _interval(found[name]) if name in found else "—"


def _interval(one: Mapping[str, float | None]) -> str:
    if any(one[name] is None for name in ("value", "lower", "upper")):
        return NONE.zh
    return f"{one['value']:.3f} [{one['lower']:.3f}, {one['upper']:.3f}]"
