"""Replay: nothing changes under the same table, every case is counted once, and each change has its ground."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from models.rules.table import RuleTable
from tests.builders_history import a_case, write_history
from tests.builders_rule_tools import LOW_MARK, SMALL_CLAIMS, changed, later_table, shipped, table
from tests.builders_rules import routed
from tests.builders_training import small_history, small_training
from training.console import Lang
from training.errors import CommandError
from training.policies import ByRules
from training.rule_tools.replay.changed_cases import HEADINGS, ChangedCases
from training.rule_tools.replay.grounds import reason_for_change
from training.rule_tools.replay.replaying import Part, Replay
from training.rule_tools.replay.scope import Scope, Skip, courts_of
from training.rule_tools.replay.tally import BANDS, LANE_NAMES, Tally
from training.scoring.input import batches_of_history
from training.scoring.output import write_lines

USUAL = table(LOW_MARK)
SMALL = table(LOW_MARK, more=SMALL_CLAIMS)
HARSH = table(
    ("willingness_threshold = 0.50", "willingness_threshold = 0.95"),
    ("quick_threshold = 0.60", "quick_threshold = 0.90"),
)


def replay(old: RuleTable, new: RuleTable, *, models: bool = True, **scope: object) -> tuple[Replay, list[Part], Tally]:
    """Replay the small history and return what came of it."""
    bundle = small_training().trained.bundle if models else None
    asked, tally = Replay(old, new, Scope(**scope), bundle=bundle), Tally()  # type: ignore[arg-type]
    parts = [part for _, found in asked.parts(small_history().path) for part in found]
    for part in parts:
        tally.add(part)
    return asked, parts, tally


@cache
def small() -> tuple[Replay, list[Part], Tally]:
    """Return the replay of the rule on small claims, which several tests look at."""
    return replay(USUAL, SMALL)


def lines(parts: Sequence[Part], lang: Lang = Lang.ZH) -> list[dict[str, str]]:
    """Return the lines of the changed cases, by key."""
    written = [ChangedCases(lang, simulated=True).columns(part) for part in parts]
    return [dict(zip(HEADINGS, row, strict=True)) for one in written for row in zip(*one.values(), strict=True)]


@pytest.mark.parametrize("one", [USUAL, SMALL, HARSH])
def test_under_the_same_table_nothing_changes(one: RuleTable) -> None:
    """Whatever the table, every case keeps its lane at both stages."""
    _, parts, tally = replay(one, one, models=False)
    assert [tally.changed(stage) for stage in Stage] == [0, 0]
    assert lines(parts) == []


def test_the_same_words_read_twice_change_nothing_either() -> None:
    """Two tables of the same text, with models: scores are computed once, and the lanes are the same."""
    _, _, tally = replay(USUAL, table(LOW_MARK))
    assert tally.cases(Stage.A) == 3_000
    assert [tally.changed(stage) for stage in Stage] == [0, 0]


def test_every_case_is_counted_once_in_every_way() -> None:
    """By court, cause and amount the counts add up to those of all, matrix by matrix."""
    _, parts, tally = small()
    for stage in Stage:
        whole = tally.matrix(stage)
        assert whole.sum() == sum(len(part.batch.ids) for part in parts if part.batch.stage is stage)
        for dimension in ("court", "cause_family", "amount"):
            together = sum(tally.matrix(stage, dimension, part) for part in tally.parts(stage, dimension))
            assert np.array_equal(together, whole)
    assert tally.cases(Stage.A) == 3_000
    assert tally.cases(Stage.B) == len(small_history().known(Stage.B)[2])


def test_a_replay_of_courts_apart_adds_up_to_the_whole() -> None:
    """How a history is divided does not change what is counted."""
    _, _, whole = small()
    apart = [replay(USUAL, SMALL, courts=frozenset({court}))[2] for court in np.unique(small_history().courts)]
    for stage in Stage:
        assert np.array_equal(sum(one.matrix(stage) for one in apart), whole.matrix(stage))


def test_both_sides_are_the_lanes_of_the_one_road() -> None:
    """Each table's lanes are those that scoring with that table gives."""
    _, parts, _ = small()
    bundle = small_training().trained.bundle
    for rules, side in ((USUAL, "old"), (SMALL, "new")):
        policy = ByRules(name="x", words=("", ""), rules=rules, bundle=bundle)  # type: ignore[arg-type]
        for batch in batches_of_history(small_history().path, *Stage):
            found = {
                one: lane
                for part in parts
                if part.batch.stage is batch.stage
                for one, lane in zip(part.batch.ids, getattr(part, side).lane, strict=True)
            }
            assert [found[one] for one in batch.ids] == policy.lanes(batch).tolist()


