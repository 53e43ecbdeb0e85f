"""One team's open cases by their next day; its members are there for its lead alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.pages.queue import Option
from serving.pages.teams.page import CaseRow, Reader, TeamRow, case_rows, rows_of
from serving.record.teams.assigning import NOBODY, REASONS
from serving.record.teams.loading import Load, Loads


@dataclass(frozen=True, kw_only=True)
class TeamPage:
    """Everything on the page."""

    court: str
    row: TeamRow
    count: int
    cases: tuple[CaseRow, ...]
    teams: tuple[Option, ...]
    reasons: tuple[Option, ...]
    may_assign: bool

    @property
    def more(self) -> bool:
        """Whether there are more cases than are listed."""
        return self.count > len(self.cases)


def team_page(found: Loads, load: Load, listed: tuple[int, Sequence[Mapping[str, Any]]], *, reader: Reader) -> TeamPage:
    """Return the page of one team."""
    say, (count, cases) = reader.say, listed
    others = [Option(one.team.id, one.team.name, chosen=False) for one in found.loads if one.team.id != load.team.id]
    rows = dict(zip((one.team.id for one in found.loads), rows_of(found, reader.named, say), strict=True))
    return TeamPage(
        court=found.court,
        row=rows[load.team.id],
        count=count,
        cases=case_rows(cases, found, say),
        teams=(*others, Option(NOBODY, say("退出团队，待重新分配"), chosen=False)),
        reasons=tuple(Option(code, say.pick(*words), chosen=False) for code, words in REASONS.items()),
        may_assign=reader.may_assign,
    )
