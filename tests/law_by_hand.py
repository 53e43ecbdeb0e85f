"""The hard rules once more, for one case at a time, in plain Python, written from the law and the router's table.

Nothing of the program is used but the names of its codes: this is the second
opinion against which routing is held. A fact is None when it is unknown, days
are dates, money is yuan. What is unknown is never taken for met; it forbids
urging.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

import chinese_calendar

Facts = Mapping[str, Any]

WINDOW, PRESERVATION_MARGIN, LIMITATION_MARGIN, CAP = 15, 30, 60, 1_000_000
WILLING, ABLE, QUICK, WAGE = 0.50, 0.60, 0.60, 3000
CLOCKS = {"cash": 20, "wage": 30, "other": 45}
DAY = timedelta(days=1)
LAST_YEAR = 2026
"""The last year whose holidays are published."""


@dataclass(frozen=True)
class Verdict:
    """What the law says of one case.

    `forbidden` are the rules by which it may not be urged, `doubtful` those
    that forbid it because facts are missing.
    """

    stop: bool
    special: bool
    offer: bool
    forbidden: frozenset[str]
    doubtful: frozenset[str]
    late: bool
    rank: int
    limitation_passed: bool


def judge(facts: Facts, today: date, *, filed: bool) -> Verdict:
    """Apply H01 to H09, H14 and the order of work to one case."""
    return Verdict(
        stop=_stop(facts, today),
        special=_special(facts),
        offer=not filed and _offer(facts, today),
        forbidden=frozenset() if filed else _forbidden(facts, today),
        doubtful=frozenset() if filed else _doubtful(facts, today),
        late=filed and _late(facts, today),
        rank=_rank(facts, today, filed=filed),
        limitation_passed=_limitation_passed(facts, today),
    )


class Scores(NamedTuple):
    """The scores that lanes hang on."""

    will: float
    able: float
    quick: float


def lane(verdict: Verdict, facts: Facts, today: date, *, scores: Scores, filed: bool) -> str:
    """Return the lane of a case whose scores are all usable: the law first, then the court's marks (M01 to M03)."""
    if verdict.stop:
        return "none"
    if verdict.special:
        return "complex"
    if verdict.offer:
        return "fast"
    unpaid = owed(facts)
    free = not filed and not verdict.forbidden and not verdict.doubtful
    if free and scores.will >= WILLING and unpaid is not None and unpaid <= CAP:
        return "urge"
    debt = whole_debt(facts, today)
    if not filed:
        sealed = _sealed(facts, today)
        covered = sealed is not None and debt is not None and sealed >= debt
        return "fast" if covered or scores.able >= ABLE else "complex"
    cash = ready_cash(facts, today)
    covered = cash is not None and debt is not None and cash >= debt
    means = covered or scores.quick >= QUICK or (facts["q_wage"] is not None and facts["q_wage"] >= WAGE)
    return "fast" if means and (covered or _nothing_to_sell(facts)) and not verdict.late else "complex"


def _nothing_to_sell(facts: Facts) -> bool:
    if facts["q_realty_n"] is None or facts["q_vehicle_n"] is None:
        return False
    others = (facts["q_equity_n"] or 0) + (facts["q_vessel_n"] or 0)
    return bool(facts["q_realty_n"] + facts["q_vehicle_n"] + others == 0)


def _stop(facts: Facts, today: date) -> bool:
    effective, due, unpaid = facts["basis_effective_date"], facts["due_date"], owed(facts)
    if effective is not None and effective > today:
        return True
    if due is not None and not _instalment_hidden(facts, today) and moved(due) >= today:
        return True
    if facts["relief_type"] == "money" and unpaid is not None and unpaid <= 0:
        return True
    return facts["bankruptcy_case"] in {"accepted", "declared", "reorganisation"}


def _instalment_hidden(facts: Facts, today: date) -> bool:
    """Whether only the last day of a debt in instalments is known, and still to come: an earlier one may be due."""
    last, due = facts["last_instalment_due"], facts["due_date"]
    return facts["instalment"] is True and due >= today and (last is None or last <= due)


