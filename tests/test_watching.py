"""What is known by a day: weights that stand in for who was not watched."""

from __future__ import annotations

import numpy as np
import pytest

from training.learning.watching import as_cases, by_day


def test_half_watched_cases_bias_nothing() -> None:
    """Cases that came lately are watched for a part of the time; the weighted rate is that of all."""
    rng = np.random.default_rng(2)
    ends, watched = rng.exponential(120, 30_000), rng.uniform(20, 400, 30_000)
    found = by_day(np.minimum(ends, watched), (ends <= watched).astype(np.int64), day=90)
    rate = (found.event * found.weight).sum() / found.weight.sum()
    assert rate == pytest.approx(1 - np.exp(-0.75), abs=0.01)
    assert found.known.mean() < 0.95


def test_weights_count_as_as_many_cases_as_they_are_worth() -> None:
    """Equal weights are that many cases; one heavy case among light ones is hardly more than one."""
    assert as_cases(np.full(40, 3.0)).sum() == pytest.approx(40)
    assert as_cases(np.array([100.0, 0.1, 0.1])).sum() == pytest.approx(1.004, abs=0.001)
    assert as_cases(np.zeros(3)).sum() == 0
