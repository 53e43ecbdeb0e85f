"""What became of every application, written down as it happens: instants, money, hours, and the queues of each day."""

from __future__ import annotations

import numpy as np

from features.known import Array
from models.indicators import State
from training.scoring.input import Rows

NAN = float("nan")


class Ledger:
    """Plain lists while the court works, one entry an application; NaN is never.

    `ended_at` is when nothing was left to be done in the matter itself,
    `closed_at` when the court had closed the case. `money` and `payouts` hold
    (row, instant, share of the claim) and (row, arrival, payout).
    """

    def __init__(self, n: int) -> None:
        self.state = [int(State.OPEN)] * n
        self.lane, self.moved, self.converted = [-1] * n, [0] * n, [-1] * n
        self.urged_at, self.filed_at, self.query_at = [NAN] * n, [NAN] * n, [NAN] * n
        self.ended_at, self.closed_at = [NAN] * n, [NAN] * n
        self.hours, self.lost = [0.0] * n, [0.0] * n
        self.money: list[tuple[int, float, float]] = []
        self.payouts: list[tuple[int, float, float]] = []
        self.days: list[float] = []
        self.queues: list[list[int]] = []

    def column(self, name: str) -> Array:
        """Return one list as an array of numbers."""
        return np.array(getattr(self, name), dtype=np.float64)

    def whole(self, name: str) -> Rows:
        """Return one list of codes as an array."""
        return np.array(getattr(self, name), dtype=np.int64)

    def table(self, name: str) -> Array:
        """Return `money` or `payouts` as an array of shape (rows, 3)."""
        return np.array(getattr(self, name), dtype=np.float64).reshape(-1, 3)