def test_another_window_is_scored_anew() -> None:
    """A court that urges for 25 days is told the chance of 25 days, as the one road would."""
    long = table(LOW_MARK, ("urging_days = 15", "urging_days = 25"))
    _, parts, _ = replay(USUAL, long, stages=(Stage.A,))
    batch = next(batches_of_history(small_history().path, Stage.A))
    lanes = ByRules(name="x", words=("", ""), rules=long, bundle=small_training().trained.bundle).lanes(batch)  # type: ignore[arg-type]
    found = {one: lane for part in parts for one, lane in zip(part.batch.ids, part.new.lane, strict=True)}
    assert [found[one] for one in batch.ids] == lanes.tolist()
    assert {part.new_table.columns["willingness"].day for part in parts if part.new_table} == {25.0}


def test_a_rule_against_urging_only_takes_cases_out_of_urging() -> None:
    """Nobody is urged who was not; every change names the rule, its turn and what it found."""
    _, parts, tally = small()
    urged = LANE_NAMES.index("urge")
    matrix = tally.matrix(Stage.A)
    off = matrix - np.diag(np.diag(matrix))
    assert off[:, urged].sum() == 0 < off[urged].sum()
    assert tally.changed(Stage.B) == 0
    for line in lines(parts):
        assert line["new_rule"] == "K01"
        assert line["why"].startswith("K01「小额案件直接立案」：无此规则 → 成立（标的额 ")


def test_every_change_is_listed_once_with_its_ground() -> None:
    """As many lines as changes; each has a reason before, a reason after and one for the difference."""
    for old, new in ((USUAL, HARSH), (HARSH, USUAL)):
        _, parts, tally = replay(old, new)
        listed = lines(parts)
        assert len(listed) == sum(tally.changed(stage) for stage in Stage) > 20
        assert len({(line["case_id"], line["stage"]) for line in listed}) == len(listed)
        assert all(line["why"] and line["old_reason"] and line["new_reason"] for line in listed)
        assert all(line["old_lane"] != line["new_lane"] for line in listed)
        assert sum(tally.rules.values()) == len(listed)


def test_a_rule_that_decides_by_missing_facts_is_not_counted_as_met() -> None:
    """Who reads that H02 decided must not take the debtor for bankrupt; the list of cases says it of as many."""
    easier = table(LOW_MARK, ("ability_threshold = 0.60", "ability_threshold = 0.20"))
    _, parts, tally = replay(USUAL, easier, stages=(Stage.A,))
    missing = sum(n for (_, before, _), n in tally.rules.items() if before.unknown)
    assert missing == sum("事实不明" in line["old_reason"] for line in lines(parts)) > 0


def test_an_easier_standard_is_the_ground_where_a_score_now_reaches_it() -> None:
    """At stage B nothing but the mark for quick closing changed, so that is what every line says."""
    _, parts, _ = replay(
        USUAL, table(LOW_MARK, ("quick_threshold = 0.60", "quick_threshold = 0.20")), stages=(Stage.B,)
    )
    found = lines(parts)
    assert len(found) > 20
    for line in found:
        assert (line["old_lane"], line["new_lane"]) == ("精办", "快执")
        assert line["why"].startswith("M02「足额财产、无须处置、能一次性执行」：")
        assert " → 成立（能一次性有效执行：100 件相近案件约 " in line["why"]
        assert "达到 20 件的标准" in line["new_reason"]


def test_a_rule_that_does_not_act_is_no_ground() -> None:
    """Both a rule and a mark are new: large claims change because of the mark alone, and say so."""
    both = table(("willingness_threshold = 0.50", "willingness_threshold = 0.95"), more=SMALL_CLAIMS)
    _, parts, _ = replay(USUAL, both, stages=(Stage.A,))
    grounds = {
        (line["new_rule"], line["why"].split("「")[0]) for line in lines(parts) if line["old_lane"] == "执前督促"
    }
    assert ("K01", "K01") in grounds
    assert not {one for one in grounds if one[0] != "K01" and one[1] == "K01"}
    assert {one[1] for one in grounds} & {"M01"}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "分值：可用 → 暂不评分"),
        ({"served_by_notice": True}, "H08「不宜督促的情形」：不成立 → 成立（审理阶段公告送达，不得督促）"),
    ],
)
def test_a_rule_comes_before_withheld_scores_as_a_ground(facts: dict[str, object], said: str) -> None:
    """Where both changed, the rule is the ground; where only the scores did, they are."""
    old, new = routed(), routed(abstained=True, **facts)
    part = Part(batch=None, old=old, new=new, old_table=None, new_table=None)  # type: ignore[arg-type]
    assert reason_for_change(part, 0).zh.startswith(said)


def test_the_english_list_is_english() -> None:
    """Lanes, stages and reasons follow the language of the command."""
    _, parts, _ = small()
    line = next(one for one in lines(parts, Lang.EN) if one["old_lane"] == "urging before filing")
    assert line["why"].startswith("K01 (small claims are filed at once): no such rule → met (small claim of ")
    assert line["data"] == "simulated"


