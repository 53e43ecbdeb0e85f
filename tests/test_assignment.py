"""Assignment: limits are never exceeded, ranks never traded, groups never torn, and the best plan is found."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from models.assignment import Assignment, Demand, DemandError, Reason
from models.lanes import LANES, Lane
from models.teams import Load, TeamRegister
from tests.builders_assignment import TODAY, demand, given, random_day, shuffled, two_teams
from tests.builders_teams import DAY, away, member, register, team

DAYS = st.builds(
    random_day,
    st.integers(1, 60),
    teams=st.integers(0, 8),
    seed=st.integers(0, 10_000),
    grouped=st.sampled_from([0.0, 0.5, 1.0]),
    tight=st.sampled_from([0.0, 0.2, 0.6, 2.0]),
)


def loads(done: Assignment) -> dict[str, float]:
    """Return the weighted units that each team got, counted from the cases."""
    found: dict[str, float] = {}
    for name, weight in zip(done.team, done.weight.tolist(), strict=True):
        if name is not None:
            found[name] = found.get(name, 0.0) + weight
    return found


def lanes_of(reg: TeamRegister) -> dict[str, frozenset[Lane]]:
    """Return the lanes of each team."""
    return {one.id: one.lanes for one in reg.teams}


@settings(max_examples=60, deadline=None)
@over(day=DAYS)
def test_no_team_gets_more_than_it_can_take(day: tuple[Demand, TeamRegister]) -> None:
    """Whatever the day, the weight of a team's cases is at most what it was free to take."""
    done = given(*day)
    free = {one.team: one.free for one in done.teams}

    assert all(weight <= free[name] + 1e-9 for name, weight in loads(done).items())
    assert {one.team: one.given for one in done.teams if one.given} == pytest.approx(loads(done))


@settings(max_examples=40, deadline=None)
@over(day=DAYS)
def test_no_plan_exceeds_its_bound(day: tuple[Demand, TeamRegister]) -> None:
    """At every rank up to the first that falls short, and then in value, the bound is not exceeded."""
    proof = given(*day).proof
    ranks = [rank for rank in sorted(proof.placed) if proof.short is None or rank <= proof.short]

    assert all(proof.placed[rank] <= proof.most[rank] for rank in ranks)
    assert proof.short is not None or proof.value <= proof.bound * (1 + 1e-9) + 1e-6


@settings(max_examples=60, deadline=None)
@over(day=DAYS)
def test_lanes_and_specialised_pools_are_kept(day: tuple[Demand, TeamRegister]) -> None:
    """A case goes to a team of its own lane, or waits; no value moves it into another lane."""
    done = given(*day)
    allowed = lanes_of(day[1])

    assert all(
        name is None or LANES[code] in allowed[name]
        for name, code in zip(done.team, done.demand.lane.tolist(), strict=True)
    )


@settings(max_examples=60, deadline=None)
@over(day=DAYS)
def test_every_case_is_given_or_listed_with_a_reason(day: tuple[Demand, TeamRegister]) -> None:
    """Nothing is dropped: each case has a team and a member, or stands once in the list of those that wait."""
    done = given(*day)
    waits = {i for i, name in enumerate(done.team) if name is None}

    assert set(done.waiting.tolist()) == waits == {i for i, why in enumerate(done.reason) if why is not None}
    assert all((a is None) == (b is None) for a, b in zip(done.team, done.member, strict=True))
    assert done.rank[done.waiting].tolist() == sorted(done.rank[done.waiting].tolist())


@settings(max_examples=60, deadline=None)
@over(day=DAYS)
def test_groups_stay_together(day: tuple[Demand, TeamRegister]) -> None:
    """A group is in one team, or waits whole, unless the day's notes say what was done with it."""
    done = given(*day)
    told = " ".join(note.zh for note in done.notes if note.code in {"group_split", "group_spread", "group_part"})
    teams: dict[str, set[str | None]] = {}
    for group, name in zip(done.demand.group, done.team, strict=True):
        if group is not None:
            teams.setdefault(group, set()).add(name)

    assert [g for g, names in teams.items() if len(names) > 1 and f"组 {g} " not in told] == []


