"""Builders for replays: a court that has given answers with real models and rules, and whoever tampers with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.bundle import Bundle
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Principal
from serving.audit.digest import row_digest
from serving.decide import Decider
from serving.model_life.renewal import Renewal
from serving.model_life.standing import Standing
from serving.replay.means import Means
from serving.replay.replaying import Replayer
from serving.replay.verdict import Verdict
from serving.repositories.advice import AdviceStore
from serving.repositories.recorded import RecordedStore
from serving.repositories.rule_texts import RuleTextStore
from serving.store.tables.advice import SEALED, advice
from serving.store.transaction import Store
from serving.store.triggers import release_rows
from tests.builders_case import NOW, case_document
from tests.builders_serving import KEYS

OPERATOR = Origin(Principal(kind="local", id="operator", courts=EVERY_COURT))


@dataclass(frozen=True)
class Answered:
    """A court with bundles below `home` and a store; loading skips the child process, which has its own tests."""

    home: Path
    store: Store

    def standing(self, *, rules: Path | None = None) -> Standing:
        """Return what the court answers with now, its rules kept."""
        renewal = Renewal(bundles=self.home / "bundles", rules=rules, prove=Bundle.load, prove_at_start=Bundle.load)
        standing = renewal.begin(renewal.sight()).value
        RuleTextStore(self.store, KEYS).keep(standing.rules, at=NOW)
        return standing

    def score(self, sent: Mapping[str, Any] | None = None, *, stopped: bool = False, **options: Any) -> str:
        """Give one answer and return its id."""
        standing = self.standing(**options)
        records = AdviceStore(self.store, KEYS)
        use_case = Decider(
            standing=lambda: standing, records=records, keys=KEYS, clock=lambda: NOW, stopped=lambda _: stopped
        )
        document = case_document() if sent is None else sent
        return use_case.score(document, key=f"key-{self.count():08d}", origin=OPERATOR).id

    def count(self) -> int:
        """Count the answers on record."""
        query = sa.select(sa.func.count()).select_from(advice)
        return int(self.store.read(lambda connection: connection.scalar(query)) or 0)

    def replayer(self) -> Replayer:
        """Return a replayer that finds bundles and rules where the court keeps them."""
        return Replayer(Means(self.home / "bundles", RuleTextStore(self.store, KEYS), load=Bundle.load))

    def replay(self, advice_id: str) -> Verdict:
        """Replay one answer."""
        recorded = RecordedStore(self.store, KEYS).get(advice_id, origin=OPERATOR, at=NOW)
        assert recorded is not None
        return self.replayer().replay(recorded)

    def row(self, advice_id: str) -> dict[str, Any]:
        """Return a row with its sealed columns opened."""
        query = sa.select(advice).where(advice.c.id == advice_id)
        row = self.store.read(lambda connection: dict(connection.execute(query).mappings().one()))
        return {**row, **{name: _opened(row, name) for name in SEALED if row[name] is not None}}

    def tamper(self, advice_id: str, *, on_trail: bool = False, **changes: Any) -> None:
        """Change columns as somebody could who holds database and keys; with `on_trail` the digest there, too."""
        sealed = {
            name: KEYS.seal.close(value, f"advice.{name}:{advice_id}")
            if name in SEALED and value is not None
            else value
            for name, value in changes.items()
        }

        def work(connection: sa.Connection) -> None:
            for table in ("advice", "audit"):
                release_rows(connection, table)
            connection.execute(advice.update().where(advice.c.id == advice_id).values(**sealed))
            if on_trail:
                self._forge(connection, advice_id)

        self.store.write(work)

    def edit(self, advice_id: str, **changes: Any) -> None:
        """Change top-level entries of the recorded answer, and its digest on the trail."""
        answer = {**json.loads(self.row(advice_id)["answer"]), **changes}
        spelt = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        self.tamper(advice_id, on_trail=True, answer=spelt)

    def _forge(self, connection: sa.Connection, advice_id: str) -> None:
        row = connection.execute(sa.select(advice).where(advice.c.id == advice_id)).mappings().one()
        old = connection.scalar(sa.text("SELECT detail FROM audit WHERE object_id = :id"), {"id": advice_id})
        detail = json.dumps({**json.loads(old), "row_sha256": row_digest(dict(row))})
        connection.execute(
            sa.text("UPDATE audit SET detail = :detail WHERE object_id = :id"), {"detail": detail, "id": advice_id}
        )


def _opened(row: Mapping[str, Any], name: str) -> bytes:
    return KEYS.seal.open(row[name], f"advice.{name}:{row['id']}")


def of_another_court(origin: Origin) -> Origin:
    """Return the same caller with the cases of another court only."""
    from serving.access.principal import Courts

    return replace(origin, by=replace(origin.by, courts=Courts(frozenset({"京0105"}))))
