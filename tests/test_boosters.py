"""Boosters: the same number whichever call LightGBM is asked by, and from any number of threads."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
import pytest

from features.register import Stage
from models.estimators.boosters import FEW, Booster, BoosterTextError
from tests.builders_models import random_rows, tiny_stage
from tests.builders_servers import ROOT

STAGE = tiny_stage(Stage.A)
BOOSTER = next(iter(STAGE.scores["recovery"].boosters.values()))
ROWS = random_rows(STAGE.features, Stage.A, 200, seed=11)
WHOLE = lightgbm.Booster(model_str=BOOSTER.text).predict(ROWS, raw_score=True, num_threads=1)


@pytest.mark.parametrize("size", [1, 3, FEW, FEW + 1, 200])
def test_a_row_scores_the_same_alone_and_among_others(size: int) -> None:
    """Single-row calls and LightGBM's own prediction agree bit for bit."""
    parts = [BOOSTER.raw(ROWS[i : i + size]) for i in range(0, len(ROWS), size)]

    assert np.array_equal(np.concatenate(parts), WHOLE)


def test_rows_need_not_stand_side_by_side() -> None:
    """Every second row, and rows back to front, are read where they are."""
    assert np.array_equal(BOOSTER.raw(ROWS[: 2 * FEW : 2]), WHOLE[: 2 * FEW : 2])
    assert np.array_equal(BOOSTER.raw(ROWS[FEW - 1 :: -1]), WHOLE[FEW - 1 :: -1])


def test_threads_do_not_disturb_each_other() -> None:
    """Eight threads on one booster, a thousand single rows: every number is right."""
    places = np.random.default_rng(1).integers(0, len(ROWS), 1_000).tolist()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: float(BOOSTER.raw(ROWS[i : i + 1])[0]), places))

    assert np.array_equal(found, WHOLE[places])


@pytest.mark.parametrize("size", [1, 20])
def test_rows_of_another_width_are_refused(size: int) -> None:
    """Nothing is read beyond the end of a row."""
    with pytest.raises(lightgbm.basic.LightGBMError, match=r"number of features in data \(3\) is not the same"):
        BOOSTER.raw(ROWS[:size, :3])


def test_no_rows_give_no_scores() -> None:
    """Nothing in, nothing out."""
    assert BOOSTER.raw(ROWS[:0]).shape == (0,)


@pytest.mark.parametrize("text", ["", "tree\n", BOOSTER.text[: len(BOOSTER.text) // 2]])
def test_half_a_model_is_refused(text: str) -> None:
    """A text that is cut short never reaches LightGBM."""
    with pytest.raises(BoosterTextError, match=r"不是完整的模型文本（\d+ 字符）/ not a whole model text"):
        Booster(text)


def in_a_fresh_process(code: str) -> object:
    """Run code in a Python of its own and return the JSON it prints last."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_the_online_side_never_loads_pandas_or_scikit_learn() -> None:
    """LightGBM would import both if it saw them; waiting threads soon sleep."""
    code = """
import json, os, sys
import serving.service
heavy = sorted({name.partition(".")[0] for name in sys.modules} & {"pandas", "sklearn", "mlflow", "pyarrow"})
print(json.dumps([heavy, os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"]]))
"""
    assert in_a_fresh_process(code) == [[], "PASSIVE", "1000"]


def test_what_is_hidden_from_lightgbm_is_there_afterwards() -> None:
    """Before or after the boosters: the very same pandas and scikit-learn, whole, and LightGBM beside them."""
    code = """
import json, sys
import pandas
import models.estimators.boosters
same = sys.modules["pandas"] is pandas
from sklearn.linear_model import LogisticRegression
from training.evaluation import baselines
import numpy as np
rows, label = np.random.default_rng(1).normal(size=(200, 3)).astype("f4"), np.arange(200) % 2.0
chances = baselines.lightgbm_default(rows, label, rows, threads=1)
print(json.dumps([same, "sklearn" in sys.modules, len(pandas.DataFrame(rows)), len(chances)]))
"""
    assert in_a_fresh_process(code) == [True, True, 200, 200]
