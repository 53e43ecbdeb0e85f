"""One page for the leadership: what it is, how good, what people make of it, what is to be decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.rules.rule import Text
from training.reporting.figures import disagreement, score_name
from training.reporting.record import Record
from training.reporting.section import Grid, Section, bullets


def brief(record: Record) -> list[Section]:
    """Return the page."""
    return [
        Section(Text("一句话", "In one sentence"), (_sentence(record),)),
        Section(Text("准不准", "How good it is"), tuple(_quality(record))),
        Section(Text("用得怎样", "How it is used"), tuple(_use(record))),
        Section(Text("需要决定的事", "What is to be decided"), tuple(bullets(_decisions(record)))),
    ]


def _sentence(record: Record) -> Text:
    about, present = record.bundle.about, record.present
    state = (
        (f"自 {present.since[:10]} 起现用", f"in use since {present.since[:10]}")
        if present
        else ("未启用", "not in use")
    )
    mark = (
        ("由模拟数据训练，不得用于办案；", "trained on simulated data, not for real cases; ")
        if about.simulated
        else ("", "")
    )
    return Text(
        f"模型包 {about.name} {state[0]}，有效至 {about.valid_until}；{mark[0]}它只提建议，分流由法官决定。",
        f"Bundle {about.name} is {state[1]}, valid until {about.valid_until}; {mark[1]}it proposes, judges decide.",
    )


def _quality(record: Record) -> Iterator[Text | Grid]:
    if not record.scores:
        yield Text("尚无评估记录。", "It has not been evaluated yet.")
        return
    headings = (
        Text("分数", "score"), Text("每百件实际", "of 100, in fact"), Text("每百件预测", "of 100, predicted"),
        Text("排序：把能履行的排在前面的比例", "pairs ranked rightly"), Text("比“一律取平均”", "against the mean"),
    )  # fmt: skip
    yield Grid(headings, tuple(_line(label, one) for label, one in record.scores.items()))
    failed = [one for one in (record.evaluation or {})["gates"] if not one["passed"]]
    total = len((record.evaluation or {})["gates"])
    yield Text(
        f"关口 {total} 项，通过 {total - len(failed)} 项。",
        f"{total - len(failed)} of {total} gates passed.",
    )


def _line(label: str, score: Any) -> tuple[Text, ...]:  # noqa: ANN401 - figures as JSON holds them
    own, constant, figures = score["methods"]["fenliu"], score["methods"]["constant"], score["figures"]
    measure = "log_loss" if "log_loss" in own else "mse"
    gain = 1.0 - own[measure]["value"] / constant[measure]["value"]
    auc = own.get("auc", {}).get("value")
    said = (f"误差减少 {gain:.0%}", f"{gain:.0%} less error") if gain > 0 else ("没有更好", "no better")
    return (
        score_name(label),
        Text(f"{100 * figures['rate']:.0f}", f"{100 * figures['rate']:.0f}"),
        Text(f"{100 * figures['mean_score']:.0f}", f"{100 * figures['mean_score']:.0f}"),
        Text("—", "—") if auc is None else Text(f"{auc:.0%}", f"{auc:.0%}"),
        Text(*said),
    )


def _use(record: Record) -> Iterator[Text]:
    yield disagreement(record)
    if record.watched is None:
        yield Text("尚无监测记录。", "It has not been watched yet.")
        return
    bad = sum(one["level"] == "alarm" for one in record.watched["alarms"])
    days = record.watched["window"]
    yield Text(
        f"监测期 {days['since']} 至 {days['until']}（不含），警报 {bad} 项。",
        f"Watched from {days['since']} until {days['until']}: {bad} alarms.",
    )


def _decisions(record: Record) -> Iterator[Text]:
    """Yield what the record calls for; never more than it shows."""
    left = (record.bundle.about.valid_until - record.at.date()).days
    if left < 90:
        yield Text(f"距有效期满 {left} 日，须安排重训。", f"It expires in {left} days: plan a retraining.")
    if record.evaluation is None:
        yield Text("启用前须先评估。", "It must be evaluated before use.")
    elif not record.evaluation["passed"]:
        yield Text("有关口未通过，不得启用。", "A gate failed: it may not be used.")
    if record.watched is not None and record.watched["status"] == "alarm":
        yield Text(
            "监测有警报：核实原因，决定退回（fenliu rollback）、重训或继续。",
            "Watching alarms: roll back, retrain or go on.",
        )
    if record.bundle.about.simulated:
        yield Text("以本院历史数据重新训练后方可用于办案。", "Retrain on the court's own history before real use.")
    if not record.facts.assessment.strip():
        yield Text("个人信息保护影响评估尚未登记（report.toml）。", "No impact assessment is on record (report.toml).")