@settings(max_examples=60, deadline=None)
@over(day=DAYS)
def test_no_case_waits_for_a_place_that_a_later_rank_has(day: tuple[Demand, TeamRegister]) -> None:
    """Where a single case waits, no team that may take it has room, even if all cases of later ranks stood up."""
    done = given(*day)
    free = {one.team: one.free - one.given for one in done.teams}
    lanes = lanes_of(day[1])
    grouped = np.array([group is not None for group in done.demand.group])
    for i in [i for i in done.waiting.tolist() if done.reason[i] is Reason.NO_PLACE and not grouped[i]]:
        later = (done.rank > done.rank[i]) & ~grouped
        for name in [name for name, taken in lanes.items() if LANES[done.demand.lane[i]] in taken]:
            room = free[name] + sum(done.weight[j] for j in np.flatnonzero(later) if done.team[j] == name)
            assert room < done.weight[i]


@settings(max_examples=40, deadline=None)
@over(day=DAYS, seed=st.integers(0, 1000))
def test_the_order_of_the_cases_plays_no_part(day: tuple[Demand, TeamRegister], seed: int) -> None:
    """The same cases in another order give the same teams, members and record."""
    one, other = given(*day), given(shuffled(day[0], seed), day[1])

    assert (one.team, one.member, one.record.sha256) == (other.team, other.member, other.record.sha256)


def best(cases: Demand, done: Assignment, reg: TeamRegister, gain: float) -> tuple[tuple[int, ...], float]:
    """Return the counts by rank and the value of the best plan, found by trying all."""
    values = cases.counted_value()
    free = {one.team: one.free for one in done.teams}
    special = {one.id: one.families for one in reg.teams}
    choices = [[None, *[name for name, lanes in lanes_of(reg).items() if LANES[code] in lanes]] for code in cases.lane]
    top: tuple[tuple[int, ...], float] = ((), -1.0)
    for plan in product(*choices):
        used = dict.fromkeys(free, 0.0)
        for weight, name in zip(done.weight.tolist(), plan, strict=True):
            if name is not None:
                used[name] += weight
        if any(used[name] > free[name] + 1e-9 for name in free):
            continue
        here = [i for i, name in enumerate(plan) if name is not None]
        counts = tuple(sum(int(done.rank[i]) == rank for i in here) for rank in range(7))
        worth = sum(
            values[i] + (gain if "financial_loan" in special[str(plan[i])] and cases.family[i] == 0 else 0)
            for i in here
        )
        top = max(top, (counts, worth))
    return top


@settings(max_examples=40, deadline=None)
@over(data=st.data())
def test_the_plan_is_the_best_of_all_on_small_days(data: st.DataObject) -> None:
    """Most cases rank by rank, then most value: what trying every plan finds, with weights of 0.5, 1 and 3."""
    n = data.draw(st.integers(1, 6))
    pick = lambda *options: data.draw(st.lists(st.sampled_from(options), min_size=n, max_size=n))  # noqa: E731
    cases = demand(
        n, lane=pick(Lane.URGE, Lane.FAST, Lane.COMPLEX), livelihood=pick(True, False, False), family=pick(0.0, 5.0),
        deadline=[TODAY + days for days in pick(0, 3, 30)], value=[float(v) for v in pick(10, 10, 55, 320, np.nan)],
    )  # fmt: skip
    reg = register(
        team("甲", member("a", data.draw(st.sampled_from([0.0, 1.0, 3.5]))), lanes=(Lane.FAST, Lane.COMPLEX)),
        team("乙", member("b", data.draw(st.sampled_from([0.5, 2.0]))), lanes=(Lane.URGE, Lane.FAST)),
        team("丙", member("c", 3.0), lanes=(Lane.COMPLEX,), families=frozenset({"financial_loan"})),
        weights={Lane.URGE: 0.5, Lane.FAST: 1.0, Lane.COMPLEX: 3.0},
    )
    done = given(cases, reg, gain=40.0)
    counts, value = best(done.demand, done, reg, 40.0)

    assert tuple(done.proof.placed.get(rank, 0) for rank in range(7)) == counts
    assert done.proof.value == pytest.approx(value)
    assert done.proof.best


