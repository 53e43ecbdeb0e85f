"""A simulated history is well formed, reproducible, marked, and holds nothing that nobody could have known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.causes import cause_of
from features.events import EVENT_KINDS, MONEY
from features.history_tables import TABLES, faults
from features.identifiers import parse_case_number
from features.register import Stage, load_register
from models.lifecycle import OverrideReason
from tests.builders_simulate import DAY, table, written
from training.history import History
from training.simulate import CourtSettings, simulate
from training.simulate.settings import load_margins
from training.validation.validate import validate


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six thousand cases of four courts."""
    return written(tmp_path_factory.mktemp("court"), n=6_000, courts=4)


def bytes_of(path: Path) -> dict[str, bytes]:
    """Return the contents of every file in a directory."""
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_same_seed_same_bytes(tmp_path: Path):
    """The same settings write the same bytes, with one worker or with two."""
    one, two = (written(tmp_path / str(workers), workers=workers) for workers in (1, 2))

    assert bytes_of(one) == bytes_of(two)


def test_another_seed_is_another_court(tmp_path: Path):
    """Another seed writes other cases."""
    one, two = (written(tmp_path / str(seed), seed=seed) for seed in (1, 2))

    assert table(one, "cases")["claim_amount"].tolist() != table(two, "cases")["claim_amount"].tolist()


def test_summary_and_progress_count_the_cases(tmp_path: Path):
    """The summary says what was written, and progress ends at all cases."""
    told: list[tuple[int, int]] = []

    summary = simulate(
        tmp_path, CourtSettings(n=900, courts=3), progress=lambda done, total: told.append((done, total))
    )

    assert summary.cases == len(table(tmp_path, "cases")) == 900
    assert summary.events == len(table(tmp_path, "events"))
    assert summary.filed == len(table(tmp_path, "queries"))
    assert told[-1] == (900, 900)
    assert told == sorted(told)


