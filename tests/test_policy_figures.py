"""Figures of a policy: one sum of value, asked from the utility and never written a second time."""

from __future__ import annotations

import numpy as np
import pytest

from models.utility import Consequences, Utility
from tests.builders_utility import free_utility, utility
from training.policy_value.consequences import Course
from training.policy_value.figures import FIGURES, Pricing
from training.policy_value.outcome_models import components


def a_course(n: int = 50, *, seed: int = 1) -> Course:
    """Return random courses of n cases."""
    rng = np.random.default_rng(seed)
    return Course(
        days=rng.uniform(1, 180, n), share=rng.random(n), hours=rng.uniform(1, 40, n),
        failed=(rng.random(n) < 0.4).astype(float), claim=rng.lognormal(11, 2, n),
    )  # fmt: skip


@pytest.mark.parametrize("setting", [utility(), utility({"delay_rate": 0.01}), free_utility(yuan_per_hour=3.0)])
def test_the_value_of_components_is_the_value_of_consequences(setting: Utility) -> None:
    """Days, shares and hours laid out one by one add up to what the utility says of the whole."""
    course = a_course()
    figures = Pricing.of(setting, course.claim).figures(components(course))
    whole = setting.value(
        Consequences(
            days=course.days, yuan=course.share * course.claim, hours=course.hours, failed_urging=course.failed
        )
    )
    assert figures[:, 0] == pytest.approx(whole, rel=1e-9, abs=1e-6)


def test_the_other_figures_are_plain_units() -> None:
    """Days, yuan recovered, hours and failed urgings are told as they are."""
    course = a_course()
    figures = dict(zip(FIGURES, Pricing.of(utility(), course.claim).figures(components(course)).T, strict=True))
    assert figures["days"] == pytest.approx(course.days)
    assert figures["yuan"] == pytest.approx(course.share * course.claim)
    assert figures["hours"] == pytest.approx(course.hours)
    assert figures["failed"] == pytest.approx(course.failed)


def test_figures_of_several_actions_keep_their_places() -> None:
    """Shape (n, actions, components) becomes (n, actions, figures), each action by itself."""
    course, other = a_course(), a_course(seed=2)
    other = Course(**{**vars(other), "claim": course.claim})
    pricing = Pricing.of(utility(), course.claim)
    both = pricing.figures(np.stack([components(course), components(other)], axis=1))
    assert both[:, 1] == pytest.approx(pricing.figures(components(other)))


def test_what_is_learned_is_bounded() -> None:
    """No component grows with the claim: money is learned as a share."""
    small, large = a_course(), a_course()
    large = Course(**{**vars(large), "claim": large.claim * 1e6})
    assert (components(small) == components(large)).all()
