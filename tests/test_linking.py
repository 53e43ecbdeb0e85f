"""Linking: one debtor's cases and serial cases are found, and nothing chains a court together."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from features.clock import days_of
from models.batches import LinkFacts, Links, link, signature
from models.batches.signature import forms
from tests.builders_batches import SHIPPED, facts, figures, serial
from tests.builders_rules import TODAY

FORM = "请求强制执行借款本金及利息、罚息、复利，并由被执行人承担申请执行费用，按合同约定的利率计算至实际清偿之日止，"
OTHER = (
    "请求被执行人支付拖欠的物业服务费、公共能耗费以及违约金，并承担一审案件受理费，逾期加倍支付迟延履行期间的债务利息。"
)


def shuffled(one: LinkFacts, seed: int) -> LinkFacts:
    """Return the same cases in another order."""
    order = np.random.default_rng(seed).permutation(len(one.ids))
    moved = {
        name: value[order] if isinstance(value, np.ndarray) else [value[i] for i in order]
        for name, value in ((name, getattr(one, name)) for name in LinkFacts.__dataclass_fields__)
    }
    return LinkFacts(**moved)  # type: ignore[arg-type]


def by_id(one: LinkFacts, links: Links) -> dict[str, tuple[str | None, str | None]]:
    """Return what each case belongs to."""
    return dict(zip(one.ids, zip(links.debtor, links.serial, strict=True), strict=True))


def test_cases_of_one_debtor_are_linked_also_by_way_of_a_joint_one() -> None:
    """Husband, husband and wife, wife: three cases of one household; the stranger's stands alone."""
    links = link(facts([{"夫"}, {"夫", "妻"}, {"妻"}, {"他人"}]), SHIPPED)

    assert links.debtor == ("债:申0000", "债:申0000", "债:申0000", None)


def test_a_guarantor_of_half_the_town_does_not_tie_the_town() -> None:
    """Forty debtors with three cases each and one guarantor for all: beyond the limit no chain, and it is told."""
    debtors = [{f"债{i // 3}", "担保公司"} if i % 3 == 0 else {f"债{i // 3}"} for i in range(120)]
    links = link(facts(debtors), SHIPPED)
    sizes = Counter(links.debtor)

    assert max(sizes.values()) <= 40
    assert [note.code for note in links.notes] == ["chain_cut"]
    assert "120 件经共同被执行人间接相连" in links.notes[0].zh


@how(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from("甲乙丙丁戊己庚辛壬癸"), max_size=3), max_size=60), st.integers(0, 99))
def test_large_debtor_groups_share_a_debtor_and_order_plays_no_part(debtors: list[set[str]], seed: int) -> None:
    """A group above the limit has a debtor that all its cases share; shuffling changes nothing."""
    one = facts(debtors)
    links = link(one, SHIPPED)
    members: dict[str, list[frozenset[str]]] = {}
    for name, tokens in zip(links.debtor, one.debtors, strict=True):
        if name is not None:
            members.setdefault(name, []).append(tokens)
    other = shuffled(one, seed)

    assert all(len(m) <= SHIPPED.chain_cases or frozenset.intersection(*m) for m in members.values())
    assert all(len(m) > 1 for m in members.values())
    assert by_id(one, links) == by_id(other, link(other, SHIPPED))


@pytest.mark.parametrize(("n", "linked"), [(9, 0), (10, 10), (11, 11)])
def test_serial_cases_begin_at_the_court_s_number(n: int, linked: int) -> None:
    """Nine cases of one form are no series, ten are."""
    assert sum(name is not None for name in link(serial(n), SHIPPED).serial) == linked


def test_a_batch_and_a_debtor_are_not_chained() -> None:
    """One debtor of the batch has another creditor: his two cases are linked, the batch does not swallow the other."""
    debtors = [{f"债{i}"} for i in range(12)] + [{"债0"}]
    links = link(facts(debtors, applicant=["某行"] * 12 + ["他人"]), SHIPPED)

    assert (links.debtor[0], links.serial[0]) == ("债:申0000", "系:申0000")
    assert (links.debtor[12], links.serial[12]) == ("债:申0000", None)
    assert links.together.count("债:申0000") == 2
    assert links.together.count("系:申0000") == 11


@pytest.mark.parametrize(
    "changed",
    [
        {"applicant": ["某行"] * 6 + ["另一行"] * 6},
        {"applicant": [None] * 12},
        {"form": ["108.1"] * 6 + ["115.2"] * 6},
        {"text": [signature(FORM)] * 6 + [signature(OTHER)] * 6},
        {"received": days_of(TODAY) + np.repeat([0.0, 40.0], 6)},
    ],
)
def test_another_applicant_form_text_or_season_is_another_series(changed: dict[str, object]) -> None:
    """Six and six are not twelve; an unknown applicant is nobody's series."""
    assert set(link(serial(12, **changed), SHIPPED).serial) == {None}


def test_a_series_does_not_roll_on_for_ever() -> None:
    """A case a week for two years makes series of a month each, not one of two years."""
    weekly = days_of(TODAY) + 7.0 * np.arange(104)
    links = link(serial(104, received=weekly), figures(serial_from=2))

    assert max(Counter(links.serial).values()) <= 5


def test_an_amount_far_off_is_not_of_the_form() -> None:
    """Among card debts of ten thousand, a mortgage of ten million is left out, and that is told."""
    claim = np.array([10_000.0] * 11 + [1e7, np.nan])
    links = link(serial(13, claim=claim), SHIPPED)

    assert [name is None for name in links.serial] == [False] * 11 + [True, False]
    assert "1 件与同一申请人" in links.notes[0].zh


@pytest.mark.parametrize(("applicants", "flagged"), [(9, False), (10, True)])
def test_many_applicants_against_one_debtor_are_a_group_case(applicants: int, *, flagged: bool) -> None:
    """Ten workers against one employer are 群体性案件, nine are not; the same worker twice counts once."""
    names = [f"工{i}" for i in range(applicants)] + ["工0"]
    links = link(facts([{"某厂"}] * (applicants + 1), applicant=names), SHIPPED)

    assert links.group_case.all() == flagged


def test_texts_of_one_form_are_alike_whatever_is_filled_in() -> None:
    """Names, amounts, dates and account numbers do not tell two texts of one form apart; another form is another."""
    names = ["张三", "欧阳翠花", "李小四"]
    filled = [f"{FORM}被执行人{one}，账号 62284{i}，{100 + i}.50 元，2025年3月{i}日。" for i, one in enumerate(names)]
    found = forms([signature(text) for text in [*filled, OTHER]], SHIPPED.likeness)

    assert found.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("text", ["", "还钱", "12345 6789 abc", "　"])
def test_a_text_without_a_form_has_no_signature(text: str) -> None:
    """Too little is no form: such texts are neither alike nor different."""
    assert signature(text) is None


def test_a_signature_holds_no_words() -> None:
    """Only checksums are kept: the same for the same text everywhere, and no character of it."""
    one, again = signature(FORM), signature(FORM)

    assert one is not None
    assert again is not None
    assert (one == again).all()
    assert one.dtype == np.uint64


def test_nothing_links_nothing() -> None:
    """No case, no debtors, no applicants: no links and no trouble."""
    assert link(facts([]), SHIPPED).together == ()
    assert link(replace(facts([set(), set()]), applicant=[None, None]), SHIPPED).together == (None, None)
