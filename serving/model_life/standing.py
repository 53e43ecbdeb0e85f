"""What answers now: models, rules and fields that belong together, exchanged as one and never mixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from features.case import Case, parse_case
from features.register import Register, load_register
from models.advise import Given, Judged, advise
from models.bundle import Bundle
from models.rules.table import RuleTable
from models.rules.windows import Windowed
from serving.model_life.court_windows import Tables
from serving.model_life.downgrade import STOPPED, Downgrade
from serving.model_life.loading import ModelLife
from serving.model_life.sight import Sight

Bodies = Mapping[str, Callable[[], bytes]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Everything that one answer is made from, and what the service says of itself as long as it stands.

    `shadow` is the challenger, scored beside and never shown; None where none
    is named. `rules_refused` says why a newer rule file was not taken. `rules`
    is the service's table, `windows` those of courts that have signed an
    urging window of their own: whoever judges asks `rules_of`.
    """

    life: ModelLife[Bundle]
    rules: RuleTable
    register: Register
    sight: Sight
    windows: Tables = field(default_factory=dict)
    shadow: ModelLife[Bundle] | None = None
    rules_refused: Downgrade | None = None
    descriptions: Bodies = field(default_factory=dict, repr=False)
    page: bytes = field(default=b"", repr=False)

    def parse(self, document: object, at: datetime, *, tokenise: Callable[[str], str]) -> Case:
        """Read a document as a case with the fields of this register; raise InvalidCaseError for any other."""
        return parse_case(document, now=at, register=self.register, tokenise=tokenise)

    def judge(self, case: Case, *, on: date, stopped: bool = False) -> Judged:
        """Return advice on the case, given on this day; with the models switched off the rules answer alone.

        Raises
        ------
        RuleTableError
            No rule table covers the day of receipt.
        """
        why = STOPPED if stopped else self.life.downgrade
        return advise(
            case,
            bundle=None if stopped else self.life.bundle,
            rules=self.rules_of(case.court_code),
            register=self.register,
            explained=case.explain_reasons > 0 or case.explain_flips > 0,
            given=Given(on=on, degraded=None if why is None else why.degraded),
        )

    def rules_of(self, court: str) -> RuleTable:
        """Return the rule table that applies to a court: the service's, with the windows that the court has signed."""
        return self.windowed(court).table

    def windowed(self, court: str) -> Windowed:
        """Return the same table with what of the court's signed windows does not hold, and what they overrule."""
        return self.windows.get(court) or Windowed(table=self.rules)

    def with_rules(self, rules: RuleTable) -> Standing:
        """Return the same with other rules."""
        return replace(self, rules=rules, rules_refused=None)


def register_of(bundle: Bundle | None) -> Register:
    """Return the register with the fields that the bundle's court declared."""
    shipped = load_register()
    return shipped if bundle is None else shipped.extended(extension.field for extension in bundle.extensions)
