"""The applicant's statement: a code that holds every answer, and what the answers mean on a day."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.pages.applicant.result import result_page
from serving.pages.language import language
from serving.statement import Answers, CodeError, Level, code_of, outlook, read_code
from serving.statement.answers import ASSETS, CHOICES, EARLIEST, LATEST, MOST_YUAN
from serving.statement.outlook import Standing

TODAY = date(2026, 11, 26)
DAYS = st.none() | st.dates(EARLIEST, LATEST)
EVERY = st.builds(
    Answers,
    started=st.dates(date(2026, 1, 1), date(2040, 1, 1)),
    **{name: st.sampled_from(("", *codes)) for name, codes in CHOICES.items()},
    due=DAYS,
    expiry=DAYS,
    amount=st.none() | st.integers(1, MOST_YUAN),
    assets=st.frozensets(st.sampled_from(ASSETS)),
    assets_asked=st.booleans(),
)


def said(**answers: object) -> Answers:
    """Return a statement of the day in which nothing is answered but this."""
    return replace(Answers(started=TODAY), **answers)  # type: ignore[arg-type]


@given(EVERY)
def test_a_code_gives_every_answer_back_however_it_is_typed(answers: Answers) -> None:
    """In small letters, with O for 0 and I or l for 1, with spaces in place of strokes."""
    code = code_of(answers)
    assert read_code(code) == answers
    assert read_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == answers
    assert len(code) <= 40


@given(EVERY, st.data())
def test_a_slip_of_the_pen_is_found(answers: Answers, data: st.DataObject) -> None:
    """One wrong letter, or two neighbours exchanged, is no code; it is never another statement."""
    code = code_of(answers).replace("-", "")[2:]
    at = data.draw(st.integers(0, len(code) - 2))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    for wrong in (code[:at] + other + code[at + 1 :], code[:at] + code[at + 1] + code[at] + code[at + 2 :]):
        if wrong != code:
            with pytest.raises(CodeError, match="not a code"):
                read_code(wrong)


@pytest.mark.parametrize("typed", ["", "ZC", "ZC-0", "零", "' OR 1=1", "9" * 200, "ZC-4Q5P-XBCH", "\x00", "UUUU"])
def test_what_is_no_code_is_refused_and_breaks_nothing(typed: str) -> None:
    """Whatever is typed."""
    with pytest.raises(CodeError, match="编号有误"):
        read_code(typed)


def test_answers_hold_kinds_and_amounts_and_nothing_of_a_person() -> None:
    """No field could take a name or a number of somebody's."""
    kinds = {field.name: str(field.type) for field in fields(Answers)}
    assert {name for name, kind in kinds.items() if kind == "str"} == set(CHOICES)
    with pytest.raises(ValueError, match="no such answer"):
        said(debtor="张三")


@pytest.mark.parametrize(
    ("due", "today", "standing", "until"),
    [
        (date(2026, 11, 26), date(2026, 11, 26), Standing.NOT_YET, date(2028, 11, 26)),
        (date(2026, 11, 25), date(2026, 11, 26), Standing.NOW, date(2028, 11, 25)),
        (date(2024, 11, 26), date(2026, 11, 26), Standing.NOW, date(2026, 11, 26)),
        (date(2024, 11, 25), date(2026, 11, 26), Standing.LATE, date(2026, 11, 25)),
        (date(2024, 2, 29), date(2026, 2, 28), Standing.NOW, date(2026, 2, 28)),
        (date(2024, 2, 29), date(2026, 3, 1), Standing.LATE, date(2026, 2, 28)),
        (None, date(2026, 11, 26), Standing.NOW, None),
    ],
)  # fmt: skip
def test_two_years_run_from_the_last_day_for_performance(
    due: date | None, today: date, standing: Standing, until: date | None
) -> None:
    """民事诉讼法(2023)第250条: the day before, the day, the day after, and a leap day."""
    found = outlook(said(due=due), today=today)
    assert (found.standing, found.until) == (standing, until)


def test_preservation_before_enforcement_ends_five_days_after_the_period() -> None:
    """民诉法解释第163条; in trial preserved property is not bound by it."""
    before = said(preserved="before_enforcement", due=date(2026, 11, 20))
    found = outlook(before, today=date(2026, 11, 25))
    assert (found.release_on, found.released) == (date(2026, 11, 25), False)
    assert outlook(before, today=date(2026, 11, 26)).released
    assert outlook(said(preserved="in_trial", due=date(2026, 11, 20)), today=TODAY).release_on is None


def test_a_preservation_that_is_over_is_not_to_be_renewed_before_its_end() -> None:
    """On its last day it holds; the day after, whether it was renewed is to be asked."""
    held = said(preserved="in_trial", expiry=TODAY)
    assert [outlook(held, today=TODAY + timedelta(days)).expired for days in (0, 1)] == [False, True]
    told = [
        " ".join(result_page(held, outlook(held, today=day), "", language("zh-CN"), made_on="").deadlines)
        for day in (TODAY, TODAY + timedelta(1))
    ]
    assert ["请在到期前申请续行保全" in text for text in told] == [True, False]
    assert "请尽快向法院核实是否已经续行" in told[1]


def test_a_foreign_basis_is_recognised_first() -> None:
    """Whatever else was answered."""
    assert outlook(said(basis="foreign", due=date(2020, 1, 1)), today=TODAY).standing is Standing.FOREIGN


def test_the_notice_follows_the_published_table() -> None:
    """Points add up; what was not answered counts for nothing, and consent or urging never count."""
    assert outlook(said(), today=TODAY).level is Level.LOW
    assert outlook(said(contact="no"), today=TODAY).level is Level.MEDIUM
    hard = said(contact="no", assets_asked=True, amount=500_000)
    assert (outlook(hard, today=TODAY).level, len(outlook(hard, today=TODAY).reasons)) == (Level.HIGH, 3)
    assert outlook(replace(hard, urging="no"), today=TODAY).level is Level.HIGH
    assert outlook(replace(hard, amount=499_999, paid="some"), today=TODAY).level is Level.MEDIUM


@given(EVERY)
def test_nobody_is_told_that_he_may_not_apply(answers: Answers) -> None:
    """There is no such standing, and an old form says that it is old."""
    found = outlook(answers, today=TODAY)
    assert found.standing in set(Standing)
    assert found.stale == ((TODAY - answers.started).days > 30)