@pytest.mark.parametrize("places", [0.0, 1.0, 2.0, 5.0])
def test_livelihood_comes_before_any_money(places: float) -> None:
    """Two wages of 10 yuan come before three loans of a billion, whatever the places."""
    cases = demand(5, livelihood=[False, True, False, True, False], value=[1e9, 10, 1e9, 10, 1e9])
    done = given(cases, two_teams(places))
    served = [i for i, name in enumerate(done.team) if name is not None]

    assert len(served) == int(places)
    assert {1, 3} <= set(served) or set(served) <= {1, 3}


def test_a_statutory_date_comes_before_money_and_after_livelihood() -> None:
    """With two places: the livelihood claim and the case due today, not the one of most value."""
    cases = demand(4, livelihood=[0, 0, 1, 0], deadline=[TODAY, TODAY + 30, np.nan, TODAY + 3], value=[1, 1e6, 1, 50])
    done = given(cases, two_teams(2.0))

    assert [name is not None for name in done.team] == [True, False, True, False]
    assert done.waiting.tolist() == [3, 1]


def test_a_flexible_case_makes_room_for_one_that_is_not() -> None:
    """The first case may go to both teams, the second to one: both are placed."""
    reg = register(team("甲", member("a", 1.0)), team("乙", member("b", 1.0), lanes=(Lane.FAST, Lane.URGE)))
    done = given(demand(2, lane=[Lane.FAST, Lane.URGE], livelihood=[True, False]), reg)

    assert done.team == ("甲", "乙")


def test_a_pool_takes_all_of_its_kind_and_an_exclusive_team_nothing_else() -> None:
    """Financial loans go to the pool even when it is full; other cases never go to it."""
    pool = team("金", member("a", 1.0), families=frozenset({"financial_loan"}), pool=True, exclusive=True)
    done = given(demand(4, family=[0, 0, 5, np.nan]), register(pool, team("普", member("b", 9.0))))

    assert done.team.count("金") == 1
    assert done.team[2:] == ("普", "普")
    assert [why for why in done.reason if why] == [Reason.NO_PLACE]


def test_what_a_specialised_team_adds_decides_between_teams() -> None:
    """With places enough everywhere, a construction case goes to the team that knows construction."""
    knows = team("乙", member("b", 9.0), families=frozenset({"construction"}))
    done = given(demand(1, family=[8.0]), register(team("甲", member("a", 9.0)), knows), gain=100.0)

    assert done.team == ("乙",)


def test_an_earlier_case_of_the_debtor_binds_its_team() -> None:
    """The new case follows the old one; when that team is gone, it is free."""
    cases = demand(5, bound=["队1"] * 4 + ["已撤销的队"])
    done = given(cases, two_teams(9.0, 9.0))

    assert done.team == (*["队1"] * 4, "队0")
    assert [note.zh[:9] for note in done.notes] == ["1 件的原承办团队"]


def test_a_rule_that_names_a_team_leads_there() -> None:
    """By the team's id or a code that it answers to, before pools and what else a team takes; else a note says so."""
    teams = [
        team("甲", member("1", 9)),
        team("乙", member("2", 9), families=frozenset({"sale"}), exclusive=True, answers_to=("finance",)),
        team("丙", member("3", 9), lanes=(Lane.COMPLEX,)),
    ]
    led = [frozenset({"finance"}), frozenset({"甲"}), frozenset({"丙"}), frozenset({"major"}), frozenset[str]()]
    done = given(demand(5, led=led), register(*teams))

    assert dict(zip(done.demand.ids, done.team, strict=True)) == {
        "申00000": "乙", "申00001": "甲", "申00002": "甲", "申00003": "甲", "申00004": "甲",
    }  # fmt: skip
    assert [one.zh for one in done.notes if one.code == "unled"] == [
        "2 件依本院规则应由团队 major、丙 办理，团队文件中没有办理其程序的该团队，改按一般次序分派"
    ]


