"""What a lane changes, learned from logged decisions, and the policy that routes each case by what that is worth."""

from training.lane_effects.by_value import ByValue
from training.lane_effects.learning import LaneEffects, learn_effects

__all__ = ["ByValue", "LaneEffects", "learn_effects"]