def test_a_simulation_that_is_broken_off_changes_nothing(tmp_path: Path):
    """Ctrl-C or a full disk after the first court: nothing new is left, and what was there is whole and the same."""

    def stopped(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    there, asked = tmp_path / "there", CourtSettings(n=40, seed=5, courts=2)
    simulate(there, asked)
    before = {file.name: file.read_bytes() for file in there.iterdir()}
    for folder in (there, tmp_path / "new"):
        with pytest.raises(KeyboardInterrupt):
            simulate(folder, CourtSettings(n=60, seed=6, courts=2), progress=stopped)
    assert {file.name: file.read_bytes() for file in there.iterdir()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["there"]


def test_everything_says_that_it_is_simulated(out: Path):
    """The history is marked in `meta.json`, each case by its key and its watermark."""
    meta = json.loads((out / "meta.json").read_text(encoding="utf-8"))
    cases = table(out, "cases")

    assert meta["simulated"] is True
    assert set(meta["observed_until"]) == set(cases["court_code"])
    assert (cases["watermark"] == "模拟").all()
    assert cases["case_id"].str.startswith("SIM-").all()


def test_history_opens_and_shows_both_stages(out: Path):
    """The history reader takes every table, and the cut gives one row a case at A and one a query at B."""
    history = History.open(out)

    assert len(history.known(Stage.A)[0]) == 6_000
    assert len(history.known(Stage.B)[0]) == history.queries.num_rows
    assert not [fault for name in TABLES for fault in faults(name, history._table(name).schema, history.register)]


def test_validation_finds_nothing_to_object_to(out: Path):
    """The checks that a court's own export must pass find no error and no warning."""
    objections = [finding for finding in validate(History.open(out)).findings if finding.severity != "info"]

    assert objections == []


def test_enforcement_and_outcome_facts_are_events_only(out: Path):
    """No column of cases or queries is a fact of stages E and O, and cases know nothing of filing or query."""
    register = load_register()
    moments = {name: {register[c].known_at for c in table(out, name).columns if c in register} for name in TABLES[:2]}

    assert moments["cases"] <= set("PAL")
    assert moments["queries"] <= set("FU")


def test_truth_stays_in_the_truth_table(out: Path):
    """No column of the other tables equals a column of the truth."""
    truth = table(out, "truth").set_index("case_id").select_dtypes("number")

    for name in ("cases", "queries", "decisions"):
        other = table(out, name).drop_duplicates("case_id").set_index("case_id").select_dtypes("number")
        both = truth.reindex(other.index)
        same = [(t, c) for t in both for c in other if _alike(both[t], other[c])]
        assert same == []


def _alike(one: pd.Series, two: pd.Series) -> bool:
    """Whether two columns agree in most rows; whole numbers of the truth agree with others by chance."""
    known = one.notna() & two.notna() & (one % 1 != 0)
    return bool(known.sum() > 20 and np.isclose(one[known], two[known]).mean() > 0.5)


def test_events_are_sorted_and_recorded_afterwards(out: Path):
    """Events stand by case and time, none is recorded before it happened, some are recorded late."""
    events = table(out, "events")
    late = (events["recorded_at"] - events["at"]).dt.total_seconds() / DAY

    assert events["case_id"].is_monotonic_increasing
    assert (events.groupby("case_id")["at"].diff().dropna() >= pd.Timedelta(0)).all()
    assert late.min() >= 0
    assert 0.02 < (late > 1).mean() < 0.10


def test_nothing_is_known_after_follow_up_ends(out: Path):
    """No event was recorded, and no query answered or decision taken, after the last observed day."""
    end = pd.Timestamp("2026-07-01", tz="Asia/Shanghai")

    assert table(out, "events")["recorded_at"].max() < end
    assert table(out, "queries")["query_at"].max() < end
    assert table(out, "decisions")["at"].max() < end


def test_people_decide_otherwise_than_usual_and_say_why(out: Path):
    """Before each decision stands the usual lane; only where they differ there is a reason; both have one case."""
    decisions = table(out, "decisions")
    proposed, taken = (decisions[decisions["by"] == by].set_index(["case_id", "stage"]) for by in ("rule", "person"))
    differing = taken["lane"] != proposed["lane"]

    assert (taken.index == proposed.index).all()
    assert (proposed["at"] < taken["at"]).all()
    assert (taken["reason"].notna() == differing).all()
    assert (taken["propensity"][differing] < 0.5).all()
    assert set(taken["reason"].dropna()) == {str(reason) for reason in OverrideReason}
    assert 0.05 < differing.mean() < 0.3


def test_steps_come_in_their_order(out: Path):
    """Receipt, urging, filing, query and closing follow one another; every kind of event occurs."""
    events, cases = table(out, "events"), table(out, "cases").set_index("case_id")
    first = events.pivot_table(index="case_id", columns="kind", values="at", aggfunc="min", observed=False)

    assert set(events["kind"].cat.categories[events["kind"].cat.codes.unique()]) == set(EVENT_KINDS)
    assert (first["urge_start"].dropna() > cases["received_at"].reindex(first["urge_start"].dropna().index)).all()
    for before, after in (("urge_start", "convert"), ("convert", "file"), ("file", "query"), ("query", "close")):
        both = first[[before, after]].dropna()
        assert len(both) > 0
        assert (both[before] <= both[after]).all(), (before, after)


def test_money_never_exceeds_the_claim(out: Path):
    """What a case brings in adds up to its claim at most, and to the claim when it was fully performed.

    Money of the last weeks may not be recorded yet.
    """
    events, cases = table(out, "events"), table(out, "cases").set_index("case_id")
    paid = events[events["kind"].isin(MONEY)].groupby("case_id")["amount"].sum()
    closed = events[events["kind"] == "close"].drop_duplicates("case_id", keep="last").set_index("case_id")
    settled = (closed["mode"] == "full") & (closed["at"] < pd.Timestamp("2026-05-01", tz="Asia/Shanghai"))
    full = closed.index[settled].intersection(paid.index)

    assert cases["claim_amount"].reindex(paid.index).notna().all()
    assert (paid <= cases["claim_amount"].reindex(paid.index) + 0.05).all()
    assert np.allclose(paid[full], cases.loc[full, "claim_amount"], atol=0.05)


def test_zhongben_waits_three_months(out: Path):
    """No 终本 comes within ninety days of filing, also not after a resumption."""
    events = table(out, "events")
    since = {kind: events[events["kind"] == kind].groupby("case_id")["at"].min() for kind in ("file", "zhongben")}

    assert ((since["zhongben"] - since["file"]).dropna().dt.total_seconds() / DAY).min() > 90


def test_later_cases_know_of_earlier_ones(out: Path):
    """A debtor's later application shows the earlier one, filed and not yet closed, as running."""
    cases = table(out, "cases")
    filed = table(out, "events").query("kind == 'file'").groupby("case_id")["at"].min()
    cases["filed"] = cases["case_id"].map(filed)
    later = cases.merge(cases, on="id_token", suffixes=("", "_earlier"))
    later = later[(later["filed_earlier"] < later["received_at"]) & later["prior_enf_n"].notna()]

    assert len(later) > 200
    assert (later["prior_enf_n"] >= 1).all()
    assert (later["open_enf_n"] <= later["prior_enf_n"]).all()


def test_lookups_are_stale_or_late_now_and_then(out: Path):
    """Some registers were looked at weeks before receipt, a few only afterwards."""
    cases = table(out, "cases")
    seen = pd.to_datetime(cases["dishonest_now@observed_at"]).dt.tz_localize("Asia/Shanghai")
    age = (cases["received_at"].dt.normalize() - seen).dt.days

    assert 0.05 < (age > 7).mean() < 0.20
    assert 0.005 < (age < 0).mean() < 0.03


def test_numbers_and_codes_are_valid(out: Path):
    """Case numbers parse, causes are in their list, and tokens are 64 hexadecimal digits."""
    cases, queries = table(out, "cases"), table(out, "queries")
    courts = [n for n, kind in zip(cases["basis_no"], cases["basis_type"], strict=True) if kind == "judgment"]
    causes = cases[["cause_version", "cause_code"]].drop_duplicates()

    assert all(parse_case_number(number).known_type for number in courts[:500])
    assert all(parse_case_number(number).enforcement for number in queries["enf_case_no"][:500])
    assert queries["enf_case_no"].is_unique
    assert all(cause_of(version, code) for version, code in causes.itertuples(index=False))
    assert cases["id_token"].str.fullmatch("[0-9a-f]{64}").all()


def test_causes_change_their_list_and_keep_their_family():
    """Each cause has the same family under the list of 2021 and under that of 2026."""
    for name, cause in load_margins().causes.items():
        old, new = cause_of("2021", cause.code_2021), cause_of("2026", cause.code)
        assert old is not None, name
        assert new is not None, name
        assert old.family == new.family, name


def test_bases_of_2026_stand_under_the_new_list(tmp_path: Path):
    """Judgments that took effect in 2026 carry the codes of 2026, older ones those of 2021."""
    cases = table(written(tmp_path, start=date(2026, 1, 1), end=date(2026, 5, 31)), "cases")
    new = pd.to_datetime(cases["basis_effective_date"]) >= "2026-01-01"

    assert new.any()
    assert (cases["cause_version"].astype(str) == np.where(new, "2026", "2021")).all()


def test_batches_share_a_debtor_or_an_applicant(tmp_path: Path):
    """A batch has one applicant or one debtor, three members at least, and one size for all."""
    cases = table(written(tmp_path, n=12_000, courts=1), "cases").dropna(subset=["batch_id"])
    batches = cases.groupby("batch_id")

    assert len(batches) > 20
    alone = {name: batches[name].nunique() < 2 for name in ("applicant_token", "id_token", "batch_size")}
    assert (alone["applicant_token"] | alone["id_token"]).all()
    assert alone["batch_size"].all()
    assert (batches.size() == batches["batch_size"].first()).all()


def test_scenarios_change_the_world(tmp_path: Path):
    """Under drift, later debtors perform less than under the base scenario."""
    late = {}
    for scenario in ("base", "drift", "shock"):
        folder = written(tmp_path / scenario, n=6_000, scenario=scenario)
        received = table(folder, "cases")["received_at"]
        late[scenario] = table(folder, "truth").loc[received > "2025-01-01", "p_ability_180_a"].mean()

    assert late["drift"] < late["base"] - 0.02
    assert late["shock"] < late["base"] - 0.02


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"courts": 13}, "courts=13"),
        ({"n": 3, "courts": 4}, "n=3"),
        ({"start": date(2026, 1, 2), "end": date(2026, 1, 1)}, "2026-01-02"),
        ({"scenario": "sunny"}, "'sunny'"),
        ({"workers": 0}, "0, 1"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, object], message: str):
    """What cannot be simulated is refused, with the value received."""
    with pytest.raises(ValueError, match=message):
        CourtSettings(**wrong)
