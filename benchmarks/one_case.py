"""One case, from API document to advice: microseconds of processor time per step, beside three yardsticks.

Run: python -m benchmarks.one_case
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any

import numpy as np
from lightgbm import Booster, LGBMClassifier
from pandas import DataFrame, to_datetime
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from features.case import Case
from features.case.document import document_sha256
from features.clock import days_of
from features.columns import columns_of
from features.known import Known
from features.matrix import matrix
from features.register import Stage, load_register
from models.advise import EXPLAINED, advise, received_on
from models.bundle import Bundle
from models.estimators.boosters import BoosterSettings
from models.estimators.person_period import at_periods
from models.routing import route
from models.rules.evaluate import evaluate
from models.rules.table import RuleTable
from models.scores import score
from models.stage_models import HazardScore, StageModels
from models.triage import view_of
from tests.builders_advise import parsed, random_documents
from tests.builders_models import COURTS, tiny_about, tiny_stage

DEFAULT_SIZE = BoosterSettings(min_rows=5, trees=400, leaves=24, learning_rate=0.06, columns=0.3)
"""The shipped size, 400 trees of 24 leaves, also where training cases are few."""

TRAINED_ON = 3_000
CASES = 50
IN_A_ROW = 10
SEED = 20261101
DATES = ("received_at", "basis_effective_date", "due_date", "pres_expiry", "urge_start", "filed_at", "query_at")

Step = tuple[str, Callable[[int], object]]
"""A step's name, and the step itself for case number i."""


@dataclass(frozen=True)
class Bench:
    """Everything that is ready before a case arrives, and the cases."""

    stage: Stage
    bundle: Bundle
    rules: RuleTable
    documents: list[dict[str, Any]]

    @property
    def models(self) -> StageModels:
        """Return the models of the stage."""
        return self.bundle.stages[self.stage]

    def parse(self, i: int) -> Case:
        """Return case i, checked."""
        return parsed(self.documents[i])

    def answer(self, i: int, *, explained: bool) -> object:
        """Return the advice on case i."""
        return advise(
            self.parse(i), bundle=self.bundle, rules=self.rules, register=load_register(), explained=explained
        )


def ours(bench: Bench) -> Iterator[Step]:
    """Yield the steps of an answer, then the whole answer."""
    register = load_register()
    cases = [bench.parse(i) for i in range(CASES)]
    columns = [columns_of(case, register) for case in cases]
    days = [np.array([days_of(case.as_of)]) for case in cases]
    cut = partial(Known.cut, stage=bench.stage, register=register)
    known = [cut(one, as_of=day) for one, day in zip(columns, days, strict=True)]
    tables = [score(bench.bundle, one, [COURTS[0]]) for one in known]
    rules = [bench.rules.on(received_on(case)) for case in cases]
    tested = [
        evaluate(rules[i], columns[i], as_of=days[i], stage=bench.stage, scores=view_of(tables[i]))
        for i in range(CASES)
    ]
    yield "read and check the document", bench.parse
    yield "columns, computed facts", lambda i: columns_of(cases[i], register)
    yield "cut to what was known", lambda i: cut(columns[i], as_of=days[i])
    yield "matrix row", lambda i: matrix(known[i], bench.models.features)
    yield "scores, matrix included", lambda i: score(bench.bundle, known[i], [COURTS[0]])
    yield (
        "rules",
        lambda i: evaluate(rules[i], columns[i], as_of=days[i], stage=bench.stage, scores=view_of(tables[i])),
    )
    yield "route", lambda i: route(tested[i], view_of(tables[i]))
    yield "rules in words", lambda i: tested[i].trace(0)
    yield "hash of the question", lambda i: document_sha256(cases[i])
    yield WHOLE, partial(bench.answer, explained=False)
    yield EXPLAINED_TOO, partial(bench.answer, explained=True)


WHOLE, EXPLAINED_TOO = "document to advice, no explanation", "document to advice, explained"
FLOOR, SHAP, TYPICAL = "floor: Booster.predict on ready rows", "pred_contrib of explained scores", "typical pipeline"


