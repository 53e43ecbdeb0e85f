"""Computed facts follow the law's own arithmetic, and never look past the as-of instant."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.causes import FAMILIES
from features.clock import days_of
from features.columns import complete
from features.derived import COMPUTED, DERIVATIONS, OBSERVED, add_months
from features.industries import SECTIONS, section_of
from features.register import Stage, load_register

REGISTER = load_register()
TODAY = days_of(date(2026, 11, 20))


def computed(name: str, **facts: object) -> float:
    """Return one computed fact of one case as of 2026-11-20, 09:00."""
    columns = {
        field: np.array([value, None], dtype=object)[:1] if isinstance(value, str) else np.array([float(value)])
        for field, value in facts.items()
    }
    return complete(columns, 1, REGISTER, Stage.A, as_of=np.array([TODAY + 0.375]))[name].item()


def day(year: int, month: int, of_month: int) -> float:
    """Return a date as days."""
    return days_of(date(year, month, of_month))


def test_days_since_due_count_calendar_days():
    """The hour of the day does not matter: a debt due yesterday is one day old."""
    assert computed("days_since_due", due_date=TODAY - 1) == 1.0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((2024, 8, 14), (2026, 8, 14)),
        ((2024, 2, 29), (2026, 2, 28)),
        ((2022, 2, 28), (2024, 2, 28)),
        ((2023, 12, 31), (2025, 12, 31)),
    ],
)
def test_two_years_follow_the_civil_calendar(start: tuple[int, ...], end: tuple[int, ...]):
    """Two years end on the same day of the calendar; 29 February ends on the 28th where there is no 29th."""
    assert add_months(np.array([day(*start)]), 24).item() == day(*end)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 60))
def test_adding_months_keeps_the_day_or_takes_the_last(start: date, months: int):
    """The day of the month never grows, and shrinks only to the month's last day."""
    end = date.fromordinal(int(add_months(np.array([days_of(start)]), months).item()) + date(1970, 1, 1).toordinal())
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or date.fromordinal(end.toordinal() + 1).day == 1


def test_limitation_runs_from_due_date_then_from_effect():
    """Without a due date the two years run from the day the basis took effect."""
    due, effective = day(2026, 8, 14), day(2026, 7, 30)
    left = computed("limitation_days_left", due_date=due, basis_effective_date=effective)
    assert left == day(2028, 8, 14) - TODAY
    assert computed("limitation_days_left", basis_effective_date=effective) == day(2028, 7, 30) - TODAY


def test_limitation_of_instalments_runs_from_the_last():
    """For instalments the two years run from the last one; while that is unknown so is the limitation."""
    due, last = day(2024, 1, 1), day(2026, 1, 1)
    assert (
        computed("limitation_days_left", instalment=1, last_instalment_due=last, due_date=due)
        == day(2028, 1, 1) - TODAY
    )
    assert np.isnan(computed("limitation_days_left", instalment=1, due_date=due))


def test_limitation_may_have_passed():
    """A negative number of days is told as it is: a late application must still be accepted."""
    assert computed("limitation_days_left", due_date=day(2020, 1, 1)) < 0


@pytest.mark.parametrize(
    ("claim", "fee"),
    [
        (1, 50),
        (10_000, 50),
        (50_000, 650),
        (500_000, 7_400),
        (1_000_000, 12_400),
        (5e6, 52_400),
        (1e7, 77_400),
        (2e7, 87_400),
    ],
)
def test_fee_follows_the_statutory_brackets(claim: float, fee: float):
    """The enforcement fee is marginal: 50, then 1.5 %, 1 %, 0.5 % and 0.1 %."""
    assert computed("fee_est", claim_amount=claim) == fee


@given(st.floats(0, 1e13), st.floats(0, 1e13))
def test_fee_grows_with_the_claim(one: float, other: float):
    """A larger claim never costs less."""
    low, high = sorted((one, other))
    assert computed("fee_est", claim_amount=low) <= computed("fee_est", claim_amount=high)


def test_delay_interest_is_paid_on_principal_per_day_late():
    """0.0175 % a day on the principal, or on the claim where no principal is given; nothing before it is due."""
    assert computed("delay_interest_est", principal=10_000, claim_amount=12_000, due_date=TODAY - 100) == 175.0
    assert computed("delay_interest_est", claim_amount=12_000, due_date=TODAY - 100) == 210.0
    assert computed("delay_interest_est", claim_amount=12_000, due_date=TODAY + 5) == 0.0


def test_cash_cover_is_what_was_actually_frozen_over_the_claim():
    """The cover counts frozen money only; without preservation it is 0, with an unknown freeze it is unknown."""
    assert computed("pres_cash_cover", pres_cash=50, claim_amount=100, preserved=1) == 0.5
    assert computed("pres_cash_cover", claim_amount=100, preserved=0) == 0.0
    assert np.isnan(computed("pres_cash_cover", claim_amount=100, preserved=1))
    assert np.isnan(computed("pres_cash_cover", pres_cash=50, claim_amount=0))


