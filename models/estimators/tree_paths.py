"""Exact shares of each feature in a booster's score: TreeSHAP, summed along the paths to the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array, Booster, BoosterTextError

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

CATEGORICAL, DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 1, 2, 4, 8
"""Bits of LightGBM's `decision_type`."""


@dataclass
class _Step:
    """What one feature must satisfy on the way to one leaf: lie in (above, upto], or be missing where `gap`."""

    above: float = -np.inf
    upto: float = np.inf
    gap: bool = True
    share: float = 1.0


@dataclass(frozen=True)
class _Tree:
    """One tree as LightGBM writes it."""

    feature: list[int]
    threshold: list[float]
    decision: list[int]
    left: list[int]
    right: list[int]
    value: list[float]
    leaf_count: list[float]
    node_count: list[float]

    def count(self, node: int) -> float:
        """Return the training rows that reached a node; leaves are written as -1, -2, ..."""
        return self.node_count[node] if node >= 0 else self.leaf_count[~node]

    def paths(self) -> Iterator[tuple[float, dict[int, _Step]]]:
        """Yield each leaf's value with what it asks of each feature."""
        open_paths: list[tuple[int, dict[int, _Step]]] = [(0 if self.feature else -1, {})]
        while open_paths:
            node, steps = open_paths.pop()
            if node < 0:
                yield self.value[~node], steps
                continue
            for child, left in ((self.right[node], False), (self.left[node], True)):
                share = self.count(child) / self.count(node)
                step = self._narrowed(steps.get(self.feature[node], _Step()), node, left=left, share=share)
                open_paths.append((child, {**steps, self.feature[node]: step}))

    def _narrowed(self, step: _Step, node: int, *, left: bool, share: float) -> _Step:
        cut = self.threshold[node]
        return _Step(
            above=step.above if left else max(step.above, cut),
            upto=min(step.upto, cut) if left else step.upto,
            gap=step.gap and bool(self.decision[node] & DEFAULT_LEFT) == left,
            share=step.share * share,
        )

    def whole(self, width: int) -> bool:
        """Whether every node has all it needs, and is reached from the root on one way that only leads down.

        Where a way led back, whoever follows it would never arrive.
        """
        nodes = len(self.feature)
        lists = (self.threshold, self.decision, self.left, self.right, self.node_count)
        if len(self.value) != nodes + 1 or any(len(one) != nodes for one in lists):
            return False
        down = all(child < 0 or child > node for side in (self.left, self.right) for node, child in enumerate(side))
        children = sorted([*self.left, *self.right])
        every = [*range(-nodes - 1, 0), *range(1, nodes)] if nodes else []
        return down and children == every and all(0 <= feature < width for feature in self.feature)

    def mean(self) -> float:
        """Return the average value over the training rows."""
        return float(np.average(self.value, weights=self.leaf_count))


