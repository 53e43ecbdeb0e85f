"""The docket as plain lists: a simulation asks for one number at a time, and arrays are slow at that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.court_year.docket import Docket
from training.court_year.settings import YearSettings
from training.simulate.settings import load_margins


@dataclass(frozen=True, slots=True)
class Plain:
    """Each list has one entry an application; pairs hold the fast and the complex lane. Infinity is never."""

    received: list[float]
    first: list[int]
    second: list[int]
    file_wait: list[float]
    urge_wait: list[float]
    urge_paid_day: list[float]
    part: list[float]
    delay: list[float]
    lag: list[float]
    clock: list[float]
    means: list[int]
    voluntary: tuple[list[float], list[float]]
    path: tuple[list[float], list[float]]
    works: tuple[list[bool], list[bool]]
    sells: tuple[list[bool], list[bool]]
    other: list[float]
    zhongben: list[float]
    part_day: list[float]
    part_share: list[float]
    sale_share: list[float]
    other_share: list[float]
    vanish: list[float]
    work: list[float]
    priority: list[int]

    @classmethod
    def of(cls, docket: Docket, settings: YearSettings) -> Self:
        """Return the lists of a docket."""
        chance, (fast, slow) = docket.arrivals.chance, docket.way
        spread = settings.office.spread
        lags = np.array(load_margins().query["lags"]["days"], dtype=np.float64)
        return cls(
            received=docket.arrivals.received.tolist(),
            first=docket.first.tolist(),
            second=docket.second.tolist(),
            file_wait=chance.file_wait.tolist(),
            urge_wait=chance.urge_wait.tolist(),
            urge_paid_day=chance.urge_paid_day.tolist(),
            part=chance.part.tolist(),
            delay=docket.delay_days.tolist(),
            lag=lags[chance.signs.lag].tolist(),
            clock=docket.clock_days.tolist(),
            means=chance.means.tolist(),
            voluntary=(fast.voluntary.tolist(), slow.voluntary.tolist()),
            path=(fast.path.tolist(), slow.path.tolist()),
            works=(fast.works.tolist(), slow.works.tolist()),
            sells=(fast.sells.tolist(), slow.sells.tolist()),
            other=fast.other.tolist(),
            zhongben=fast.zhongben.tolist(),
            part_day=fast.part.tolist(),
            part_share=chance.part_share.tolist(),
            sale_share=chance.sale_share.tolist(),
            other_share=chance.other_share.tolist(),
            vanish=np.where(docket.arrivals.secured, np.inf, chance.vanish_day).tolist(),
            work=np.exp(spread * chance.work - spread**2 / 2.0).tolist(),
            priority=np.where(docket.urgent, 0, 1).tolist(),
        )
