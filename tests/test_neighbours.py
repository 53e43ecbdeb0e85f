"""Neighbours: cases alike by the trees' leaves, points in words, ends told whether good or bad."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Stage, load_register
from models.bundle import Bundle
from models.explain.endings import ending_of
from models.explain.neighbours import leaves_of, nearest
from models.explain.points import COMPARED, points_of
from tests.builders_case import case_document
from tests.builders_models import tiny_bundle

REGISTER = load_register()
LEAVES = st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), max_size=12)


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), LEAVES)
def test_nobody_left_out_is_more_alike_than_anybody_listed(own: list[int], others: list[list[int]]) -> None:
    """The most alike come first, and of equals the one that stood first."""
    found = nearest(np.array([own], np.uint8), np.array(others, np.uint8).reshape(-1, 6), most=5)
    shares = [sum(a == b for a, b in zip(own, other, strict=True)) / 6 for other in others]
    assert [one.place for one in found] == sorted(range(len(others)), key=lambda place: (-shares[place], place))[:5]
    assert [one.alike for one in found] == [shares[one.place] for one in found]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a small bundle."""
    return Bundle.load(tiny_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.mark.parametrize("stage", list(Stage))
def test_a_row_ends_in_the_same_leaves_alone_and_among_many(bundle: Bundle, stage: Stage) -> None:
    """And is wholly alike to itself."""
    models = bundle.stages[stage]
    rows = models.canaries.rows
    many = leaves_of(models, rows)
    alone = np.concatenate([leaves_of(models, rows[n : n + 1]) for n in range(len(rows))])
    assert np.array_equal(many, alone)
    assert nearest(many[:1], many, most=1)[0].alike == 1.0


def case(**changes: Any) -> dict[str, Any]:
    """Return the facts of a case as they are kept."""
    found: dict[str, Any] = {**case_document()["case"], **changes}
    return found


def test_points_say_what_differs_with_the_other_s_value() -> None:
    """In the register's words, sums alike within a quarter."""
    found = points_of(case(), case(claim_amount="40000.00", debtor_type="company", n_debtors=3), REGISTER)
    assert ("申请执行标的额", REGISTER["claim_amount"].en) in found.same
    assert [zh for zh, _ in found.different] == ["被执行人类型：企业法人", "被执行人数：3"]


def test_what_is_unknown_is_neither_same_nor_different() -> None:
    """Unknown is never treated as met, nor as missed."""
    bare = {name: value for name, value in case().items() if name not in COMPARED}
    found = points_of(bare, case(), REGISTER)
    assert (found.same, found.different) == ((), ())


def test_no_personal_fact_is_compared() -> None:
    """What is shown of another case tells nobody who it was about."""
    shown = points_of(case(), case(), REGISTER).same
    personal = {field.zh for field in REGISTER.fields if field.privacy.value != "N"}
    assert shown
    assert {zh for zh, _ in shown} & personal == set()


def event(kind: str, amount: str | None = None) -> dict[str, Any]:
    """Return an event as it is on record."""
    return {"at": f"2026-01-01T00:00:0{len(kind) % 10}+08:00", "kind": kind, "amount": amount, "source": None}


@pytest.mark.parametrize(
    ("mode", "events", "told", "paid"),
    [
        ("full", [event("payment", "100.00")], "19 日自动履行", True),
        ("full", [event("file"), event("deduction", "100.00")], "19 日执行完毕", True),
        ("zhongben", [event("file"), event("auction", "12.00")], "19 日终结本次执行程序，到位 12%", False),
        ("zhongben", [event("convert")], "督促未成转立案，19 日终结本次执行程序，到位 0%", False),
        ("zhongben", [event("payment", "7.00")] * 2, "19 日终结本次执行程序，到位 7%", False),
    ],
)
def test_an_end_is_told_whether_good_or_bad(mode: str, events: list[dict[str, Any]], told: str, *, paid: bool) -> None:
    """Paid of one's own accord is told apart, and what was reported twice counts once."""
    found = ending_of(mode, days=19, events=events, claim=Decimal(100))
    assert (found.text[0], found.paid) == (told, paid)
