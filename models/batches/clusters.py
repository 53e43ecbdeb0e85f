"""Clusters of cases that no rule groups: parted by questions, so that every name is true of every case in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.batches.questions import WEIGHTS, Question

Rows = npt.NDArray[np.int64]

SMALLEST = 5
"""No cluster is smaller than this, nor than one case in twenty-five."""

LEAST_GAIN = 0.02
"""A question that explains less of the differences than this share parts nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cluster:
    """Cases that answer some questions alike: their rows, and the answers, which are the cluster's name."""

    rows: Rows
    answers: tuple[tuple[int, bool], ...]


def clusters(questions: Sequence[Question], n: int, *, most: int) -> tuple[Cluster, ...]:
    """Part n cases into at most so many clusters, the largest first.

    The next question is always the one that explains most of what still
    differs within any cluster, over all things asked about together (amount
    and lane weigh more); a cluster is its answers, so no case is in a cluster whose name is
    untrue of it.
    """
    answered = np.array([one.yes for one in questions], dtype=np.float64).reshape(len(questions), n).T
    topics = Counter(one.about for one in questions)
    weight = np.array([WEIGHTS.get(one.about, 1.0) / topics[one.about] for one in questions])
    whole = float(answered.var(axis=0) @ weight) * n
    least = max(SMALLEST, n // 25)
    parts = [Cluster(rows=np.arange(n), answers=())]
    while len(parts) < most:
        found = max((_best(answered, weight, part, least) for part in parts), key=lambda one: one.gain)
        if found.gain <= LEAST_GAIN * whole or found.gain <= 0.0:
            break
        parts = [one for one in parts if one is not found.part]
        parts += _parted(answered, found)
    return tuple(sorted(parts, key=lambda one: (-len(one.rows), one.answers)))


def name_of(cluster: Cluster, questions: Sequence[Question]) -> tuple[str, str]:
    """Return what all cases of a cluster have in common, in words: amounts first, and only the narrowest."""
    told = [questions[place] for place, _ in cluster.answers if _tells(cluster, questions, place)]
    words = [one.answer(cluster.rows) for one in sorted(told, key=lambda one: -WEIGHTS.get(one.about, 1.0))]
    if not words:
        return "情况相近，无明显差别", "much alike"
    return "、".join(zh for zh, _ in words), "; ".join(en for _, en in words)


@dataclass(frozen=True, eq=False)
class _Found:
    """The best question for a part, and how much of what differs it explains."""

    part: Cluster
    question: int
    gain: float


def _best(answered: Array, weight: Array, part: Cluster, least: int) -> _Found:
    """Return the question that explains most of the part's differences without leaving a side too small."""
    here = answered[part.rows]
    n, yes = len(here), here.sum(axis=0)
    both = here.T @ here
    able = (yes >= least) & (n - yes >= least)
    if not able.any():
        return _Found(part, -1, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (both**2 / yes[:, None] + (yes[None, :] - both) ** 2 / (n - yes)[:, None]) @ weight
    gain = np.where(able, inside - (yes**2 / n) @ weight, 0.0)
    question = int(np.argmax(gain))
    return _Found(part, question, float(gain[question]))


def _parted(answered: Array, found: _Found) -> list[Cluster]:
    rows, answers = found.part.rows, found.part.answers
    yes = answered[rows, found.question] == 1.0
    return [
        Cluster(rows=rows[yes], answers=(*answers, (found.question, True))),
        Cluster(rows=rows[~yes], answers=(*answers, (found.question, False))),
    ]


def _tells(cluster: Cluster, questions: Sequence[Question], place: int) -> bool:
    """Whether an answer adds to the others: of several amounts only the nearest on each side does, of causes a yes."""
    asked, yes = questions[place], dict(cluster.answers)[place]
    if not np.isnan(asked.upto):
        limits = [questions[other].upto for other, answer in cluster.answers if answer == yes]
        return bool(asked.upto == (np.nanmin(limits) if yes else np.nanmax(limits)))
    return yes or not any(answer and questions[other].about == asked.about for other, answer in cluster.answers)