def test_a_rule_goes_before_the_team_of_an_earlier_case() -> None:
    """Where both name teams that take the case, the court's rule is followed and the note on earlier cases stands."""
    done = given(demand(1, led=[frozenset({"队1"})], bound=["队0"]), two_teams(5, 5))

    assert done.team == ("队1",)
    assert [one.code for one in done.notes] == ["unbound"]


def test_a_recused_member_never_gets_the_case() -> None:
    """With one member recused the other draws the case; with both, it waits and says so."""
    reg = register(team("甲", member("a"), member("b")))
    done = given(demand(2, recused=[frozenset({"a"}), frozenset({"a", "b"})]), reg)

    assert done.member == ("b", None)
    assert done.reason[1] is Reason.RECUSED


def test_recusals_and_loads_of_nobody_are_refused() -> None:
    """A slip in a staff number would otherwise give the case to the very person who may not have it."""
    with pytest.raises(DemandError, match="回避人员中 1 个编号、已分工作量中 0 个编号"):
        given(demand(1, recused=[frozenset({"员O"})]), two_teams(1.0))
    with pytest.raises(DemandError, match="已分工作量中 1 个编号"):
        given(demand(1), two_teams(1.0), loads={"员9": Load(today=1)})


def test_each_reason_to_wait_is_told_apart() -> None:
    """No lane yet, no team for the lane, everybody away, no place: four different things to do about it."""
    reg = register(
        team("甲", member("a", 1.0)), team("乙", member("b"), lanes=(Lane.URGE,)), absences=[away("b")]
    )  # fmt: skip
    cases = demand(6, lane=[None, Lane.NONE, Lane.COMPLEX, Lane.URGE, Lane.FAST, Lane.FAST])
    done = given(cases, reg)
    found = [why for why in done.reason if why is not None]

    assert found == [Reason.NO_LANE, Reason.NO_LANE, Reason.NO_TEAM, Reason.ABSENT, Reason.NO_PLACE]


def test_a_group_that_fits_tomorrow_waits_whole_and_says_what_it_lacks() -> None:
    """Six cases that stay together do not fit into four places left of a day of ten."""
    reg = register(team("甲", member("a", 10.0)))
    done = given(demand(6, group=["同案"] * 6), reg, loads={"a": Load(today=6.0)})
    [note] = [note for note in done.notes if note.code == "group_waits"]

    assert set(done.reason) == {Reason.GROUP_TOO_LARGE}
    assert "组 同案（6 件，折算 6）今日放不下" in note.zh
    assert "尚差 2" in note.zh


def test_a_group_larger_than_any_day_comes_in_day_by_day_to_one_team() -> None:
    """Thirty wages of one employer, ten places a day: ten today, all in one team, the most urgent first."""
    dates = [TODAY + 20 - i % 3 for i in range(30)]
    cases = demand(30, group=["某厂"] * 30, livelihood=[True] * 30, deadline=dates)
    done = given(cases, two_teams(8.0, 10.0))

    assert {name for name in done.team if name} == {"队1"}
    assert sum(name is not None for name in done.team) == 10
    assert "逐日收入" in " ".join(note.zh for note in done.notes)


