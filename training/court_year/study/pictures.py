"""The pictures of a study: indicators with intervals, shares of lanes, queues over the weeks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from features.known import Array
from models.indicators import Clock
from models.rules.rule import Text
from training.court_year.study.findings import VALUE, Findings
from training.court_year.study.tables import of_clock
from training.evaluation.plots import Panel, Words, plot_figures, plot_shares, plot_weeks

SIMULATED = Words("（模拟）", " (simulated)")


def pictures(found: Findings, folder: Path) -> list[Path]:
    """Draw everything; policies that decide like another one are drawn once."""
    names = [name for name in found.plan.policies if found.prompt[name] and not found.same_as(name)]
    return [*_indicators(found, names, folder), *_lanes(found, names, folder), *_queues(found, names, folder)]


def _marked(zh: str, en: str) -> Words:
    return Words(zh + SIMULATED.zh, en + SIMULATED.en)


def _label(words: Text) -> Words:
    return Words(
        words.zh.removeprefix("公开做法：").partition("：")[0], words.en.removeprefix("published: ").partition(":")[0]
    )


def _indicators(found: Findings, names: list[str], folder: Path) -> list[Path]:
    chosen = of_clock(found, Clock.RECEIPT)
    panels = [
        Panel(Words(one.words.zh, one.words.en), [found.beside(name, one.key).mean for name in names]) for one in chosen
    ]
    worth = [found.beside(name, VALUE).difference for name in names]
    panels.append(Panel(Words("每件效用与金额规则之差（元）", "worth against the amount rule (yuan)"), worth))
    labels = [_label(found.words[name]) for name in names]
    title = _marked("各做法的指标及 95% 区间", "indicators by policy with 95 % intervals")
    return list(plot_figures(labels, panels, title=title, folder=folder, name="indicators"))


def _lanes(found: Findings, names: list[str], folder: Path) -> list[Path]:
    parts: Mapping[str, tuple[Words, tuple[str, ...]]] = {
        "paid": (Words("督促履行", "paid under urging"), ("urging", "paid")),
        "fast": (Words("快执", "fast"), ("lanes", "B", "fast")),
        "complex": (Words("精办", "complex"), ("lanes", "B", "complex")),
    }
    counts = {key: np.array([found.mean(name, *path) for name in names]) for key, (_, path) in parts.items()}
    total = np.maximum(np.sum(list(counts.values()), axis=0), 1.0)
    shares: dict[str, tuple[Words, Array]] = {key: (parts[key][0], count / total) for key, count in counts.items()}
    labels = [_label(found.words[name]) for name in names]
    title = _marked("分道占比", "shares of lanes")
    return list(plot_shares(labels, shares, title=title, folder=folder, name="lanes"))


def _queues(found: Findings, names: list[str], folder: Path) -> list[Path]:
    lines = {name: (_label(found.words[name]), _weeks(found, name)) for name in names}
    known = {name: line for name, line in lines.items() if len(line[1])}
    if not known:
        return []
    words = (Words("周", "week of the year"), Words("待办事项（件）", "pieces of work that wait"))
    title = _marked("一年中的待办队列", "queues over the year")
    return list(plot_weeks(known, title=title, axis_words=words, folder=folder, name="queues"))


def _weeks(found: Findings, name: str) -> Array:
    """Return the mean length of all queues together, week by week."""
    runs = []
    for one in found.prompt[name].values():
        queues = one.get("queues")
        if isinstance(queues, Mapping) and queues:
            runs.append(np.sum([np.array(line, dtype=np.float64) for line in queues.values()], axis=0))
    shortest = min((len(run) for run in runs), default=0)
    return np.mean([run[:shortest] for run in runs], axis=0) if shortest else np.empty(0)
