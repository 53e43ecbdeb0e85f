"""Telling everybody what became of models and rules: the log, the audit trail, and this worker's own report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.program import program_version
from serving.access.origin import SERVICE
from serving.audit.chain import append
from serving.audit.event import Event
from serving.keys import KeyRing
from serving.logs import logger
from serving.metrics.meter import SILENT, Meter
from serving.model_life.changeover import Change
from serving.model_life.downgrade import SIMULATED
from serving.model_life.fleet import Report, Reporter
from serving.model_life.standing import Standing
from serving.store.faults import StoreUnavailableError
from serving.store.transaction import Store

KIND: Final = "bundle"


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Speaks for one worker; what cannot be written to the audit trail is at least in the log."""

    store: Store
    keys: KeyRing
    clock: Callable[[], datetime]
    reporter: Reporter
    meter: Meter = SILENT

    def changed(self, change: Change) -> None:
        """Tell of one change; the words of a refusal name files and rules, never a person's data."""
        why = change.why
        self.meter.exchange(change.part, change.outcome)
        facts = {"part": change.part, "before": change.before, "after": change.after}
        note = logger().info if change.outcome == "done" and why is None else logger().warning
        words = {} if why is None else {"code": why.code, "reason": why.en, "reason_zh": why.zh}
        note("exchanged" if change.outcome == "done" else "refused", **facts, **words)
        detail = {"before": change.before, "after": change.after, "code": "" if why is None else why.code}
        event = Event(
            action=f"{change.part}.exchange",
            actor=SERVICE.actor,
            kind=KIND,
            object_id=change.after or change.before,
            outcome=change.outcome,
            detail={**detail, "worker": os.getpid()},
        )
        self._audit(event)

    def began(self, standing: Standing) -> None:
        """Tell that this worker begins to answer."""
        self._audit(self._own("service.start", standing))
        self.report(standing)

    def ended(self, standing: Standing) -> None:
        """Tell that this worker answers no more."""
        self._audit(self._own("service.stop", standing))
        self.reporter.close()

    def report(self, standing: Standing) -> None:
        """Leave the report of what this worker answers with now."""
        life, shadow = standing.life, standing.shadow
        if life.bundle is not None and life.bundle.about.simulated:
            logger().warning("simulated_model", name=life.name, notice=SIMULATED[1])
        self.meter.standing(model_sha256=_hash(standing), ruleset_sha256=standing.rules.sha256, mode=life.mode)
        self.reporter.tell(
            Report(
                pid=os.getpid(),
                since=self.clock().isoformat(timespec="seconds"),
                mode=life.mode,
                model=life.name,
                model_sha256=_hash(standing) or None,
                ruleset_sha256=standing.rules.sha256,
                program=program_version(),
                shadow_sha256=None if shadow is None or shadow.bundle is None else shadow.bundle.sha256,
                courts_sha256={court: one.table.sha256 for court, one in standing.windows.items()},
                refused=None if life.refused is None else life.refused.code,
            )
        )

    def _own(self, action: str, standing: Standing) -> Event:
        found = {"model": _hash(standing), "rules": standing.rules.sha256, "program": program_version()}
        return Event(action=action, actor=SERVICE.actor, kind="worker", object_id=str(os.getpid()), detail={**found})

    def _audit(self, event: Event) -> None:
        try:
            self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=self.clock()))
        except StoreUnavailableError as error:
            logger().error("not_audited", action=event.action, reason=str(error))


def _hash(standing: Standing) -> str:
    return "" if standing.life.bundle is None else standing.life.bundle.sha256