@dataclass(frozen=True, eq=False)
class TreePaths:
    """All leaves of a booster as paths.

    An element is one feature on one path: `feature`, the interval (`above`,
    `upto`] it must lie in, whether a missing value passes (`gap`), and the
    `share` of training rows that pass. Paths stand from the longest to the
    shortest and elements by their place on the path: all first ones, all
    second ones, ..., `counts` of each, so that the paths that have a place are
    always the first ones. `value` is each path's leaf. `zero` marks features
    whose missing values count as 0, because training never saw one missing.

    With o = 1 where the row passes an element and 0 elsewhere, and z the
    element's share, the Shapley value of feature i is the sum over paths of
    value * (o_i - z_i) * integral over t from 0 to 1 of the product over the
    other elements of t * o_j + (1 - t) * z_j. That product is a polynomial, so
    Gauss-Legendre nodes give the integral exactly.
    """

    width: int
    base: float
    feature: Ints
    above: Array
    upto: Array
    gap: Flags
    share: Array
    counts: tuple[int, ...]
    value: Array
    zero: Flags

    @classmethod
    def of(cls, booster: Booster) -> Self:
        """Read the paths from a booster's text."""
        trees = trees_of(booster.text)
        paths = [(value, [*steps.items()]) for tree in trees for value, steps in tree.paths() if steps]
        paths.sort(key=lambda path: -len(path[1]))
        longest = len(paths[0][1]) if paths else 0
        counts = tuple(sum(len(steps) > place for _, steps in paths) for place in range(longest))
        elements = [paths[i][1][place] for place, count in enumerate(counts) for i in range(count)]
        zero = np.zeros(booster.width, dtype=bool)
        splits = [split for tree in trees for split in zip(tree.feature, tree.decision, strict=True)]
        zero[[feature for feature, decision in splits if not decision & MISSING_NAN]] = True
        return cls(
            width=booster.width,
            base=sum(tree.mean() for tree in trees),
            feature=np.array([name for name, _ in elements], dtype=np.intp),
            above=np.array([step.above for _, step in elements]),
            upto=np.array([step.upto for _, step in elements]),
            gap=np.array([step.gap for _, step in elements], dtype=bool),
            share=np.array([step.share for _, step in elements]),
            counts=counts,
            value=np.array([value for value, _ in paths]),
            zero=zero,
        )

    def contributions(self, row: npt.NDArray[np.float32]) -> Array:
        """Return the Shapley value of every column for one row, shape (width,); with `base` they sum to the score."""
        step = self._passes(row) - self.share
        factors = self._factors(step, self.share)
        return self._effects(step, factors, factors, value=self.value)

    def over_periods(self, row: npt.NDArray[np.float32], weights: Array) -> Array:
        """Return the weighted sum over periods of the Shapley values of all columns but the last, the period.

        Only elements that ask for the period differ between periods, and the
        product is linear in each element, so weighting those elements gives
        the sum in one pass.
        """
        step = self._passes(np.append(row, np.float32(0.0))) - self.share
        plain = self._factors(step, self.share)
        timed, total = self._timed, weights.sum()
        periods = np.arange(len(weights), dtype=np.float64)[:, None]
        inside = weights @ ((periods > self.above[timed]) & (periods <= self.upto[timed]))
        share = self.share[timed] * total
        weighted = plain.copy()
        weighted[timed] = self._factors(inside - share, share)
        value = np.where(self._has_time, self.value, self.value * total)
        return self._effects(step, plain, weighted, value=value)[:-1]

    @cached_property
    def _timed(self) -> Ints:
        """Elements that ask for the last column."""
        return np.flatnonzero(self.feature == self.width - 1)

    @cached_property
    def _has_time(self) -> Flags:
        """Paths with such an element."""
        path = np.concatenate([np.arange(count) for count in self.counts] or [np.arange(0)])
        return np.isin(np.arange(len(self.value)), path[self._timed])

    @cached_property
    def _nodes(self) -> tuple[Array, Array]:
        """Return the fewest Gauss-Legendre nodes and weights on [0, 1] that are exact for the longest path."""
        nodes, weights = np.polynomial.legendre.leggauss(max((len(self.counts) + 1) // 2, 1))
        return (nodes + 1.0) / 2.0, weights / 2.0

    def _passes(self, row: npt.NDArray[np.float32]) -> Flags:
        filled = np.where(self.zero & np.isnan(row), 0.0, row.astype(np.float64))
        x = filled[self.feature]
        return ((x > self.above) & (x <= self.upto)) | (np.isnan(x) & self.gap)

    def _factors(self, step: Array, share: Array) -> Array:
        """Return z + t * (o - z) of every element at every node t, shape (elements, nodes)."""
        return np.asarray(share[:, None] + step[:, None] * self._nodes[0])

    def _effects(self, step: Array, plain: Array, weighted: Array, *, value: Array) -> Array:
        """Return the effects by column: products of `weighted` factors, each element's own `plain` one left out.

        Where the two differ, the effect of the element itself is not meant to be read.
        """
        nodes, weights = self._nodes
        product = np.repeat(value[:, None], len(nodes), axis=1)
        ends = np.cumsum(self.counts)
        for count, end in zip(self.counts, ends, strict=True):
            product[:count] *= weighted[end - count : end]
        others = np.empty_like(plain)
        for count, end in zip(self.counts, ends, strict=True):
            np.divide(product[:count], plain[end - count : end], out=others[end - count : end])
        effects = np.bincount(self.feature, weights=(others @ weights) * step, minlength=self.width)
        return effects.astype(np.float64, copy=False)


def trees_of(text: str) -> list[_Tree]:
    """Read the trees of a model text.

    Raises
    ------
    BoosterTextError
        A tree is not whole: LightGBM would read beyond its ends or follow it for ever, on rows that nobody tried.
    """
    head, *blocks = text.partition("\nend of trees\n")[0].split("\nTree=")
    width = int(_lines(head).get("max_feature_idx", "-1")) + 1
    trees = [_tree(block) for block in blocks]
    broken = [number for number, tree in enumerate(trees) if not tree.whole(width)]
    if broken:
        msg = f"第 {broken[0]} 棵树不完整 / tree {broken[0]} is not whole"
        raise BoosterTextError(msg)
    return trees


def _lines(block: str) -> dict[str, str]:
    """Return what each name stands for; a name that stands there twice could be read two ways."""
    pairs = [line.partition("=")[::2] for line in block.splitlines() if "=" in line]
    if len(dict(pairs)) != len(pairs):
        msg = "同一名称出现两次 / a name stands there twice"
        raise BoosterTextError(msg)
    return dict(pairs)


def _tree(block: str) -> _Tree:
    """Read one tree; a tree of a single leaf has no lists of nodes."""
    lines = _lines(block)
    tree = _Tree(
        feature=_ints(lines, "split_feature"),
        threshold=_floats(lines, "threshold"),
        decision=_ints(lines, "decision_type"),
        left=_ints(lines, "left_child"),
        right=_ints(lines, "right_child"),
        value=_floats(lines, "leaf_value"),
        leaf_count=_floats(lines, "leaf_count"),
        node_count=_floats(lines, "internal_count"),
    )
    odd = [decision for decision in tree.decision if decision & (CATEGORICAL | MISSING_ZERO)]
    if odd:
        msg = f"不支持的分裂方式 {odd[0]} / this kind of split has no paths here: {odd[0]}"
        raise BoosterTextError(msg)
    return tree if tree.feature else _leaf(tree)


def _leaf(tree: _Tree) -> _Tree:
    return _Tree([], [], [], [], [], tree.value, [1.0], [])


def _ints(lines: Mapping[str, str], name: str) -> list[int]:
    return [int(text) for text in lines.get(name, "").split()]


def _floats(lines: Mapping[str, str], name: str) -> list[float]:
    return [float(text) for text in lines.get(name, "").split()]
