"""What one more place in a team would be worth, found by placing everything again with that place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.assignment.demand import Rows, rank_words
from models.assignment.program import Program, Solution
from models.assignment.solving import best_plan
from models.assignment.units import MILLI

_NOTHING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Price:
    """One more place in a team, a place being one case of its heaviest lane (`place` weighted units).

    `more` says how many cases of which rank could be placed beyond today's,
    by rank and for the first rank that gains; `value` in yuan what the place
    is worth when no rank gains. Both come from placing everything again.
    `dual` is the linear program's price of a place: it is the loss of one
    place less, and equals the gain of one more only where both are the same.
    """

    team: str
    place: float
    more: tuple[int, int] | None
    value: float
    dual: float

    def words(self, steps: Sequence[int]) -> tuple[str, str]:
        """Return what the price says, and what it does not."""
        zh, en = f"{self.team} 多一个名额（折算 {self.place:g}）：", f"{self.team}, one more place ({self.place:g}): "
        if self.more is not None:
            rank, cases = self.more
            rank_zh, rank_en = rank_words(rank, steps)
            return f"{zh}可多收“{rank_zh}” {cases} 件", f"{en}{cases} more cases of rank “{rank_en}”"
        if self.value > _NOTHING:
            return f"{zh}约值 {self.value:.2f} 元", f"{en}worth about {self.value:.2f} yuan"
        if self.dual > _NOTHING:
            return (
                f"{zh}无所增益；能力与需求恰好相等，对偶值 {self.dual:.2f} 元只说明少一个名额的损失",
                f"{en}nothing; places equal demand, and the dual {self.dual:.2f} yuan only tells the loss of one less",
            )
        return f"{zh}今日无所增益", f"{en}nothing today"


def prices_of(program: Program, base: Solution, names: Sequence[str], places: Rows) -> tuple[Price, ...]:
    """Return the price of one more place in every team; `places` (teams,) in thousandths, 0 for a team that takes none.

    Plans are compared with units cut where that helps, so that gain and loss
    stand on the same ground; with whole cases of one weight nothing is cut.
    """
    load = np.bincount(
        program.pair_team, weights=program.weight[program.pair_class] * base.flows, minlength=len(program.capacity)
    )
    full = load > program.capacity - 1.0
    return tuple(
        _price(program, base, team, name=names[team], place=int(places[team]), full=bool(full[team]))
        for team in np.flatnonzero(places).tolist()
    )


def _price(program: Program, base: Solution, team: int, *, name: str, place: int, full: bool) -> Price:
    """Return a team's price; where places are left over, one more changes nothing."""
    dual = float(base.price[team]) * place
    nothing = Price(team=name, place=place / MILLI, more=None, value=0.0, dual=dual)
    if not full:
        return nothing
    capacity = program.capacity.copy()
    capacity[team] += place
    placed = np.bincount(program.pair_class, weights=base.flows, minlength=len(program.size)).astype(np.float64)
    more = program.with_capacity(capacity)
    richer = best_plan(more, near=placed, beside=base.placed) or best_plan(more, beside=base.placed)
    if richer is None:
        return nothing
    for rank in sorted(richer.placed):
        gained = richer.placed[rank] - base.placed.get(rank, 0)
        if gained > 0:
            return Price(team=name, place=place / MILLI, more=(rank, gained), value=0.0, dual=dual)
    return Price(team=name, place=place / MILLI, more=None, value=max(richer.value - base.value, 0.0), dual=dual)
