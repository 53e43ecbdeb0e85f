"""Suggested thresholds: chosen on earlier cases, measured on later ones, within places and law, unsigned."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from models.lanes import Lane
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from models.utility import Utility
from tests.builders_policy_value import reading, small_settings
from tests.builders_training import small_history, small_training
from tests.builders_utility import free_utility
from tests.test_cli import run
from training.console import Lang
from training.errors import CommandError
from training.policy_value.figures import FIGURES
from training.policy_value.open_cases import Period
from training.rule_tools.tables.opening import open_table
from training.suggesting.beside import PROVISIONAL, WINDOW, best_provisional, best_window
from training.suggesting.choosing import VALUE, Choice, choose
from training.suggesting.draft import text_of, write_draft
from training.suggesting.evidence import CHOSEN, EITHER, LATER, Asked, Evidence, by_target
from training.suggesting.places import Places
from training.suggesting.results import SuggestResults
from training.suggesting.suggestion import Suggestion, suggest
from training.suggesting.trials import (
    CAP,
    DISPOSAL,
    EARLY,
    QUICK,
    UNUSED,
    WILLINGNESS,
    Load,
    Tried,
    grid,
    in_force,
    try_all,
)

ON = date(2026, 12, 1)
HOURS = free_utility(yuan_per_hour=100.0, urge_hours=1.0, fast_hours=4.0, complex_hours=16.0)
"""A setting in which only hours count."""


@cache
def asked(*places: str, hours: bool = False) -> Asked:
    """Return what a suggestion on the small history is made from: most of its cases, for the sake of numbers."""
    worth = HOURS if hours else Utility.load()
    return Asked(
        history=small_history(),
        how=replace(reading(), period=Period(date(2023, 1, 1)), hours=worth.amounts),
        bundle=small_training().trained.bundle,
        settings=small_settings(
            "policy_value.max_weight_share=0.3", "policy_value.min_effective=20", "policy_value.scarce_hour=500"
        ),
        utility=worth,
        places=Places.of_options(places) if places else Places.without_limit(),
        on=ON,
        form=reading().rules,
    )


@cache
def evidence(stage: Stage = Stage.B) -> Evidence:
    """Return the evidence of a stage, priced by hours alone."""
    return asked(hours=True).evidence(stage)


@cache
def tried(*places: str) -> Tried:
    """Return the trials of stage B under these places."""
    what, everyone = asked(*places, hours=True), asked(hours=True).everyone(Stage.B)
    load = Load(everyone.batch, everyone.lanes, (Lane.FAST, Lane.COMPLEX), what.places)
    return try_all(what, evidence(), load, fixed={})


def chosen(*places: str) -> Choice:
    """Return the choice at stage B under these places."""
    return choose(evidence(), tried(*places), HOURS)


@cache
def suggested() -> Suggestion:
    """Return a whole suggestion on the small history."""
    return suggest(asked(), lambda: None)


def test_the_grid_keeps_to_the_law_and_begins_with_what_is_in_force() -> None:
    """Every value tried lies within the bounds of the statute; the values in force come first, and once."""
    rules = RuleTable.load()
    current = {WILLINGNESS: 0.5, CAP: 1_000_000.0}
    points = grid(Stage.A, current, rules.declared)
    assert points[0] == current
    assert len({tuple(point.items()) for point in points}) == len(points) == 12 * 8
    bounds = {one.name: (one.least, one.most) for one in rules.declared}
    assert all(bounds[name][0] <= value <= bounds[name][1] for point in points for name, value in point.items())


def test_no_value_outside_the_law_can_be_tried() -> None:
    """A window of more than a month, and a parameter that is none, are refused by the table itself."""
    rules = RuleTable.load()
    assert rules.with_values(ON, {"urging_days": 20}).number("urging_days") == 20.0
    assert rules.on(ON).number("urging_days") == 15.0
    with pytest.raises(RuleTableError, match="不得放宽"):
        rules.with_values(ON, {"urging_days": 31})
    with pytest.raises(RuleTableError, match="nonsense"):
        rules.with_values(ON, {"nonsense": 1})


def test_values_are_measured_on_later_cases_than_they_are_chosen_on() -> None:
    """The slices follow one another in time, and no debtor or batch stands in both."""
    found = evidence()
    received = small_history().received_at[found.learned.cases.row]
    group = found.learned.cases.group
    earlier, later = found.slices[CHOSEN], found.slices[LATER]
    assert received[earlier].max() < received[later].min()
    assert not np.isin(group[earlier], group[later]).any()
    assert earlier.sum() > 100
    assert later.sum() > 100


def test_trials_differ_from_what_is_in_force_by_what_they_change() -> None:
    """The values in force differ from themselves by nothing; a lower threshold sends more cases the fast way."""
    found = tried()
    assert all(one.value == 0.0 for one in found.trials[0].chosen.values())
    low = next(one for one in found.trials if one.values[QUICK] == 0.10)
    assert low.lanes[0] > found.trials[0].lanes[0]
    assert low.week[Lane.FAST] > found.trials[0].week[Lane.FAST]


def test_where_only_hours_count_the_fast_lane_is_opened() -> None:
    """The best trial on the earlier cases is a low threshold, the one taken lies between it and what is in force."""
    choice = chosen()
    best, taken = choice.trials[choice.best].values[QUICK], choice.suggested.values[QUICK]
    assert best < choice.current.values[QUICK]
    assert best <= taken <= choice.current.values[QUICK]
    low, high = choice.within[QUICK]
    assert low <= best <= high


def test_what_later_cases_confirm_is_suggested_as_the_best_on_all() -> None:
    """Among thresholds that both slices favour the best on all cases is taken, not the nearest."""
    found, every = evidence(), tried()
    each, own = found.figures()
    gains = [
        by_target(each, own, target)[:, VALUE] - by_target(each, own, every.targets[0])[:, VALUE]
        for target in every.targets
    ]
    both = found.slices[EITHER]
    sure = [found.debtors(EITHER).estimate(gain[both]).lower > 0.0 for gain in gains]
    kept = [0, *(i for i, one in enumerate(every.trials) if sure[i] and one.later["value"].value > 0.0)]
    assert len(kept) > 1
    choice = choose(found, Tried(tuple(every.trials[i] for i in kept), every.targets[kept]), HOURS)
    assert choice.confirmed
    each, own = found.to_choose_by(HOURS)
    worth = [by_target(each, own, every.targets[i])[both, VALUE].mean() for i in kept]
    assert worth[choice.taken] == pytest.approx(max(worth))


def test_where_thresholds_are_chosen_an_hour_costs_what_it_takes_from_others() -> None:
    """The figures told stand apart from those chosen by: cut further, and with the scarce hour on top of its price."""
    found = evidence()
    told, chosen_by = found.figures(HOURS)[1], found.to_choose_by(HOURS)[1]
    hours = list(FIGURES).index("hours")
    assert told[:, VALUE] == pytest.approx(-100.0 * told[:, hours])
    assert chosen_by[:, VALUE] == pytest.approx(-600.0 * told[:, hours])
    unlike = found.learned.chances.both.min(axis=1) < 1.0 / found.settings.policy_value.choice_clip
    assert not np.allclose(found.steady[unlike], found.parts[unlike])
    assert np.allclose(found.steady[~unlike], found.parts[~unlike])


def test_what_the_later_cases_do_not_favour_is_not_confirmed() -> None:
    """One slice alone is no confirmation, however clear it is."""
    found = tried()
    doubted = {name: replace(one, value=-1.0) for name, one in found.trials[0].later.items()}
    choice = choose(evidence(), Tried(tuple(replace(one, later=doubted) for one in found.trials), found.targets), HOURS)
    assert choice.trials[choice.best].chosen["value"].value > 0.0
    assert not choice.confirmed


def test_the_pattern_is_tried_where_the_table_in_force_does_not_look_at_its_marks() -> None:
    """What only the pattern looks at has no value in force, and a draft that keeps to it extends the table in force."""
    first = replace(asked(), form=open_table(Path("fast_first")))
    now = in_force(first, Stage.B)
    assert (now[EARLY], now[DISPOSAL], now[QUICK]) == (UNUSED, UNUSED, 0.6)
    points = grid(Stage.B, now, first.rules.declared)
    assert points[0] == now
    assert all(UNUSED not in point.values() for point in points[1:])
    kept = replace(suggested(), asked=first, values=dict(now))
    assert 'extends = "default"' in text_of(kept, version="x", notes={})
    taken = replace(kept, values=dict(points[1]))
    assert 'extends = "fast_first"' in text_of(taken, version="x", notes={})


def test_what_has_no_place_is_not_chosen() -> None:
    """Places for the fast lane keep the threshold where the lane is not overrun; nothing possible is left out."""
    free = chosen()
    limit = (free.trials[free.best].week[Lane.FAST] + free.current.week[Lane.FAST]) / 2.0
    tight = chosen(f"fast={limit:.2f}")
    assert tight.suggested.week[Lane.FAST] <= limit
    assert not tight.crowded
    assert any(one.over > 0.0 and one.week[Lane.FAST] > limit for one in tight.trials)


def test_where_nothing_has_room_the_least_lack_is_taken_and_said() -> None:
    """No places at all: the choice names itself crowded."""
    choice = chosen("fast=0", "complex=0")
    assert choice.crowded
    assert choice.suggested.over == pytest.approx(min(one.over for one in choice.trials))
    assert choice.suggested.weeks_over == 1.0


def test_other_weighings_are_asked_too() -> None:
    """Under hours alone another price of days changes nothing, and no weighing loses less than nothing."""
    choice = chosen()
    assert {one.en for one in choice.otherwise} >= {"a day counts half", "an hour costs double"}
    assert min(one.loss for one in choice.otherwise) >= 0.0
    assert next(one for one in choice.otherwise if one.en == "a day counts double").loss == 0.0


def test_what_later_cases_contradict_is_not_taken_over() -> None:
    """A trial that is clearly worse on the later cases leaves the values in force."""
    choice = chosen()
    worse = replace(choice.suggested, later={"value": replace(choice.suggested.later["value"], upper=-1.0)})
    trials = tuple(worse if place == choice.taken else one for place, one in enumerate(choice.trials))
    bad = replace(choice, trials=trials)
    assert bad.contradicted
    assert bad.settled == 0


def test_trials_that_the_log_cannot_tell_of_are_never_chosen() -> None:
    """A trial with a reason against it has no say, and without any other the stage is refused."""
    found = tried()
    reason = evidence().covered(np.full(len(evidence().learned.cases), -2)).reasons
    assert reason
    blind = Tried(tuple(replace(one, reasons=reason) for one in found.trials), found.targets)
    with pytest.raises(CommandError, match="POLICY_NOT_COVERED"):
        choose(evidence(), blind, HOURS)
    one = Tried((found.trials[0], *(replace(t, reasons=reason) for t in found.trials[1:])), found.targets)
    assert choose(evidence(), one, HOURS).taken == 0


def test_the_window_and_the_provisional_lane_rest_on_the_scores() -> None:
    """The window in force comes first and differs from itself by nothing; longer windows see more payments."""
    found = suggested()
    assert found.windows[0].days == 15.0
    assert found.windows[0].value.value == 0.0
    assert {one.days for one in found.windows} == {7.0, 15.0, 30.0}
    assert found.provisional[0].threshold == 0.60
    assert all(0.0 <= one.agrees <= 1.0 for one in found.provisional)
    assert best_window(found.windows) in {None, 7.0, 30.0}
    assert best_provisional(found.provisional) in {None, *(one.threshold for one in found.provisional)}


def test_the_draft_is_a_table_within_the_law_and_unsigned(tmp_path: Path) -> None:
    """The file passes every check, changes nothing before its day, takes over what is suggested, and nobody signed."""
    found = suggested()
    notes = SuggestResults(found, Lang.ZH).notes()
    path = write_draft(found, tmp_path / "draft", version="draft-20261126", notes=notes)
    text = path.read_text(encoding="utf-8")
    assert RuleTable.check([path]) == ()
    assert re.search(r'^# signed_by = ""', text, flags=re.MULTILINE)
    assert "模拟数据，不得用于办案" in text
    table = open_table(path)
    for name, value in found.values.items():
        assert table.on(ON).number(name) == value
        assert table.on(date(2026, 11, 30)).number(name) == found.current[name]


def test_a_draft_stands_on_the_court_s_own_table(tmp_path: Path) -> None:
    """Where the court has a file of its own, the draft extends it and finds it beside itself."""
    own = tmp_path / "sanshi.toml"
    text = 'format = "fenliu-rules/1"\nscope = "court"\ncourt = "浙1022"\nversion = "1"\nextends = "default"\n'
    text += '[[parameters]]\nversion = "1"\nin_force_from = 2022-01-01\n[parameters.values]\nfixed_wage = 4321\n'
    own.write_text(text, encoding="utf-8")
    found = suggested()
    table = open_table(own)
    ours = replace(found, asked=replace(found.asked, how=replace(found.asked.how, rules=table), form=table))
    path = write_draft(ours, tmp_path / "draft", version="draft-1", notes={})
    assert 'extends = "sanshi"' in path.read_text(encoding="utf-8")
    assert open_table(path).on(ON).number("fixed_wage") == 4321.0
    assert text_of(ours, version="x", notes={}).count("court = ") == 1


OPTIONS = tuple(
    word
    for override in (
        "policy_value.trees=8", "policy_value.resamples=100", "policy_value.min_cases=100", "booster.threads=1",
        "policy_value.max_weight_share=0.3", "policy_value.min_effective=20",
    )
    for word in ("--set", override)
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of its own for the commands of a test."""
    monkeypatch.setenv("FENLIU_HOME", str(tmp_path))
    return tmp_path