def test_a_group_in_two_lanes_without_a_common_team_stays_together_in_each() -> None:
    """Same debtor, fast and complex cases: kept together within each lane, and told."""
    reg = register(team("快", member("a", 9.0)), team("繁", member("b", 9.0), lanes=(Lane.COMPLEX,)))
    done = given(demand(4, lane=[Lane.FAST, Lane.COMPLEX] * 2, group=["债"] * 4), reg)

    assert done.team == ("快", "繁", "快", "繁")
    assert [note.code for note in done.notes] == ["group_split"]


def test_a_group_goes_whole_to_a_team_that_takes_both_lanes() -> None:
    """Where one team takes both lanes, the group is not split."""
    reg = register(team("快", member("a", 9.0)), team("综", member("b", 9.0), lanes=(Lane.FAST, Lane.COMPLEX)))
    done = given(demand(2, lane=[Lane.FAST, Lane.COMPLEX], group=["债"] * 2), reg)

    assert done.team == ("综", "综")


def test_a_day_that_is_too_short_says_what_would_be_enough() -> None:
    """Five cases for three places: two more places, in people as well."""
    done = given(demand(5), two_teams(3.0))

    assert "以下增加即可全部安排：队0 增 2（约 0.7 人日）（合计至少须增 2）" in {note.zh for note in done.notes}


def test_a_case_without_a_value_counts_as_the_middle_of_its_lane() -> None:
    """Unknown is neither zero nor best: it comes before the least and after the most valuable."""
    cases = demand(3, value=[10.0, np.nan, 1000.0])
    last = [given(cases, two_teams(places)).reason.index(Reason.NO_PLACE) for places in (2.0,)]

    assert last == [0]
    assert given(cases, two_teams(1.0)).team[2] is not None


@pytest.mark.parametrize("value", [[np.nan] * 4, [-5.0] * 4, [0.0] * 4, [np.inf, -np.inf, np.nan, 1e300]])
def test_strange_values_never_leave_a_place_free(value: list[float]) -> None:
    """Negative, missing, infinite and absurd values: all four places are used."""
    assert None not in given(demand(4, value=value), two_teams(2.0, 2.0)).team


def test_days_on_which_nothing_can_be_given_are_days_without_trouble() -> None:
    """No team, nobody there, no capacity, no case: an answer each time, and everything is listed."""
    assert given(demand(2), register()).reason == (Reason.NO_TEAM, Reason.NO_TEAM)
    assert given(demand(2), register(team("甲", member("a")), absences=[away("a")])).reason == (Reason.ABSENT,) * 2
    assert given(demand(2), two_teams(0.0)).reason == (Reason.ABSENT,) * 2
    assert given(demand(2), register(team("甲"))).reason == (Reason.ABSENT,) * 2
    assert given(demand(0), two_teams(1.0)).team == ()


def test_one_case_goes_to_one_member() -> None:
    """The smallest day."""
    assert given(demand(1), two_teams(1.0)).member == ("员0",)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"ids": ["甲", "甲"]}, "编号重复 1 个"),
        ({"ids": ["甲", ""]}, "空编号"),
        ({"lane": None, "bound": [None]}, "bound 应有 2 个，实有 1 个"),
    ],
)
def test_lists_that_would_be_assigned_wrongly_are_refused(facts: dict[str, object], message: str) -> None:
    """Twins, cases without an id and columns of another length are refused with what was found."""
    facts = {name: value for name, value in facts.items() if value is not None}
    with pytest.raises(DemandError, match=message):
        demand(2, **facts)


def test_a_lane_that_is_no_code_is_refused() -> None:
    """A code from nowhere must not be taken for a lane."""
    with pytest.raises(DemandError, match="1 件的程序代码无效"):
        replace(demand(1), lane=np.array([9], dtype=np.int8))


def test_a_day_without_weights_is_refused() -> None:
    """Before the court's first weights of work, nothing is assigned."""
    reg = two_teams(1.0)
    late = replace(reg.workloads[0], in_force_from=DAY.replace(year=2030))
    with pytest.raises(DemandError, match="没有施行的折算工作量"):
        given(demand(1), replace(reg, workloads=(late,)))
