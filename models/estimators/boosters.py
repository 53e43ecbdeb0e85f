"""Boosted trees, small and repeatable: the one place where models touch LightGBM."""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.waiting import wait_briefly


@contextmanager
def _out_of_sight(*names: str) -> Iterator[None]:
    """Make libraries look as if they were not installed, and put everything back afterwards."""
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type] # None is Python's own mark of "no such module"
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


wait_briefly()
# LightGBM imports pandas and scikit-learn if it finds them, seconds and 130 MB; it never gets a table of theirs here.
with _out_of_sight("pandas", "sklearn"):
    import lightgbm

FEW = 8
"""Up to so many rows LightGBM's call for single rows is faster than its call for many."""

FEWEST_LEAVES = 4
CASES_PER_LEAF = 4_000
ONE_THREAD_BELOW = 20_000

Rows = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class BoosterSettings:
    """Size and pace of the trees.

    `min_rows` is the least number of rows in a leaf at scale; `at_scale`
    lowers it for small histories. `columns` is the share
    of the features that a tree may choose from, drawn anew for each tree; with
    `random_splits` a tree tries one threshold of each feature, drawn by lot, and
    not all of them. Many trees that each see a part follow a smooth trend better
    than few that see everything, and above all when cases are few.
    The same settings, thread count included, give the same model text.
    """

    trees: int = 120
    leaves: int = 15
    learning_rate: float = 0.08
    min_rows: int = 200
    bins: int = 63
    l2: float = 1.0
    columns: float = 1.0
    random_splits: bool = False
    seed: int = 20261101
    threads: int = 1

    def at_scale(self, n: int) -> BoosterSettings:
        """Return the settings for `n` rows: a leaf needs one row in a hundred, at least 5, at most `min_rows`."""
        return replace(self, min_rows=min(self.min_rows, max(5, n // 100)))

    def as_fine_as(self, n: int) -> BoosterSettings:
        """Return the settings for `n` cases: a leaf for every `CASES_PER_LEAF`, at least `FEWEST_LEAVES`.

        How finely features may act together is a matter of how many cases can
        tell. Few cases are learned from in one thread: on a busy machine several
        spend their time waiting for each other.
        """
        leaves = min(self.leaves, max(FEWEST_LEAVES, n // CASES_PER_LEAF))
        return replace(self, leaves=leaves, threads=self.threads if n >= ONE_THREAD_BELOW else 1)

    def ways(self) -> tuple[BoosterSettings, ...]:
        """Return the ways to grow that later cases choose from: as set and, where that is by lot, by the best cuts."""
        return (self, replace(self, random_splits=False)) if self.random_splits else (self,)

    def to_json(self) -> dict[str, float]:
        """Return plain values, for the manifest and the experiment record."""
        return asdict(self)


@dataclass(frozen=True)
class Lesson:
    """What one booster learns on given rows: label and weight of each, the objective, the pull of each column."""

    label: Array
    weight: Array | None = None
    objective: str = "binary"
    pulls: tuple[int, ...] = ()


class BoosterTextError(ValueError):
    """A text is not a model that this project wrote."""


class Booster:
    """A trained booster, held by its text: what was evaluated is what is saved and what is served."""

    def __init__(self, text: str) -> None:
        if not text.startswith("tree\n") or "\nend of trees\n" not in text:
            msg = f"不是完整的模型文本（{len(text)} 字符）/ not a whole model text ({len(text)} characters)"
            raise BoosterTextError(msg)
        self.text = text
        self._native = lightgbm.Booster(model_str=text)
        self.width: int = self._native.num_feature()
        self._single = _SingleRows(text, self.width)

    def raw(self, rows: Rows, *, threads: int = 1) -> Array:
        """Return the score in log-odds of each row, shape (n,).

        Neither the number of threads nor that of rows changes the result.
        """
        if len(rows) <= FEW and rows.dtype == np.float32 and rows.shape[1] == self.width:
            return self._single.raw(rows)
        return np.asarray(self._native.predict(rows, raw_score=True, num_threads=threads), dtype=np.float64)

    def contributions(self, rows: Rows) -> Array:
        """Return LightGBM's own TreeSHAP, shape (n, width + 1); slow, kept as the yardstick of `tree_paths`."""
        return np.asarray(self._native.predict(rows, pred_contrib=True, num_threads=1), dtype=np.float64)

    def leaves(self, rows: Rows) -> Ints:
        """Return in which leaf of each tree every row ends, shape (n, trees)."""
        found = np.asarray(self._native.predict(rows, pred_leaf=True, num_threads=1), dtype=np.int64)
        return found.reshape(len(rows), -1)

    def used(self) -> npt.NDArray[np.bool_]:
        """Return which columns any tree splits on."""
        return np.asarray(self._native.feature_importance("split")) > 0


class _SingleRows:
    """LightGBM's C call for single rows, made ready once, so that a row costs its trees and little else."""

    def __init__(self, text: str, width: int) -> None:
        library = _library()
        self._call = library.LGBM_BoosterPredictForMatSingleRowFast
        self._model, self._ready, self._count = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int64()
        _done(library.LGBM_BoosterLoadModelFromString(text.encode(), self._count, self._model))
        weakref.finalize(self, library.LGBM_BoosterFree, self._model)
        asked = (_RAW_SCORE, 0, _ALL_TREES, _FLOAT32, width, b"num_threads=1")
        _done(library.LGBM_BoosterPredictForMatSingleRowFastInit(self._model, *asked, self._ready))
        weakref.finalize(self, library.LGBM_FastConfigFree, self._ready)

    def raw(self, rows: Rows) -> Array:
        """Return the score of each row; `rows` must be float32 and as wide as the model."""
        out = np.empty(len(rows))
        rows = np.ascontiguousarray(rows)
        place, answer, step = rows.ctypes.data, out.ctypes.data, rows.shape[1] * rows.itemsize
        for _ in range(len(rows)):
            _done(self._call(self._ready, place, self._count, answer))
            place, answer = place + step, answer + out.itemsize
        return out


_RAW_SCORE, _ALL_TREES, _FLOAT32 = 1, -1, 0
"""Names of the C interface: C_API_PREDICT_RAW_SCORE, every iteration, C_API_DTYPE_FLOAT32."""


@cache
def _library() -> ctypes.PyDLL:
    """Return LightGBM's C interface, called with Python's lock held.

    A call takes microseconds, so holding the lock costs nobody anything, and
    two threads can never meet in the buffers of one model.
    """
    (path,) = (Path(lightgbm.__file__).parent / "lib").glob("lib_lightgbm.*")
    library = ctypes.PyDLL(str(path))
    address, place, number = ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_int
    count = ctypes.POINTER(ctypes.c_int64)
    library.LGBM_BoosterLoadModelFromString.argtypes = [ctypes.c_char_p, count, place]
    library.LGBM_BoosterPredictForMatSingleRowFastInit.argtypes = [address, *[number] * 5, ctypes.c_char_p, place]
    library.LGBM_BoosterPredictForMatSingleRowFast.argtypes = [address, address, count, address]
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _done(status: int) -> None:
    if status:
        said = _library().LGBM_GetLastError().decode()
        msg = f"LightGBM 拒绝了请求：{said} / LightGBM refused: {said}"
        raise RuntimeError(msg)


class RowStream(lightgbm.Sequence):
    """Rows that are made when they are binned, so that a person-period matrix never stands in memory whole.

    `take` returns the rows of the given numbers. The model text is the same
    as from a matrix.
    """

    batch_size = 8192

    def __init__(self, count: int, take: Callable[[Ints], Rows]) -> None:
        self.count = count
        self.take = take

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.count

    def __getitem__(self, index: int | slice | list[int]) -> npt.NDArray[np.float64]:
        """Return one row, or the rows of a slice."""
        if isinstance(index, slice):
            return self.take(np.arange(*index.indices(self.count))).astype(np.float64)
        return self.take(np.atleast_1d(index)).astype(np.float64)[0 if np.ndim(index) == 0 else slice(None)]


class Binned:
    """Rows binned once, so that several boosters can learn different lessons from them."""

    def __init__(self, rows: Rows | RowStream, *, settings: BoosterSettings) -> None:
        self.settings = settings
        self.data: lightgbm.Dataset = lightgbm.Dataset(rows, params=_parameters(settings)).construct()

    def learn(self, lesson: Lesson, *, settings: BoosterSettings | None = None) -> Booster:
        """Train one booster; other `settings` than those of the bins may change all but the bins."""
        size = settings or self.settings
        parameters = _parameters(size) | {
            "objective": lesson.objective,
            "monotone_constraints": list(lesson.pulls) if any(lesson.pulls) else None,
        }
        _teach(self.data, lesson)
        return Booster(lightgbm.train(parameters, self.data, size.trees).model_to_string())


def _teach(data: lightgbm.Dataset, lesson: Lesson) -> None:
    data.set_label(np.asarray(lesson.label, dtype=np.float32))
    weight = np.ones(len(lesson.label)) if lesson.weight is None else lesson.weight
    data.set_weight(np.asarray(weight, dtype=np.float32))


def _parameters(settings: BoosterSettings) -> dict[str, object]:
    return {
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.min_rows,
        "max_bin": settings.bins,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.columns,
        "extra_trees": settings.random_splits,
        "seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        # Where a tree sees a part of the columns, going by rows would copy that part anew for every tree.
        "force_col_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }
