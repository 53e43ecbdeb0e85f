"""What links cases, gathered from a history or from the cases themselves; tokens stay inside."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features import history_tables as tables
from models.batches import BatchSettings, LinkFacts, Links, link, signature
from training.docket.routed import Routed
from training.history import History

FORM = ("cause_code", "cause_version")
"""Registered facts in which cases of one form agree; how the contract was secured differs inside one bank's batch."""

TEXT = "clue_text"
"""The free text of an application, of which only a signature is taken."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Join keys by case id: the debtors', and the applicant's where it is known."""

    debtors: Mapping[str, frozenset[str]]
    applicant: Mapping[str, str]


def tokens_of_history(history: History) -> Tokens:
    """Return the join keys of a history."""
    debtors: dict[str, set[str]] = {}
    table = history.debtors
    for case, token in zip(tables.texts(table["case_id"]), tables.texts(table["id_token"]), strict=True):
        debtors.setdefault(str(case), set()).add(str(token))
    applicant = {}
    if "applicant_token" in history.cases.column_names:
        tokens = tables.texts(history.cases["applicant_token"])
        applicant = {str(a): str(b) for a, b in zip(history.case_ids, tokens, strict=True) if b is not None}
    return Tokens(debtors={case: frozenset(found) for case, found in debtors.items()}, applicant=applicant)


def tokens_of_cases(routed: Routed, *, one_applicant: bool) -> Tokens:
    """Return the join keys that cases carry themselves; with `one_applicant`, all are of one applicant."""
    column = routed.seen.columns.get("id_token")
    values = [None] * len(routed.ids) if column is None else column.tolist()
    debtors = {case: frozenset({str(token)}) for case, token in zip(routed.ids, values, strict=True) if token}
    return Tokens(debtors=debtors, applicant=dict.fromkeys(routed.ids, "-") if one_applicant else {})


def linked(routed: Routed, tokens: Tokens, settings: BatchSettings) -> Links:
    """Return the links among routed cases."""
    return link(
        LinkFacts(
            ids=routed.ids,
            debtors=[tokens.debtors.get(case, frozenset()) for case in routed.ids],
            applicant=[tokens.applicant.get(case) for case in routed.ids],
            form=_forms(routed),
            text=[signature(text) if isinstance(text, str) else None for text in _texts(routed)],
            claim=routed.number("claim_amount"),
            received=routed.number("received_at"),
        ),
        settings,
    )


def _forms(routed: Routed) -> Sequence[Hashable]:
    """Return the form of each case; facts that nobody knows are alike."""
    columns = [routed.seen.columns.get(name) for name in FORM]
    plain = [[_plain(value) for value in column.tolist()] for column in columns if column is not None]
    return list(zip(*plain, strict=True)) if plain else [()] * len(routed.ids)


def _plain(value: object) -> object:
    return None if isinstance(value, float) and np.isnan(value) else value


def _texts(routed: Routed) -> Sequence[object]:
    column = routed.seen.columns.get(TEXT)
    return [None] * len(routed.ids) if column is None else column.tolist()
