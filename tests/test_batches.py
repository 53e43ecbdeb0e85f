"""Batches: rules before likeness, names that are true of every case, a spot check that nobody can pick."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from features.register import Stage
from models.batches import BatchSettings, Group, Seen, spot_check, trends, verify_spot_check
from models.strict_table import SettingsError
from tests.builders_batches import SHIPPED, figures, grouped, seen
from tests.builders_rules import TODAY


def mixed(n: int, seed: int = 1) -> Seen:
    """Return a batch of n cases that differ in amount, contact, consent and service."""
    rng = np.random.default_rng(seed)
    pick = lambda *options: [options[i] for i in rng.integers(0, len(options), n)]  # noqa: E731
    return seen(
        n,
        claim_amount=np.round(rng.lognormal(11, 1.5, n), 2).tolist(),
        phone_provided=pick(True, True, False, None),
        consent_urge=pick("agree", "refuse", None),
        served_by_notice=pick(True, False),
        collateral_type=pick("none", None),
        debtor_type=pick("person", "company"),
    )


def code_of(groups: tuple[Group, ...], row: int) -> str:
    """Return the code of the group in which a case is."""
    [found] = [one.code for one in groups if row in one.rows]
    return found


RULES = {
    "expiring": {"preserved": True, "pres_expiry": TODAY + timedelta(days=30)},
    "appraisal": {"collateral_type": "dwelling"},
    "missing": {"claim_amount": None},
}


@pytest.mark.parametrize("code", RULES)
def test_each_rule_makes_its_group(code: str) -> None:
    """One case of forty that meets a rule is in the group of that rule."""
    varied = {name: [value] + [None] * 39 for name, value in RULES[code].items()}
    if code == "missing":
        varied = {"claim_amount": [None] + [1000] * 39}
    groups = grouped(seen(40, **varied))

    assert code_of(groups, 0) == code
    assert [one.count for one in groups if one.code == code] == [1]


@pytest.mark.parametrize(("days", "soon"), [(-5, True), (0, True), (30, True), (31, False)])
def test_a_preservation_is_expiring_up_to_the_day(days: int, *, soon: bool) -> None:
    """Thirty days are within, thirty-one are not; one that has lapsed must be seen first of all."""
    ends = [TODAY + timedelta(days=days)] + [TODAY + timedelta(days=400)] * 39
    batch = seen(40, preserved=[True] * 40, pres_expiry=ends)

    assert (code_of(grouped(batch), 0) == "expiring") == soon


def test_the_first_rule_wins() -> None:
    """A case of a known debtor with security is grouped as a known debtor's."""
    groups = grouped(seen(40, on_hand=[0], collateral_type=["dwelling"] * 2 + ["none"] * 38))

    assert [code_of(groups, row) for row in (0, 1)] == ["same_debtor", "appraisal"]


@how(max_examples=20, deadline=None)
@given(n=st.integers(0, 300), seed=st.integers(0, 99))
def test_every_case_is_in_exactly_one_group_and_the_sums_agree(n: int, seed: int) -> None:
    """Counts, lanes and amounts of the groups add up to the batch; no group is empty."""
    batch = mixed(n, seed)
    groups = grouped(batch)

    assert sorted(np.concatenate([one.rows for one in groups] or [np.zeros(0)]).tolist()) == list(range(n))
    assert all(one.count > 0 and sum(one.lanes.values()) == one.count for one in groups)
    assert sum(one.amount for one in groups) == pytest.approx(np.nansum(batch.columns["claim_amount"].astype(float)))
    assert sum(one.by == "likeness" for one in groups) <= 8


@pytest.mark.parametrize(("n", "by"), [(29, {"list"}), (30, {"likeness"})])
def test_few_cases_are_listed_only(n: int, by: set[str]) -> None:
    """Below thirty there is nothing to cluster."""
    assert {one.by for one in grouped(seen(n))} == by


def test_names_are_true_of_every_case() -> None:
    """What a name says of amount, contact and consent holds for each case of the cluster."""
    batch = mixed(600)
    claim, phone = (batch.columns[name].astype(float) for name in ("claim_amount", "phone_provided"))
    for one in [one for one in grouped(batch) if one.by == "likeness"]:
        for word in one.zh.split("、"):
            if word.startswith("金额≤"):
                assert (claim[one.rows] <= float(word[3:].split()[0]) * 10_000).all()
            if word.startswith("金额>"):
                assert (claim[one.rows] > float(word[3:].split()[0]) * 10_000).all()
            if word == "有联系方式":
                assert (phone[one.rows] == 1).all()
            if word == "无联系方式":
                assert (phone[one.rows] == 0).all()


def test_clusters_find_what_plainly_differs() -> None:
    """Two hundred small debts with contact and a hundred large ones without are told apart and named so."""
    small, large = 200, 100
    batch = seen(
        small + large, claim_amount=[8_000] * small + [900_000] * large, phone_provided=[True] * small + [False] * large
    )  # fmt: skip
    names = {one.zh: one.count for one in grouped(batch)}

    assert sorted(names.values()) == [100, 200]
    assert all(name.startswith("金额") for name in names)


def test_alike_cases_are_one_group_with_a_plain_name() -> None:
    """Where nothing differs, nothing is parted and no difference is invented."""
    [one] = grouped(seen(500))

    assert (one.zh, one.count) == ("情况相近，无明显差别", 500)