def test_payment_after_judgment_and_minority_are_yes_no_or_unknown():
    """A missing amount is not "nothing was paid", and a missing age is not an adult."""
    assert computed("any_post_judgment_payment", paid_before=0) == 0.0
    assert computed("any_post_judgment_payment", paid_before=10) == 1.0
    assert np.isnan(computed("any_post_judgment_payment"))
    assert [computed("minor", age=17), computed("minor", age=18)] == [1.0, 0.0]
    assert np.isnan(computed("minor"))


def test_livelihood_comes_from_the_cause_or_from_the_kind_of_basis():
    """Wages are a livelihood claim by their cause, civil claims in criminal cases by their basis."""
    codes = REGISTER["livelihood"].codes
    assert codes[int(computed("livelihood", cause_code="205.5", cause_version=3))] == "labour_pay"
    in_criminal = REGISTER["basis_type"].codes.index("civil_in_criminal")
    assert (
        codes[int(computed("livelihood", cause_code="88", cause_version=3, basis_type=in_criminal))]
        == "civil_in_criminal"
    )


@pytest.mark.parametrize(
    ("cause", "entered", "used"),
    [
        ("88", "labour_pay", "labour_pay"),  # wages on a note of debt
        ("205.5", "none", "labour_pay"),  # no entry takes away what the cause gives
        ("205.5", "support", "support"),
        ("9999", "work_injury", "work_injury"),
    ],
)
def test_a_livelihood_claim_that_the_court_entered_holds(cause: str, entered: str, used: str):
    """Against the cause of the case, which may say less than the court knows; entering none overrules nothing."""
    codes = REGISTER["livelihood"].codes
    sent = codes.index(entered)
    assert codes[int(computed("livelihood", cause_code=cause, cause_version=3, livelihood=sent))] == used


def test_what_was_entered_later_grants_nothing_yet():
    """Nothing known after the instant of the answer."""
    sent = {"cause_code": "88", "cause_version": 3, "livelihood": 1}
    assert computed("livelihood", **sent, **{"livelihood" + OBSERVED: 1e9}) == 0.0


def test_cause_family_uses_the_version_in_force_when_none_is_sent():
    """A basis of 2025 speaks of 103.3, one of 2026 of 108.3: both are private loans."""
    for code, effective in (("103.3", day(2025, 5, 1)), ("108.3", day(2026, 5, 1))):
        assert (
            FAMILIES[int(computed("cause_code.family", cause_code=code, basis_effective_date=effective))]
            == "private_loan"
        )


@pytest.mark.parametrize(
    ("code", "section"),
    [("C1711", "C"), ("1711", "C"), ("01", "A"), ("47", "E"), ("6010", "G"), ("97", "T"), ("a", "A"), ("c17", "C")],
)
def test_industry_codes_fall_into_sections(code: str, section: str):
    """A section letter or a division number both tell the section."""
    assert SECTIONS[int(section_of(code))] == section


@pytest.mark.parametrize("code", ["", "Z1", "00", "98", "C1", "17111", "农业"])
def test_what_is_no_industry_code_has_no_section(code: str):
    """Junk has no section instead of a wrong one."""
    assert np.isnan(section_of(code))


@pytest.mark.parametrize("derivation", DERIVATIONS, ids=lambda d: d.name)
def test_nothing_known_computes_nothing(derivation):
    """Every computed fact of an empty case is missing, never 0."""
    assert np.isnan(computed(derivation.name))


def test_sent_value_stands_only_where_none_can_be_computed():
    """A sent value gives way to the computed one and serves where that is missing."""
    assert computed("fee_est", claim_amount=50_000, fee_est=1) == 650
    assert computed("fee_est", fee_est=1) == 1


def test_amount_edited_after_the_as_of_instant_is_not_computed_with():
    """A claim reduced later leaves no trace in anything computed from it, sent values included."""
    late = {"claim_amount" + OBSERVED: TODAY + 1}
    for name in ("fee_est", "pres_cash_cover"):
        facts = {"claim_amount": 100, "pres_cash": 50, name: 0.5, **late}
        assert np.isnan(computed(name, **facts))


def test_words_observed_late_are_not_computed_with():
    """A cause code corrected later does not reach its family."""
    facts = {"cause_code": "108.3", "cause_version": 3, "cause_code" + OBSERVED: TODAY + 1}
    assert np.isnan(computed("cause_code.family", **facts))


def test_every_computed_field_of_the_register_has_one_formula():
    """What the register calls derived before filing is computed here, except what only the door can see."""
    derived = {f.name for f in REGISTER.allowed_at(Stage.A) if f.source.startswith("derived")}
    seen_at_the_door = {"id_checksum_ok", "age", "gender", "huji_region"}
    assert derived - seen_at_the_door <= set(COMPUTED)
    assert len(set(COMPUTED)) == len(COMPUTED)
