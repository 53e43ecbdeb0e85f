"""Export per person: whoever asks what the court keeps about him gets all of it (个人信息保护法 art. 45)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from features.identifiers import IdentityKind, identify
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.keys import KeyRing
from serving.repositories.persons import CaseOfPerson, PersonStore

FORMAT: Final = "fenliu-person/1"
_INNER: Final = frozenset({"number", "day", "key_sha256", "body_digest", "features"})
"""Columns that say nothing about a person; features are the inputs once more, as the models' numbers."""

_JSON: Final = frozenset({"input", "answer", "rules", "versions", "scores"})


@dataclass(frozen=True)
class PersonExport:
    """The use case with its collaborators."""

    records: PersonStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def export(self, *, identity_number: str | None, token: str | None, origin: Origin) -> dict[str, object]:
        """Return everything about the person with this number or token as one document.

        The number becomes a token here and goes no further.

        Raises
        ------
        ProblemError
            VALIDATION_FAILED unless exactly one of the two is given, the token being one.
        StoreUnavailableError
            It could not be read, or the export not noted.
        """
        if (identity_number is None) == (token is None):
            raise ProblemError("VALIDATION_FAILED", errors=[_ONE_OF_TWO])
        now = self.clock()
        found = self.records.cases(self._token(identity_number or token or ""), origin=origin, at=now)
        return {
            "format": FORMAT,
            "made_at": now.isoformat(timespec="seconds"),
            "courts": str(origin.by.courts),
            "cases": [_case_json(case) for case in found],
        }

    def _token(self, text: str) -> str:
        identity = identify(text)
        return identity.number if identity.kind is IdentityKind.TOKEN else self.keys.token(identity.number)


def _case_json(case: CaseOfPerson) -> dict[str, object]:
    lists = (
        *("decisions", "views", "corrections", "reviews", "review_decisions", "review_steps"),
        *("outcomes", "shadow_scores", "holds"),
    )
    return {
        "court_code": case.court_code,
        "application_id": case.application_id,
        "advice": _rows(case.answers),
        **{name: _rows(getattr(case, name)) for name in lists},
    }


def _rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    # Names of columns are texts of SQLAlchemy's own kind.
    return [
        {str(name): _value(name, value) for name, value in row.items() if name not in _INNER and value is not None}
        for row in rows
    ]


def _value(name: str, value: object) -> object:
    text = bytes(value).decode("utf-8") if isinstance(value, bytes | memoryview) else value
    return json.loads(text) if name in _JSON and isinstance(text, str) else text


_ONE_OF_TWO: Final = {
    "pointer": "",
    "code": "ONE_OF_TWO",
    "message": "identity_number 与 token 须且只须填一项",
    "message_en": "give either identity_number or token",
}