def yardsticks(bench: Bench) -> Iterator[Step]:
    """Yield what the same boosters cost by themselves, and what a typical user writes with models of that size."""
    rows = bench.models.canaries.rows
    natives = list(_natives(bench.models))
    ready = [
        [(native, at_periods(row, periods) if periods else row) for _, native, periods in natives]
        for row in rows[:, None]
    ]
    explained = [name in EXPLAINED[bench.stage] for name, _, _ in natives]
    shown = [list(compress(row, explained)) for row in ready]
    yield FLOOR, lambda i: [b.predict(x, raw_score=True, num_threads=1) for b, x in ready[i % len(rows)]]
    yield SHAP, lambda i: [b.predict(x, pred_contrib=True, num_threads=1) for b, x in shown[i % len(rows)]]
    fields = list(max((document["case"] for document in bench.documents), key=len))
    frame = partial(_frame, fields=fields)
    pipelines = _pipelines(frame(bench.documents * (TRAINED_ON // CASES)), len(natives))
    yield TYPICAL, lambda i: [each.predict_proba(frame([bench.documents[i]])) for each in pipelines]


def _natives(models: StageModels) -> Iterator[tuple[str, Booster, int]]:
    """Yield each booster as LightGBM has it, with its score's name and its number of periods (0: none)."""
    for name, asked in models.scores.items():
        periods = len(asked.model.grid) if isinstance(asked, HazardScore) else 0
        yield from ((name, Booster(model_str=booster.text), periods) for booster in asked.boosters.values())


def _pipelines(frame: DataFrame, count: int) -> list[Pipeline]:
    """Return one pipeline per booster of the stage, trained on the fields as they are sent."""
    happened = np.random.default_rng(SEED).integers(0, 2, len(frame))
    prepare = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
            ("words", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        ]
    )
    trees = {"n_estimators": 120, "num_leaves": 15, "n_jobs": 1, "verbosity": -1, "random_state": SEED}
    return [make_pipeline(prepare, LGBMClassifier(**trees)).fit(frame, happened) for _ in range(count)]


def _frame(sent: list[dict[str, Any]], *, fields: list[str]) -> DataFrame:
    frame = DataFrame([one["case"] for one in sent], columns=fields).drop(columns=["clue_types", "id_token"])
    for name in DATES:
        if name in frame:
            frame[name] = to_datetime(frame[name], utc=True, format="ISO8601").astype("int64") / 86_400e9
    for name in ("claim_amount", "principal", "paid_before", "pres_cash"):
        frame[name] = frame[name].astype(float)
    return frame


def medians(steps: list[Step], rounds: int) -> Mapping[str, float]:
    """Return each step's median in microseconds; steps take turns, so that a busy minute touches all alike."""
    spent: dict[str, list[int]] = {name: [] for name, _ in steps}
    for turn in range(rounds):
        for name, step in steps:
            for i in range(IN_A_ROW):
                start = time.thread_time_ns()
                step((turn * IN_A_ROW + i) % CASES)
                spent[name].append(time.thread_time_ns() - start)
    return {name: float(np.median(times)) / 1e3 for name, times in spent.items()}


def report(bench: Bench, rounds: int = 20) -> None:
    """Measure one stage and print its table."""
    fast, slow = list(ours(bench)), list(yardsticks(bench))
    for _, step in (*fast, *slow):
        step(0)
    gc.collect()
    gc.freeze()
    found = medians([*fast, *slow[:1]], rounds) | medians(slow[1:], 2)
    width = len(bench.models.features)
    print(f"\nstage {bench.stage}, {width} features, medians of {rounds} rounds of {IN_A_ROW} cases\n")
    for name, spent in found.items():
        print(f"{name:44s}{spent:12,.0f} µs{spent / found[FLOOR]:9.2f} x floor")
    print(f"\n{'typical pipeline / ours, no explanation':44s}{found[TYPICAL] / found[WHOLE]:9.1f}")
    print(f"{'ours explained / pred_contrib':44s}{found[EXPLAINED_TOO] / found[SHAP]:9.2f}")


def main() -> None:
    """Train default-size models on made-up cases, then measure both stages."""
    stages = [tiny_stage(stage, settings=DEFAULT_SIZE, cases=TRAINED_ON) for stage in Stage]
    bundle = Bundle.assemble(stages, about=tiny_about("benchmark"))
    for models in stages:
        models.warm()
        report(Bench(models.stage, bundle, RuleTable.load(), random_documents(models.stage, CASES)))


if __name__ == "__main__":
    main()
