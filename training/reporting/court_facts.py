"""What only the court can say of itself in a report: `report.toml` in its home; what is missing is marked as open."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Final

from training.config import build_typed
from training.errors import CommandError
from training.provenance import Home

FILE: Final = "report.toml"


@dataclass(frozen=True)
class CourtFacts:
    """Facts of the court for its reports; an empty one is shown as one that is still to be filled in.

    `assessment` names the impact assessment's number and date, `retention`
    how long records are kept, `risk` the court's own rating of what remains.
    """

    court: str = ""
    unit: str = ""
    contact: str = ""
    complaints: str = ""
    supplier: str = ""
    system_owner: str = ""
    assessment: str = ""
    assessor: str = ""
    retention: str = ""
    training: str = ""
    risk: str = ""
    conclusion: str = ""

    @classmethod
    def of(cls, home: Home) -> CourtFacts:
        """Read the court's file; without one everything is open.

        Raises
        ------
        CommandError
            CONFIG: it is no TOML or holds an unknown key.
        """
        path = home.path / FILE
        if not path.is_file():
            return cls()
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise CommandError("CONFIG", f"{path} 无法解析：{error}", f"{path} cannot be parsed: {error}") from error
        found: CourtFacts = build_typed(cls, document)
        return found
