"""Assignment of a day's cases to teams and members under capacity."""

from models.assignment.assign import Assignment, Day, Proof, TeamLoad, assign
from models.assignment.demand import Demand, DemandError, rank_words
from models.assignment.eligibility import REASON_WORDS, Reason
from models.assignment.prices import Price

__all__ = [
    "REASON_WORDS",
    "Assignment",
    "Day",
    "Demand",
    "DemandError",
    "Price",
    "Proof",
    "Reason",
    "TeamLoad",
    "assign",
    "rank_words",
]
