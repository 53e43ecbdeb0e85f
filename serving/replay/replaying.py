"""Giving a stored answer again: the same question to the same models and rules, and a look whether the bytes agree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import numpy as np

from features.case import Case, InvalidCaseError
from features.case.document import document_sha256
from features.register import Stage
from models.advise import Judged
from models.bundle import Bundle
from models.program import program_version
from models.rules.rule import RuleTableError
from serving.decide import advice_row, answer_body
from serving.door.strict_json import written
from serving.model_life.downgrade import DEGRADED_CODES, STOPPED, Downgrade
from serving.model_life.loading import ModelLife
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from serving.replay.difference import Difference, first_difference
from serving.replay.means import Means, MissingError
from serving.replay.verdict import Verdict
from serving.repositories.recorded import Recorded

_A_MOMENT = timedelta(seconds=1)
"""Recorded instants are cut to the second; the case may have been known within it."""


@dataclass(frozen=True)
class Replayer:
    """Gives answers again from what was stored with them; changes nothing."""

    means: Means

    def replay(self, recorded: Recorded) -> Verdict:
        """Return whether the record still makes the answer that it holds, and else what is wrong first."""
        if recorded.erased:
            return Verdict(id=recorded.id, code="ERASED")
        if recorded.unreadable:
            column = recorded.unreadable[0]
            return Verdict(id=recorded.id, code="UNREADABLE", pointer=f"/{column}", about=column)
        answer = _answer(recorded)
        if answer is None:
            return Verdict(id=recorded.id, code="ANSWER_CHANGED")
        program = str(answer["versions"].get("program", ""))
        try:
            found = self._replayed(recorded, answer)
        except MissingError as error:
            found = Verdict(id=recorded.id, code=error.code, about=error.about)
        return _weighed(replace(found, program=program), intact=recorded.intact)

    def _replayed(self, recorded: Recorded, answer: Mapping[str, Any]) -> Verdict:
        standing, case = self._stood(recorded, answer)
        if document_sha256(case) != recorded.row["input_sha256"]:
            return Verdict(id=recorded.id, code="INPUT_CHANGED", pointer="/input_sha256")
        created = datetime.fromisoformat(recorded.row["created_at"])
        stopped = _reason(answer) == STOPPED.code
        try:
            judged = standing.judge(case, on=created.date(), stopped=stopped)
        except RuleTableError as error:
            raise MissingError("RULES_UNREADABLE", recorded.row["ruleset_sha256"][:12]) from error
        return _compared(recorded, case, judged, standing.life.bundle)

    def _stood(self, recorded: Recorded, answer: Mapping[str, Any]) -> tuple[Standing, Case]:
        """Return what stood when the answer was given, and the case as it was read then."""
        sha256 = recorded.row["model_sha256"]
        if sha256 is None:
            return self._rules_alone(recorded, answer)
        bundle = self.means.bundle(sha256)
        standing = self._standing(recorded, ModelLife(bundle.about.name, bundle, None), fields=sha256)
        return standing, _case(standing, recorded)

    def _rules_alone(self, recorded: Recorded, answer: Mapping[str, Any]) -> tuple[Standing, Case]:
        """Find the fields by which the input was read, as a court's own may have been among them."""
        code = _reason(answer)
        why = Downgrade(code, "", "") if code in DEGRADED_CODES else None
        first: MissingError | None = None
        for fields in self.means.fields():
            try:
                standing = self._standing(recorded, ModelLife(None, None, why), fields=fields)
                return standing, _case(standing, recorded)
            except MissingError as error:
                first = first or error
        raise first or MissingError("INPUT_UNREADABLE", "")

    def _standing(self, recorded: Recorded, life: ModelLife[Bundle], *, fields: str) -> Standing:
        rules = self.means.table(recorded.row["ruleset_sha256"], fields=fields)
        return Standing(life=life, rules=rules, register=rules.register, sight=Sight())


