"""Synthetic courts for tests: one large enough for margins, shared by the tests that read it, and small ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.events import MONEY
from training.simulate import CourtSettings, simulate
from training.simulate.course import influence
from training.simulate.course.flow import World, run_flow
from training.simulate.court import oracle_columns
from training.simulate.record.application import draw_record
from training.simulate.settings import load_margins

DAY = 86_400.0


def written(out: Path, **settings: object) -> Path:
    """Simulate into a directory; 1,500 cases of three courts unless told otherwise."""
    simulate(out, CourtSettings(**{"n": 1_500, "courts": 3, "seed": 5} | settings))
    return out


def table(out: Path, name: str) -> pd.DataFrame:
    """Return one table of a simulated history."""
    return pq.read_table(out / f"{name}.parquet").to_pandas()


@dataclass(frozen=True)
class Court:
    """A simulated history, with the few derived tables that margins are stated in."""

    out: Path

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tables by name."""
        names = ("cases", "queries", "events", "decisions", "truth")
        return {name: table(self.out, name) for name in names}

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The applications, by case."""
        return self.tables["cases"].set_index("case_id")

    @cached_property
    def lanes(self) -> pd.Series:
        """The lane that a person chose after the query, by case."""
        decided = self.tables["decisions"].query("stage == 'B' and by == 'person'")
        return decided.set_index("case_id")["lane"]

    @cached_property
    def truth(self) -> pd.DataFrame:
        """The truth, by case."""
        return self.tables["truth"].set_index("case_id")

    def first(self, *kinds: str) -> pd.Series:
        """Return the instant of each case's first event of these kinds."""
        events = self.tables["events"]
        return events[events["kind"].isin(kinds)].groupby("case_id")["at"].min()

    @cached_property
    def closed(self) -> pd.DataFrame:
        """The first closing of each filed case: mode, days since filing, claim, and the share recovered by then."""
        events = self.tables["events"]
        closed = events[events["kind"] == "close"].drop_duplicates("case_id").set_index("case_id")
        filed = self.first("file").reindex(closed.index)
        money = events[events["kind"].isin(MONEY)].join(filed.rename("filed"), on="case_id")
        money = money.join(closed["at"].rename("closed"), on="case_id")
        paid = money[(money["at"] >= money["filed"]) & (money["at"] <= money["closed"])]
        return pd.DataFrame({
            "mode": closed["mode"].astype(str),
            "days": (closed["at"] - filed).dt.total_seconds() / DAY,
            "claim": self.cases["claim_amount"].reindex(closed.index),
            "paid": paid.groupby("case_id")["amount"].sum().reindex(closed.index).fillna(0.0),
        })  # fmt: skip

    def full_by(self, day: float) -> pd.Series:
        """Whether each case filed early enough to be followed was fully performed by a day after filing."""
        filed = self.first("file")
        end = pd.Timestamp("2026-06-10", tz="Asia/Shanghai")
        watched = filed.index[filed <= end - pd.Timedelta(days=day + 15)]
        closed = self.closed.reindex(watched)
        return ((closed["mode"] == "full") & (closed["days"] <= day)).astype(float)


def log_loss(chance: np.ndarray | float, happened: np.ndarray) -> float:
    """Return the mean log-loss."""
    p = np.clip(chance, 1e-9, 1 - 1e-9)
    return float(-(happened * np.log(p) + (1 - happened) * np.log(1 - p)).mean())


def fitted_odds(n: int, seed: int) -> dict[str, float]:
    """Return the odds of full performance by day 180 for each effect, fitted to the oracle, and the share explained."""
    margins, asked = load_margins(), CourtSettings()
    world = World(margins.courts[0], margins, margins.scenarios["base"], margins.courts[0].window)
    rng = np.random.default_rng(seed)
    window = (asked.start, asked.end)
    record = draw_record(rng, n, court=world.court, margins=margins, scenario=world.scenario, window=window)
    flow = run_flow(rng, record, world)
    chance = oracle_columns(record, flow, world.court, margins)["p_ability_180_a"]
    values = influence.values_of_record(record.columns, record.applicants.cause, firm=record.firm, margins=margins)
    values |= influence.values_of_history(record.columns)
    filed = np.isfinite(chance)
    parts = [np.nan_to_num(value - margins.effects[name].centre)[filed] for name, value in values.items()]
    matrix = np.stack([*parts, np.ones(filed.sum())], axis=1)
    logit = np.log(chance / (1 - chance))[filed]
    found = np.linalg.lstsq(matrix, logit, rcond=None)[0]
    left = logit - matrix @ found
    return dict(zip(values, np.exp(found), strict=False)) | {"explained": 1 - left.var() / logit.var()}