def test_names_never_count_clusters_or_name_protected_facts() -> None:
    """No 簇 3, no sex, no origin, no age."""
    text = " ".join(one.zh + one.en for one in grouped(mixed(900)))

    assert not any(word in text for word in ("簇", "性别", "户籍", "年龄", "cluster", "gender"))


def test_the_example_of_a_group_is_the_case_that_is_like_most_others() -> None:
    """It has what most have, and of these the amount in the middle; who differs or is doubtful stands for nobody."""
    claims = [100_000.0, 30_000.0, 31_000.0, 32_000.0, 29_000.0, 33_000.0, 31_500.0]
    batch = seen(7, claim_amount=claims, consent_urge=["refuse"] * 7, default_judgment=[True] + [False] * 6)
    one = grouped(batch)[0]

    assert [example.case for example in one.examples] == ["申0006"]
    assert one.examples[0].middle == 31_500.0
    assert "“精办”7 件；有差别的 2 项情形中 2 项与多数相同；标的额 31,500.00 元" in one.examples[0].words(Stage.B)[0]


def test_a_handful_of_cases_or_only_doubtful_ones_have_no_example() -> None:
    """Nothing that is unsure is held up as a pattern."""
    few, unsure = seen(4, consent_urge=["refuse"] * 4), seen(9, consent_urge=[None] * 9)

    assert not any(one.examples for one in (*grouped(few), *grouped(unsure)))


@given(order=st.permutations(range(9)))
def test_the_order_of_the_cases_plays_no_part_for_examples(order: list[int]) -> None:
    """The same case is chosen however the file is sorted."""
    batch = seen(9, claim_amount=[10_000.0 + 100 * i for i in range(9)], consent_urge=["refuse"] * 9)
    rows = np.array(order)
    moved = replace(batch, ids=[batch.ids[i] for i in order], as_of=batch.as_of[rows], lane=batch.lane[rows],
                    columns={name: column[rows] for name, column in batch.columns.items()})  # fmt: skip

    assert [e.case for e in grouped(moved)[0].examples] == [e.case for e in grouped(batch)[0].examples] == ["申0004"]


@pytest.mark.parametrize(("of", "drawn"), [(3, 3), (10, 10), (199, 10), (200, 10), (201, 11), (1000, 50)])
def test_the_spot_check_takes_ten_or_five_in_a_hundred(of: int, drawn: int) -> None:
    """Whichever is more, or all of a small group."""
    assert len(spot_check("组", [f"申{i}" for i in range(of)], seed=1, settings=SHIPPED).cases) == drawn


def test_the_spot_check_can_be_drawn_again_by_anybody() -> None:
    """Same seed and cases, in any order: the same ten; another seed or a swapped case is found out."""
    ids = [f"申{i}" for i in range(50)]
    check = spot_check("组", ids, seed=20261122, settings=SHIPPED)

    assert verify_spot_check(check, ids[::-1], settings=SHIPPED)
    assert not verify_spot_check(check, ids[:-1], settings=SHIPPED) or ids[-1] not in check.cases
    assert spot_check("组", ids, seed=20261123, settings=SHIPPED).cases != check.cases


def test_small_counts_are_not_shown() -> None:
    """Four cases show as <5, and no change is told from which they could be worked out; none shows as 0."""
    month = np.array([24311] * 9 + [24310] * 4 + [24299] * 4)
    [one] = trends(["某行"] * 17, month, months=3, settings=SHIPPED)

    assert [str(cell) for cell in one.cells] == ["0", "<5", "9"]
    assert (str(one.now), str(one.before), one.change) == ("9", "<5", None)


def test_the_change_is_against_the_same_month_a_year_before() -> None:
    """13 after 8 is 62.5 % more, with both counts beside it."""
    month = np.array([24311] * 13 + [24299] * 8)
    [one] = trends(["某行"] * 21, month, months=12, settings=SHIPPED)

    assert (one.months[-1], one.change, str(one.now), str(one.before)) == ("2025-12", 0.625, "13", "8")


def test_applicants_who_never_have_five_cases_are_not_listed() -> None:
    """Somebody with one case is nobody's trend, and unknown applicants are not one applicant."""
    month = np.array([24311] * 12)
    assert trends(["甲"] * 4 + [None] * 8, month, months=12, settings=SHIPPED) == ()
    assert trends([], np.zeros(0, dtype=np.int64), months=12, settings=SHIPPED) == ()


def test_figures_out_of_range_are_refused(tmp_path: Path) -> None:
    """More than eight clusters cannot be read, and a series of one is none."""
    own = tmp_path / "batches.toml"
    head = 'format="fenliu-batches/1"\nversion="1"\nset_by="x"\n'
    own.write_text(head + "[values]\nmost_clusters=9\nserial_from=1\n", "utf-8")

    with pytest.raises(SettingsError, match="most_clusters") as caught:
        BatchSettings.load(own)
    assert len(caught.value.faults) == 2


def test_a_court_s_own_figures_are_used() -> None:
    """With two clusters at most there are two."""
    assert sum(one.by == "likeness" for one in grouped(mixed(500), most_clusters=2)) == 2
    assert figures(most_clusters=2).serial_from == SHIPPED.serial_from
