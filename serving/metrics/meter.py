"""What is counted, and a meter that counts nothing, for a service whose figures nobody asks for."""

from __future__ import annotations

from typing import Final


class Meter:
    """Counts nothing. Whoever counts, counts by words of our own only: no path, name or number of a caller."""

    def request(self, route: str, method: str, *, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the declared address, never what was typed."""

    def advice(self, mode: str, status: str) -> None:
        """Count one recorded answer."""

    def exchange(self, part: str, outcome: str) -> None:
        """Count one exchange of models or rules, done or failed."""

    def shadow_lost(self, cases: int) -> None:
        """Count cases that the challenger went without."""

    def standing(self, *, model_sha256: str, ruleset_sha256: str, mode: str) -> None:
        """Note what this worker answers with, in place of what it answered with before."""


SILENT: Final = Meter()