def words(*more: str) -> tuple[str, ...]:
    """Return the words of the command on the small history and bundle."""
    small = small_training()
    return ("rules", "suggest", "--model", str(small.bundle), "--data", str(small.history.path), *more)


def test_the_command_leaves_a_draft_with_evidence_in_both_languages(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads values, costs, places and doubts; the draft, figures and two reports lie in the run."""
    out = home / "out.toml"
    status, text, err = run(capsys, *words("--from", "2023-01-01", "--places", "fast=20", "-o", str(out), *OPTIONS))
    assert status == 0
    shown = ("建议的分流参数（模拟，未签署）", "◆", "超出名额", "价值表不同时", "督促期", "总是偏高", "须由人核定")
    assert [one for one in shown if one not in text] == []
    folder = Path(err.strip().splitlines()[-1].partition("：")[2])
    document = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert document["signed_by"] == ""
    assert document["places"]["a_week"] == {"urge": None, "fast": 20.0, "complex": None}
    assert "Suggested thresholds (simulated, unsigned)" in (folder / "report.en.md").read_text(encoding="utf-8")
    assert "建议的分流参数" in (folder / "report.md").read_text(encoding="utf-8")
    (draft,) = (folder / "draft").glob("draft-*.toml")
    assert out.read_text(encoding="utf-8") == draft.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        (("--places", "slow=3"), 2, "--places 应为"),
        (("--on", "2020-01-01"), 2, "--on 应为今天"),
        (("--teams", "nobody.toml"), 4, "没有团队名册 nobody.toml"),
        (("--utility", "nobody.toml"), 4, "没有价值表 nobody.toml"),
        (("--rules", "nobody.toml"), 4, "没有规则表 nobody.toml"),
        (("--from", "2030-01-01", *OPTIONS), 3, "只有 0 件"),
    ],
)
def test_wrong_words_are_refused(
    more: tuple[str, ...], status: int, said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown lanes, past days, missing files and empty periods are named; nothing is written."""
    found, out, err = run(capsys, *words(*more))
    assert (found, out) == (status, "")
    assert said in err
    assert not list(home.glob("runs/*"))


def test_a_bundle_without_a_stage_is_refused() -> None:
    """Scores of one stage cannot choose the thresholds of the other."""
    bundle = small_training().trained.bundle
    half = replace(bundle, stages={Stage.A: bundle.stages[Stage.A]})
    with pytest.raises(CommandError, match=r"USAGE.*没有阶段 B 的分数"):
        replace(asked(), bundle=half).evidence(Stage.B)


def test_every_value_looked_at_is_one_of_the_five() -> None:
    """No other parameter is touched, and those that changed differ from what is in force."""
    found = suggested()
    assert {WILLINGNESS, CAP, QUICK, WINDOW, PROVISIONAL} >= set(found.values) >= {WINDOW, PROVISIONAL}
    assert all(found.values[name] != found.current[name] for name in found.changed)
