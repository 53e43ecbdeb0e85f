"""One line of the rule block: what a rule found in one case, in words a clerk can check."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

Met = Literal["met", "not_met", "unknown"]
Value = str | float | bool | None


class RuleResult(NamedTuple):
    """What one rule, or one condition of it, found; named tuples, because one case makes some eighty of them.

    `met` means that the rule's own condition holds: of H07 "the applicant has
    not agreed", so urging is blocked. `acts` says whether the rule changes the
    route, which it also does when unknown facts block urging.
    """

    id: str
    result: Met
    zh: str
    en: str
    basis: str
    value: Value = None
    field: str = ""
    in_force_from: date | None = None
    kind: str = ""
    acts: bool = False
    parts: tuple[RuleResult, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the line as the API shows it."""
        line: dict[str, object] = {
            "id": self.id,
            "result": self.result,
            "text": self.zh,
            "text_en": self.en,
            "value": self.value,
            "field": self.field,
        }
        if self.kind:
            line["basis"] = self.basis
            line["kind"] = self.kind
            line["acts"] = self.acts
            line["in_force_from"] = self.in_force_from.isoformat() if self.in_force_from else None
            line["conditions"] = [part.to_json() for part in self.parts]
        return line