def test_the_list_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    """A case number that looks like a formula comes out as text, under Chinese headings."""
    path = write_history(tmp_path / "h", cases=[a_case("=1+1", claim_amount=100.0, principal=100.0)])
    lane = 'kind = "hard_lane"\nlane = "fast"'
    sure = table(more=changed(SMALL_CLAIMS, ('kind = "block_urge"', lane), ('on_unknown = "block_urge"\n', "")))
    parts = [part for _, found in Replay(shipped(), sure, Scope(stages=(Stage.A,))).parts(path) for part in found]
    out = tmp_path / "changed.csv"
    assert (
        write_lines(
            (ChangedCases(Lang.ZH, simulated=False).columns(p) for p in parts),
            out,
            {k: v.zh for k, v in HEADINGS.items()},
        )
        == 1
    )
    with out.open(encoding="utf-8-sig", newline="") as file:
        line = next(csv.DictReader(file))
    assert (line["案件编号"], line["新分流"], line["数据"]) == ("'=1+1", "立案，暂定快执", "")


def test_cases_outside_the_scope_are_counted_apart() -> None:
    """Days of receipt are chosen from the first up to, but without, the last."""
    asked, _, tally = replay(shipped(), SMALL, since=date(2024, 1, 1), until=date(2025, 1, 1), models=False)
    received = small_history().received_at
    inside = (received >= 19723) & (received < 20089)
    assert tally.cases(Stage.A) == inside.sum()
    assert asked.skipped[Stage.A][Skip.OUTSIDE] == (~inside).sum()


def test_cases_before_the_tables_or_without_a_date_are_left_out_and_counted(tmp_path: Path) -> None:
    """One before the tables, one without a date of receipt, one good."""
    old = a_case("c2", received_at=datetime.fromisoformat("2021-12-31T23:59:59+08:00"))
    path = write_history(tmp_path / "h", cases=[a_case("c1"), old, a_case("c3", received_at=None)])
    asked = Replay(shipped(), SMALL, Scope(stages=(Stage.A,)))
    assert [part.batch.ids for _, found in asked.parts(path) for part in found] == [["c1"]]
    assert asked.skipped[Stage.A] == {Skip.NO_DATE: 1, Skip.OUTSIDE: 0, Skip.OTHER_COURT: 0, Skip.BEFORE_TABLES: 1}


def test_rules_of_a_later_day_show_only_when_that_day_is_named() -> None:
    """By dates of receipt the new parameters have not begun; as if received in 2027 they count."""
    new = later_table("2027-01-01", ("quick_threshold = 0.60", "quick_threshold = 0.20"))
    _, _, by_receipt = replay(shipped(), new, stages=(Stage.B,))
    _, _, as_if = replay(shipped(), new, stages=(Stage.B,), on=date(2027, 1, 1))
    assert by_receipt.changed(Stage.B) == 0 < as_if.changed(Stage.B)


def test_rules_against_scores_are_counted_on_both_sides() -> None:
    """The new rule stands against the scores in some cases, and in none of the old table."""
    _, _, tally = small()
    assert tally.against[Stage.A, "new", "K01"] > 0 == tally.against[Stage.A, "old", "K01"]


def test_amounts_fall_into_bands_by_their_lower_end(tmp_path: Path) -> None:
    """10,000 yuan is no longer under 10,000; a million is the first of the last band; dollars have no band."""
    amounts = [9_999.99, 10_000.0, 1_000_000.0, None]
    cases = [a_case(f"c{i}", claim_amount=amount) for i, amount in enumerate(amounts)]
    cases.append(a_case("c9", claim_amount=5.0, currency="USD"))
    tally = Tally()
    for _, found in Replay(shipped(), shipped(), Scope(stages=(Stage.A,))).parts(
        write_history(tmp_path / "h", cases=cases)
    ):
        for part in found:
            tally.add(part)
    counted = {band: int(tally.matrix(Stage.A, "amount", band).sum()) for band in BANDS}
    assert counted == {
        "under_10k": 1,
        "10k_50k": 1,
        "50k_100k": 0,
        "100k_500k": 0,
        "500k_1m": 0,
        "from_1m": 1,
        "unknown": 2,
    }


def test_a_table_is_tried_on_the_cases_of_its_own_court() -> None:
    """A court's table on its own cases, any court's that names none; another court's only when asked for."""
    history = small_history()
    name = str(history.courts[0])
    own, other = (table(('court = "default"', f'court = "{code}"')) for code in (name, "京0101"))
    assert courts_of(history, shipped(), own, asked=None) == {name}
    assert courts_of(history, shipped(), asked=None) is None
    assert courts_of(history, other, asked=[name]) == {name}
    with pytest.raises(CommandError, match="规则表属于法院 京0101"):
        courts_of(history, shipped(), other, asked=None)
    with pytest.raises(CommandError, match="没有法院 沪0101；有：") as caught:
        courts_of(history, shipped(), asked=["沪0101"])
    assert caught.value.exit == 4