def _special(facts: Facts) -> bool:
    return (
        facts["relief_type"] not in {None, "money"}
        or facts["basis_clear"] is False
        or facts["basis_type"] in {"foreign_hkmt", "criminal_property"}
        or facts["foreign_hkmt"] is True
        or facts["dead_or_deregistered"] not in {None, "none"}
        or facts["criminal_overlap"] is True
    )


def _offer(facts: Facts, today: date) -> bool:
    debt, cash, expiry = whole_debt(facts, today), facts["pres_cash"], facts["pres_expiry"]
    effective = facts["basis_effective_date"]
    return (
        facts["preserved"] is True
        and facts["relief_type"] == "money"
        and effective is not None
        and effective <= today
        and facts["first_seal"] is True
        and expiry is not None
        and expiry >= today
        and cash is not None
        and debt is not None
        and cash >= debt
    )


def _forbidden(facts: Facts, today: date) -> frozenset[str]:
    found = set()
    if facts["preserved"] is True and _lapses(facts, today) is True:
        found.add("H05")
    left = _limitation_left(facts, today)
    if left is not None and left < WINDOW + LIMITATION_MARGIN:
        found.add("H06")
    if facts["basis_type"] == "administrative_penalty":
        found.add("H06b")
    if facts["consent_urge"] in {"refuse", "not_asked"}:
        found.add("H07")
    if facts["served_by_notice"] is True or facts["phone_provided"] is False or facts["dishonest_now"] is True:
        found.add("H08")
    if facts["intake_channel"] == "transfer" or facts["livelihood"] not in {None, "none"}:
        found.add("H09")
    return frozenset(found)


def _lapses(facts: Facts, today: date) -> bool | None:
    """Whether a preservation is at risk; None when that cannot be told."""
    stage, expiry = facts["pres_stage"], facts["pres_expiry"]
    near = None if expiry is None else (expiry - today).days < WINDOW + PRESERVATION_MARGIN
    if stage == "pre_enforcement" or near is True:
        return True
    return False if stage is not None and near is False else None


def _doubtful(facts: Facts, today: date) -> frozenset[str]:
    lapses = _lapses(facts, today)
    barred = facts["served_by_notice"] is True or facts["phone_provided"] is False or facts["dishonest_now"] is True
    person = facts["debtor_type"] in {"person", "individual_business"}
    doubts = {
        "H01": _admission_unknown(facts, today) and not _not_admissible(facts, today),
        "H02": facts["bankruptcy_case"] is None and not person,
        "H03": _any_unknown(facts, "relief_type", "basis_type", "dead_or_deregistered") and not _special(facts),
        "H05": (facts["preserved"] is None and lapses is not False) or (facts["preserved"] is True and lapses is None),
        "H06": _limitation_left(facts, today) is None,
        "H06b": facts["basis_type"] is None,
        "H07": facts["consent_urge"] is None,
        "H08": _any_unknown(facts, "served_by_notice", "phone_provided", "dishonest_now") and not barred,
        "H09": facts["livelihood"] is None and facts["intake_channel"] != "transfer",
    }
    return frozenset(name for name, doubtful in doubts.items() if doubtful)


def _any_unknown(facts: Facts, *names: str) -> bool:
    return any(facts[name] is None for name in names)


def _admission_unknown(facts: Facts, today: date) -> bool:
    """Whether some condition for filing cannot be told; of a claim that is not for money the amount does not matter."""
    amount = facts["relief_type"] is None or (facts["relief_type"] == "money" and owed(facts) is None)
    return amount or _any_unknown(facts, "basis_effective_date", "due_date") or _instalment_hidden(facts, today)


def _not_admissible(facts: Facts, today: date) -> bool:
    return _stop({**facts, "bankruptcy_case": "none"}, today)


def _late(facts: Facts, today: date) -> bool:
    filed_on = facts["filed_at"]
    if filed_on is None:
        return False
    cash, debt = ready_cash(facts, today), whole_debt(facts, today)
    covered = cash is not None and debt is not None and cash >= debt
    wage = facts["q_wage"] is not None and facts["q_wage"] >= WAGE
    allowed = CLOCKS["cash" if covered else "wage" if wage else "other"]
    return bool((today - filed_on).days > allowed)


