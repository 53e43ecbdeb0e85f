"""Characters that cannot be seen: what looks like one text on the screen must not be another one in the record."""

from __future__ import annotations

from typing import Final

MOST_TEXT: Final = 200
"""The longest text of one line that a case holds."""

HIDDEN: Final = (
    r"\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f"
)
"""Inside a character class: control and format characters, marks that turn or join text, fillers, what is no character.

Variation selectors are none of them: they tell apart the forms of rare characters in names.
"""

ONE_LINE: Final = rf"\u0000-\u001f\u2028\u2029{HIDDEN}"
"""Inside a character class: what no text of one line holds."""

LINES: Final = rf"\u0000-\u0008\u000b\u000c\u000e-\u001f{HIDDEN}"
"""Inside a character class: what no text of several lines holds."""


def line_pattern(most: int) -> str:
    """Return the regular expression of a line of at most so many characters, without blanks at its ends."""
    edge, inside = rf"[^\s{ONE_LINE}]", f"[^{ONE_LINE}]"
    return f"{edge}(?:{inside}{{0,{most - 2}}}{edge})?"
