"""A study: planned once, resumed where it stopped, the same whoever works, compared seed by seed, marked simulated."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.indicators import indicators
from models.utility import Utility
from tests.builders_court_year import settings
from tests.builders_training import silent
from training.court_year.settings import load_year
from training.court_year.study import work
from training.court_year.study.candidates import Candidates, known_policies
from training.court_year.study.findings import VALUE, Findings
from training.court_year.study.plan import StudyPlan
from training.court_year.study.report import document, write_report
from training.court_year.study.running import run_study
from training.court_year.study.tables import tables
from training.court_year.study.work import chosen_price, price_path, result_path
from training.errors import CommandError

TINY = ("per_year=150", "warm_up_days=60", "path.horizon=90.0")
POLICIES = ("one_judge", "amount", "asset", "longnan", "spc322")


def plan(**changes: object) -> StudyPlan:
    """Return the plan of a tiny study."""
    given = {
        "settings": settings(*TINY), "policies": POLICIES, "seed": 3, "seeds": 2, "late_days": 30.0, "late_seeds": 2,
        "bundle": "", "rules": "", "rules_on": "", "utility": "", "effects": "",
    }  # fmt: skip
    return StudyPlan(**(given | changes))


@cache
def _folder() -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="fenliu-study-"))
    plan().write(folder)
    run_study(folder, jobs=1, console=silent())
    return folder


def study() -> Findings:
    """Return the findings of the tiny study, run once."""
    return Findings.read(_folder())


def test_every_policy_has_every_seed() -> None:
    """No run is missing, promptly filed or held back."""
    found = study()
    for policy in POLICIES:
        assert set(found.prompt[policy]) == {0, 1}
        assert set(found.late[policy]) == {0, 1}


def test_policies_that_decide_alike_are_run_once() -> None:
    """Longnan's published rules and the three tests of Opinion 322 route alike here: one says so of the other."""
    found = study()
    assert found.same_as("spc322") == "longnan"
    assert found.figures["spc322"] == found.figures["longnan"]
    assert found.same_as("amount") == ""


def test_a_stopped_study_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    """What is missing is run again, what is there is left alone, and the figures are those of one go."""
    small = plan(policies=("amount",), seeds=1, late_seeds=0)
    small.write(tmp_path)
    run_study(tmp_path, jobs=1, console=silent())
    path = result_path(tmp_path, "amount", 0, 0.0)
    whole = path.read_text(encoding="utf-8")
    path.unlink()
    run_study(tmp_path, jobs=1, console=silent())
    assert path.read_text(encoding="utf-8") == whole
    before = path.stat().st_mtime_ns
    run_study(tmp_path, jobs=1, console=silent())
    assert path.stat().st_mtime_ns == before


def test_two_workers_find_what_one_finds(tmp_path: Path) -> None:
    """The figures do not depend on how the work was shared out."""
    small = plan(policies=("amount", "asset"), seeds=2, late_seeds=0)
    small.write(tmp_path)
    run_study(tmp_path, jobs=2, console=silent())
    found = Findings.read(tmp_path)
    assert found.figures["amount"] == study().figures["amount"]
    assert found.figures["asset"] == study().figures["asset"]


def test_another_study_is_not_resumed(tmp_path: Path) -> None:
    """A folder with another plan is refused, whatever the difference."""
    plan().write(tmp_path)
    for other in (plan(seed=4), plan(late_days=31.0), replace(plan(), settings=settings("per_year=151"))):
        with pytest.raises(CommandError, match="holds another study"):
            other.write(tmp_path)


