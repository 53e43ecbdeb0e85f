"""Who sees what a model says: by the mode of the court, by one's own choice, and by what one has asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from serving.record.court_settings import ReviewMode

ENOUGH = {
    ReviewMode.OPEN: frozenset({"", "opinion", "reveal"}),
    ReviewMode.ON_REQUEST: frozenset({"opinion", "reveal"}),
    ReviewMode.COMMIT_FIRST: frozenset({"opinion"}),
}
"""What a person has put down about an answer that opens the predictions in each mode; `` is nothing at all."""


@dataclass(frozen=True)
class Sight:
    """What one person may see at one court; `off` where he has switched predictions off for himself.

    法发〔2022〕33号: users may choose, and leave at any time.
    """

    mode: ReviewMode
    off: bool = False

    def opened_by(self, put_down: Collection[str]) -> bool:
        """Whether the person sees predictions, and the lane a model proposed, after this."""
        return not self.off and bool(ENOUGH[self.mode] & {"", *put_down})

    @property
    def wants_opinion(self) -> bool:
        """Whether an opinion has to come first; not from whoever never sees a prediction."""
        return self.mode is ReviewMode.COMMIT_FIRST and not self.off

    @property
    def name(self) -> str:
        """The mode as an answer names it."""
        return "off" if self.off else self.mode.value
