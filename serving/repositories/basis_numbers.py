"""Which applications are on record at a court: by their number, and by a keyed digest of their enforcement basis."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection, Select, delete, insert, select

from serving.keys import KeyRing
from serving.repositories.court_scope import unsteered
from serving.store.tables.advice import advice, idempotency
from serving.store.tables.drafts import basis_numbers
from serving.store.transaction import Store


@dataclass(frozen=True)
class Known:
    """An application that is on record already, and its newest answer."""

    application_id: str
    advice_id: str


@dataclass(frozen=True)
class BasisStore:
    """Looks applications up by their own number and by that of their basis, at one court."""

    store: Store
    keys: KeyRing

    def other(self, court: str, number: str, *, than: str) -> Known | None:
        """Return the newest other application of the court on this basis; None where there is none."""
        digest = self.keys.basis(court, plain(number))
        query = (
            select(advice.c.application_id, advice.c.id)
            .join(basis_numbers, basis_numbers.c.advice_id == advice.c.id)
            .where(basis_numbers.c.basis_digest == digest, advice.c.court_code == court)
            .where(advice.c.application_id != than, advice.c.erased_at.is_(None))
            .order_by(advice.c.day.desc(), advice.c.number.desc())
            .limit(1)
        )
        return self._newest(query)

    def same(self, court: str, application_id: str, *, scope: str, key_sha256: str) -> Known | None:
        """Return the newest answer of the court about an application of this number; None where there is none.

        What the call of this key led to is no other application: it is sent again.
        """
        named = (advice.c.application_id == application_id, advice.c.court_code == court)
        mine = (
            select(idempotency.c.advice_id)
            .join(advice, advice.c.id == idempotency.c.advice_id)
            .where(*named, idempotency.c.scope == scope, idempotency.c.key_sha256 == key_sha256)
        )
        query = (
            select(advice.c.application_id, advice.c.id)
            .where(*named, advice.c.erased_at.is_(None), ~mine.exists())
            .order_by(advice.c.day.desc(), advice.c.number.desc())
            .limit(1)
        )
        return self._newest(query)

    def _newest(self, query: Select[tuple[str, str]]) -> Known | None:
        row = self.store.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else Known(row.application_id, row.id)


def applications_on(connection: Connection, court: str, digests: Collection[str]) -> Mapping[str, set[str]]:
    """Return, for each of these digests that is on record at the court, the applications on that basis."""
    query = (
        select(basis_numbers.c.basis_digest, advice.c.application_id)
        .join(advice, advice.c.id == basis_numbers.c.advice_id)
        .where(basis_numbers.c.basis_digest.in_(digests), unsteered(advice.c.court_code) == court)
        .where(advice.c.erased_at.is_(None))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.basis_digest, set()).add(row.application_id)
    return found


def plain(number: str) -> str:
    """Return a number as it is compared: without spaces, brackets of one width."""
    return "".join(unicodedata.normalize("NFKC", number).split())


def digest_in(document: bytes, keys: KeyRing) -> str | None:
    """Return the digest of the basis in a case as it is kept; None where its number is not known."""
    kept = orjson.loads(document)
    number, court = (kept.get("case") or {}).get("basis_no"), kept.get("court_code")
    return keys.basis(court, plain(number)) if number and court else None


def put_basis(connection: Connection, advice_id: str, document: bytes, keys: KeyRing) -> None:
    """Note, in the transaction of the advice, on which basis it rests."""
    digest = digest_in(document, keys)
    if digest is not None:
        connection.execute(_NEW, {"advice_id": advice_id, "basis_digest": digest})


def forget_bases(connection: Connection, advice_ids: Collection[str]) -> int:
    """Remove the rows of these answers, in the transaction that erases them; return how many went."""
    return int(connection.execute(delete(basis_numbers).where(basis_numbers.c.advice_id.in_(advice_ids))).rowcount)


_NEW: Final = insert(basis_numbers)
"""Built once: building it costs more than running it."""