def test_a_study_is_widened_by_seeds_and_policies(tmp_path: Path) -> None:
    """More seeds or policies go into the same folder: what is there stays."""
    plan(seeds=1, policies=("amount",)).write(tmp_path)
    plan().write(tmp_path)
    assert StudyPlan.read(tmp_path).seeds == plan().seeds
    assert StudyPlan.read(tmp_path).policies == POLICIES


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Settings, dates, nodes and names survive the file."""
    plan().write(tmp_path)
    assert StudyPlan.read(tmp_path).sha256 == plan().sha256
    assert StudyPlan.read(tmp_path).settings == plan().settings


def test_courts_are_planned_on_the_year_before() -> None:
    """Team sizes come from seeds and days that no measured year has, and add up to the officers there are."""
    before = plan().year_before
    assert before.year_from.year == plan().settings.year_from.year - 1
    teams = json.loads((_folder() / "planning" / "teams-amount.json").read_text(encoding="utf-8"))
    assert sum(teams["sizes"].values()) == plan().settings.officers
    assert json.loads((_folder() / "planning" / "teams-one_judge.json").read_text(encoding="utf-8"))["sizes"] is None


def test_the_price_is_the_one_that_was_worth_most(tmp_path: Path) -> None:
    """Of the prices judged on the year before the best is taken; a policy without prices has none."""
    for number, price in enumerate(work.PRICES):
        worth = [1.0, 5.0 if number == 3 else 2.0]
        path = price_path(tmp_path, "oracle", price)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"worth": worth}), encoding="utf-8")
    assert chosen_price(tmp_path, "oracle") == work.PRICES[3]
    assert chosen_price(tmp_path, "amount") == 0.0


def test_the_reference_differs_from_itself_by_nothing() -> None:
    """Paired differences of the amount rule are nought without any width."""
    found = study()
    for one in indicators():
        difference = found.beside("amount", one.key).difference
        assert difference.value == 0.0 or np.isnan(difference.value)


def test_every_table_has_a_row_for_every_policy() -> None:
    """Tables are whole, every cell is there, and formulas are listed for every indicator."""
    shown = tables(study())
    for table in shown[:5]:
        assert [row["policy"] for row in table.rows] == list(POLICIES)
        assert all(set(table.headings) <= set(row) for row in table.rows)
    assert len(shown[-1].rows) == len(indicators())


def test_the_report_is_one_page_that_says_simulated(tmp_path: Path) -> None:
    """One file holds tables, formulas and assumptions, marked as simulated, and loads nothing from elsewhere."""
    page = write_report(study(), tmp_path, utility=Utility.load(), pictures=()).read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "模拟数据，不得用于办案" in page
    assert all(one.formula.zh in page for one in indicators())
    assert "假定 / assumption" in page
    assert "src=" not in page
    assert "http" not in page
    lines = list(csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text(encoding="utf-8"))))
    assert {line["data"] for line in lines} == {"模拟"}
    assert {line["policy"] for line in lines} == set(POLICIES)


def test_the_document_says_whether_late_filing_paid() -> None:
    """The check's verdict is part of the figures, indicator by indicator."""
    told = document(study(), Utility.load())
    assert told["data"] == "模拟 / simulated"
    assert told["passed"] is True
    assert len(told["late_filing"]) == len(POLICIES) * len(indicators())
    assert told["policies"]["amount"]["figures"][VALUE]["mean"]["value"] == pytest.approx(
        study().beside("amount", VALUE).mean.value
    )


def test_every_known_policy_but_the_learned_ones_can_be_made(tmp_path: Path) -> None:
    """Each name on offer gives a policy of that name."""
    made = Candidates(plan(), tmp_path)
    arrivals = plan().arrivals(0, plan().settings)
    for name in known_policies():
        if name not in {"fenliu", "fenliu_value", "oracle"}:
            assert made.policy(name, arrivals, price=0.0).name == name
    with pytest.raises(CommandError, match="no lane effects were learned"):
        made.policy("fenliu_value", arrivals, price=0.0)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('court="京0101"', "court"),
        ("per_year=-1", "per_year"),
        ("office.absence=1.0", "office.absence"),
        ("office.hours_per_day=0.0", "office.hours_per_day"),
        ("path.horizon=0.5", "path.horizon"),
        ('over_12_base="none"', "over_12_base"),
        ("year_from=2028-02-29", "year_from"),
        ("unheard_of=1", "unknown configuration key"),
    ],
)  # fmt: skip
def test_impossible_years_are_refused(override: str, message: str) -> None:
    """What cannot be simulated is refused by name."""
    with pytest.raises(CommandError, match=message):
        load_year(None, (override,))


def test_a_node_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """A node that nobody would do, or at a place that is none, names itself."""
    text = '[[nodes]]\nid = "x"\nzh = "甲"\nen = "x"\nstrand = "{}"\ndesk = "{}"\nat = {}\n'
    text += 'hours = {{ fast = 1.0 }}\nbasis = "b"\n'
    for strand, desk, at in (("nowhere", "lane", 0.0), ("query", "nobody", 0.0), ("seizure", "lane", 1.5)):
        file = tmp_path / "year.toml"
        file.write_text(text.format(strand, desk, at), encoding="utf-8")
        with pytest.raises(CommandError, match="node x"):
            load_year(file)
