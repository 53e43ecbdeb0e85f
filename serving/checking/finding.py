"""What was found out about one part, and what it means for a start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAMAGED: Final = 1
UNSAFE: Final = 2
UNREACHABLE: Final = 6


@dataclass(frozen=True)
class Finding:
    """One line: the part, what was found, the exit code it leads to (0: none), and whether to look at it."""

    part: str
    text: str
    status: int = 0
    doubtful: bool = False

    def __str__(self) -> str:
        """Return the line as it is printed."""
        mark = "✗" if self.status else "！" if self.doubtful else "✓"
        return f"{mark} {self.part}：{self.text}"
