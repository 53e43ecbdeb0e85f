"""One line of the rule block: what a rule found in one case, in words a clerk can check."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

Met = Literal["met", "not_met", "unknown"]
Value = str | float | bool | None


class RuleResult(NamedTuple):
    """What one rule, or one condition of it, found; named tuples, because one case makes over a hundred of them.

    `met` means that the rule's own condition holds: of H07 "the applicant has
    not agreed", so urging is blocked. `acts` says whether the rule changes the
    route, which it also does when unknown facts block urging. `source` is
    where the fact comes from and `observed_on` the day on which it was seen
    there, or worked out; None where nobody said. `missing` names the fields
    without which the answer is unknown.
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
    source: str = ""
    observed_on: date | None = None
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the line as the API shows it."""
        line: dict[str, object] = {
            "id": self.id,
            "result": self.result,
            "text": self.zh,
            "text_en": self.en,
            "value": self.value,
            "field": self.field,
            "source": self.source,
            "observed_at": self.observed_on.isoformat() if self.observed_on else None,
            "missing": list(self.missing),
        }
        if self.kind:
            line["basis"] = self.basis
            line["kind"] = self.kind
            line["acts"] = self.acts
            line["in_force_from"] = self.in_force_from.isoformat() if self.in_force_from else None
            line["conditions"] = [part.to_json() for part in self.parts]
        return line