def _rank(facts: Facts, today: date, *, filed: bool) -> int:
    expiry = facts["pres_expiry"]
    if filed:
        near = facts["preserved"] is True and expiry is not None and (expiry - today).days < PRESERVATION_MARGIN
    else:
        near = bool({"H05", "H06"} & _forbidden(facts, today))
    ranks = {
        1: facts["livelihood"] not in {None, "none"},
        2: facts["clue_specific"] is True,
        3: near,
        4: facts["intake_channel"] == "transfer" or facts["applicant_hardship"] is True,
        5: facts["supervised"] is True,
        9: True,
    }
    return min(rank for rank, holds in ranks.items() if holds)


def owed(facts: Facts) -> float | None:
    """Return claim less payments; in yuan only."""
    claim, paid = facts["claim_amount"], facts["paid_before"]
    if claim is None or paid is None or facts.get("currency") not in {None, "CNY"}:
        return None
    return float(claim - paid - (facts.get("urge_paid") or 0.0))


def whole_debt(facts: Facts, today: date) -> float | None:
    """Return what is owed with doubled interest (0.0175 % a day after the due date) and the enforcement fee."""
    unpaid, due, claim = owed(facts), facts["due_date"], facts["claim_amount"]
    if unpaid is None or due is None:
        return None
    base = claim if facts["principal"] is None else facts["principal"]
    interest = round(0.000175 * base * max((today - due).days, 0), 2)
    return float(unpaid + interest + fee(claim))


def fee(claim: float) -> float:
    """Return the enforcement fee: 50 up to 10,000, then 1.5 %, 1 %, 0.5 % and 0.1 % of what lies in each bracket."""
    found, below = 50.0, 10_000.0
    for top, rate in ((500_000.0, 0.015), (5_000_000.0, 0.01), (10_000_000.0, 0.005), (float("inf"), 0.001)):
        found += rate * max(min(claim, top) - below, 0.0)
        below = top
    return round(found, 2)


def ready_cash(facts: Facts, today: date) -> float | None:
    """Return money that one deduction takes: by the query, or preserved and first in rank, whichever is more."""
    sealed = _sealed(facts, today)
    if facts["q_bank"] is not None:
        return float(max(facts["q_bank"] + (facts["q_netpay"] or 0.0), sealed or 0.0))
    debt = whole_debt(facts, today)
    return float(sealed) if sealed is not None and debt is not None and sealed >= debt else None


def _sealed(facts: Facts, today: date) -> float | None:
    """Return preserved money that is first in rank and still frozen."""
    expiry = facts["pres_expiry"]
    if facts["preserved"] is False or facts["first_seal"] is False or (expiry is not None and expiry < today):
        return 0.0
    return facts["pres_cash"] if facts["first_seal"] is True else None


def _limitation_left(facts: Facts, today: date) -> int | None:
    start = _limitation_start(facts)
    return None if start is None else (two_years(start) - today).days


def _limitation_start(facts: Facts) -> date | None:
    last, instalment = facts["last_instalment_due"], facts["instalment"]
    found = facts["due_date"] or facts["basis_effective_date"]
    if instalment is True or (instalment is None and last is not None):
        found = last
    return cast("date | None", found)


def _limitation_passed(facts: Facts, today: date) -> bool:
    """Whether limitation has ended, both its ends moved from holidays; a penalty has a period of its own."""
    start = _limitation_start(facts)
    if start is None or facts["basis_type"] == "administrative_penalty":
        return False
    return moved(two_years(moved(start))) < today


def two_years(start: date) -> date:
    """Return the same day two years on, or the last day of that month."""
    year = start.year + 2
    return date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


@cache
def moved(day: date) -> date:
    """Return the day, or the next one on which courts work; where no calendar is published, Monday to Friday."""
    while not (chinese_calendar.is_workday(day) if day.year <= LAST_YEAR else day.weekday() < 5):
        day += DAY
    return day