def _case(standing: Standing, recorded: Recorded) -> Case:
    at = datetime.fromisoformat(recorded.row["created_at"]) + _A_MOMENT
    try:
        return standing.parse(json.loads(recorded.row["input"]), at, tokenise=str)
    except InvalidCaseError as error:
        raise MissingError("INPUT_UNREADABLE", error.errors[0].pointer) from error
    except ValueError as error:
        raise MissingError("INPUT_UNREADABLE", "JSON") from error


def _answer(recorded: Recorded) -> dict[str, Any] | None:
    """Return the recorded answer; None where it is no answer at all."""
    try:
        answer = json.loads(recorded.row["answer"])
    except ValueError:
        return None
    whole = isinstance(answer, dict) and isinstance(answer.get("versions"), dict)
    return answer if whole else None


def _reason(answer: Mapping[str, Any]) -> str | None:
    reason = answer.get("degraded_reason")
    return str(reason.get("code")) if isinstance(reason, Mapping) else None


def _compared(recorded: Recorded, case: Case, judged: Judged, bundle: Bundle | None) -> Verdict:
    row, body = recorded.row, recorded.row["answer"]
    if judged.features != row["features"]:
        return _features_differ(recorded, judged, bundle)
    again = answer_body(judged.advice, recorded.id, row["created_at"], row["expires_at"])
    under = _under_its_program(again, body)
    found = first_difference(json.loads(body), json.loads(under))
    if found is not None:
        return _differs(recorded, "ANSWER_CHANGED", found)
    if under != body:
        return Verdict(id=recorded.id, code="ANSWER_CHANGED")
    column = _changed_column(recorded, case, judged)
    if column:
        return Verdict(id=recorded.id, code="RECORD_CHANGED", pointer=f"/{column}", about=column)
    return Verdict(id=recorded.id, code="SAME" if again == body else "SAME_OTHER_PROGRAM")


def _changed_column(recorded: Recorded, case: Case, judged: Judged) -> str:
    """Return the first column that is not what the case and its advice make it; those of time stand in the answer."""
    now = datetime.fromisoformat(recorded.row["created_at"])
    made = advice_row(case, judged, now=now, days=0).columns
    made["versions"] = written(json.loads(recorded.row["answer"])["versions"]).decode()
    times = ("created_at", "expires_at")
    return next((name for name, value in made.items() if name not in times and recorded.row[name] != value), "")


def _under_its_program(again: bytes, body: bytes) -> bytes:
    """Return the new answer with the program's version that the recorded one names."""
    named = json.loads(body)["versions"].get("program", "")
    return again.replace(json.dumps(program_version()).encode(), json.dumps(named).encode())


def _features_differ(recorded: Recorded, judged: Judged, bundle: Bundle | None) -> Verdict:
    old, new = (np.frombuffer(row or b"", dtype="<u4") for row in (recorded.row["features"], judged.features))
    pairs = zip_longest(old.tolist(), new.tolist())
    place = next((i for i, (one, other) in enumerate(pairs) if one != other), 0)
    names = [] if bundle is None else [f.name for f in bundle.stages[Stage(recorded.row["stage"])].features]
    name = names[place] if place < len(names) else str(place)
    values = [float(row.view("<f4")[place]) if place < len(row) else None for row in (old, new)]
    return _differs(recorded, "FEATURES_CHANGED", Difference(f"/features/{name}", *values))


def _differs(recorded: Recorded, code: str, found: Difference) -> Verdict:
    return Verdict(id=recorded.id, code=code, pointer=found.pointer, recorded=found.recorded, again=found.again)


def _weighed(found: Verdict, *, intact: bool | None) -> Verdict:
    """Tell another program from a changed record: what the audit trail vouches for was not changed."""
    if found.outcome == "same":
        return found if intact is not False else replace(found, code="RECORD_CHANGED")
    other_program = found.program not in {"", program_version()}
    if found.outcome == "differs" and other_program and intact is not False:
        return replace(found, code="PROGRAM_DIFFERS", about=found.code)
    return found
