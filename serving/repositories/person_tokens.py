"""Whose data an answer holds: the debtor's token, looked up by a keyed digest and never kept in the open."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import orjson
from sqlalchemy import Connection, delete, insert

from serving.keys import KeyRing
from serving.store.tables.people import person_tokens


def token_in(document: bytes) -> str | None:
    """Return the debtor's token in a case as it is kept; None where the court did not give his number."""
    case = orjson.loads(document).get("case") or {}
    token = case.get("id_token")
    return token if isinstance(token, str) and token else None


def put_token(connection: Connection, advice_id: str, document: bytes, keys: KeyRing) -> None:
    """Note, in the transaction of the advice, whose data it holds."""
    token = token_in(document)
    if token is not None:
        connection.execute(_NEW, {"advice_id": advice_id, "token_digest": keys.person(token)})


def forget_tokens(connection: Connection, advice_ids: Collection[str]) -> int:
    """Remove the rows of these answers, in the transaction that erases them; return how many went."""
    return int(connection.execute(delete(person_tokens).where(person_tokens.c.advice_id.in_(advice_ids))).rowcount)


_NEW: Final = insert(person_tokens)
"""Built once: building it costs more than running it."""
