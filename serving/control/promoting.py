"""Promotions and rollbacks by people of the service: what the court demands is checked, the audit chain told first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from models.bundle import About
from models.bundle.manifest import DamagedBundleError, read_bundle
from models.bundle.promotion_requests import Waiting
from models.promotion import signing, steps
from models.promotion.court_policy import CourtPolicy
from models.promotion.gates import shipped_gates
from models.promotion.plan import Plan, Request, champion, plan
from models.promotion.refusal import PromotionError
from models.promotion.switching import earlier, roll_back
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import Event, event_of
from serving.keys import KeyRing
from serving.model_life.kept import Kept, kept_bundles
from serving.store.transaction import Store

DEMO_MARK: Final = "demo-court.json"
"""A file by which a home says that it is the demonstration court's; `make demo` writes it."""
KIND: Final = "bundle"
_LAPSE: Final = "lapse"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request asks for: a kept bundle, against which champion, why, from when, as a demonstration or not."""

    name: str
    base: str | None
    reason: str
    hour: datetime | None = None
    demo: bool = False


def demands_of(home: Path) -> CourtPolicy:
    """Return what holds on the pages: the court's file; without it two people, the shipped gates, no simulated bundle.

    Only the demonstration court's own home lets simulated bundles in without the file.

    Raises
    ------
    PromotionError
        CONFIG: the file is no good.
    """
    found = CourtPolicy.of(home)
    if found.stated:
        return found
    return replace(found, signatures=2, demo=(home / DEMO_MARK).is_file(), gates=shipped_gates())


@dataclass(frozen=True)
class Promoting:
    """Takes the steps that the commands of training take, on the same files, with the accounts of the service.

    A step is on the audit chain before a file is written, with the digest of
    what is written; where the writing fails, that is put on the chain as well.
    """

    home: Path
    store: Store
    keys: KeyRing
    clock: Callable[[], datetime]
    demand: Callable[[str], None] = lambda _sha256: None
    """Refuses a bundle that too few of the listed signers have signed with their keys."""

    def ask(self, wanted: Wanted, *, origin: Origin) -> steps.Step:
        """Open a request; it is carried out at once where the court demands one person and that one may sign.

        Raises
        ------
        PromotionError
            What stands against it; nothing was changed.
        """
        policy, kept = demands_of(self.home), self._kept(wanted.name)
        self._require_base(wanted.base)
        request = self._request(self.home / "bundles" / kept.name, wanted.reason, policy, origin, demo=wanted.demo)
        planned = self._planned(request, policy)
        people = policy.signatures if origin.by.may(Action.MODEL_SIGN) else 2
        with self._noted(origin) as told:
            return steps.ask(self.home, request, planned, policy, opening=steps.Opening(wanted.hour, people), told=told)

    def sign(self, sha256: str, reason: str, *, origin: Origin) -> steps.Step:
        """Sign somebody else's request; the last signature carries it out, or leaves it to its hour.

        Raises
        ------
        PromotionError
            What stands against it; CHAMPION_CHANGED and the request is over.
        """
        policy, waiting = demands_of(self.home), self._waiting(sha256)
        request = self._request(waiting.folder, reason, policy, origin, demo=waiting.demo)
        planned = self._planned(request, policy)
        with self._noted(origin) as told:
            return steps.sign(self.home, request, planned, policy, told=told)

    def decline(self, sha256: str, reason: str, *, origin: Origin) -> Waiting:
        """Take a request off the record: the asker withdraws it, or somebody does not agree; why is in the ledger."""
        policy, waiting = demands_of(self.home), self._waiting(sha256)
        request = self._request(waiting.folder, reason, policy, origin, demo=waiting.demo)
        with self._noted(origin) as told:
            return steps.decline(self.home, sha256, request, told=told)

    def roll_back(self, name: str, base: str | None, reason: str, *, origin: Origin) -> None:
        """Let a former champion answer again, at once; one person suffices.

        Raises
        ------
        PromotionError
            What stands against it; nothing was changed.
        """
        policy = demands_of(self.home)
        self._require_base(base)
        folder = earlier(self.home, name, demo=True, demo_allowed=policy.demo)
        request = self._request(folder, reason, policy, origin, demo=policy.demo)
        with _undamaged():
            self.demand(read_bundle(folder)[2])
        with self._noted(origin) as told:
            roll_back(self.home, request, before=base, announce=told.line)

    def due(self) -> list[Waiting]:
        """Return the signed requests whose hour has come."""
        return steps.ready(self.home, demands_of(self.home), at=self.clock())

    def carry_out(self, waiting: Waiting, *, origin: Origin) -> None:
        """Put a signed bundle in service whose hour has come; everything is checked anew.

        Raises
        ------
        PromotionError
            It cannot be by now. But for LOCKED the request is taken off the record, and why is in the ledger.
        """
        policy, now = demands_of(self.home), self.clock()
        request = steps.as_last_signed(waiting, at=now)
        try:
            planned = self._planned(request, policy)
            with self._noted(origin) as told:
                steps.carry_out(self.home, waiting, planned, at=now, told=told)
        except PromotionError as error:
            if error.code not in {"LOCKED", "NO_REQUEST", "CHAMPION_CHANGED"}:
                over = replace(request, by=origin.by.actor, reason=f"到时核验未通过：{error.zh}", account="")
                with self._noted(origin) as told:
                    steps.decline(self.home, waiting.sha256, over, told=told)
            raise

    def _planned(self, request: Request, policy: CourtPolicy) -> Plan:
        """Check everything anew: signatures by key, date, hashes, consent, gates, and the known rows in a child."""
        with _undamaged():
            document, _, sha256 = read_bundle(request.bundle)
            self.demand(sha256)
            about = About.from_json(document)
        require_valid(about.valid_until.isoformat(), at=request.at)
        found = plan(self.home, request, gates=policy.gates, demo_allowed=policy.demo)
        if found.failed:
            raise failed_gates(found.failed)
        return found

    def _request(self, folder: Path, reason: str, policy: CourtPolicy, origin: Origin, *, demo: bool) -> Request:
        by = policy.signer_at(origin.by.id)
        return Request(folder, by, reason, self.clock(), demo=demo, account=origin.by.owner)

    def _kept(self, name: str) -> Kept:
        found = next((one for one in kept_bundles(self.home / "bundles") if one.name == name), None)
        if found is None:
            raise PromotionError("NOT_FOUND", f"没有模型包 {name}", f"there is no bundle {name}")
        return found

    def _waiting(self, sha256: str) -> Waiting:
        found = signing.kept(self.home, sha256)
        if found is None:
            raise steps.no_request(sha256[:12])
        return found

    def _require_base(self, base: str | None) -> None:
        """Refuse a step that somebody decided on while he saw another champion."""
        found = champion(self.home)
        if found != base:
            raise steps.changed(base, found)

    @contextmanager
    def _noted(self, origin: Origin) -> Iterator[steps.Witnesses]:
        """Put what is about to be written on the audit chain; say so there where the writing then fails."""
        noted: list[Event] = []

        def put(event: Event) -> None:
            self._append(event)
            noted.append(event)

        def step(action: str, waiting: Waiting) -> None:
            put(_of_step(origin, action, waiting))

        def line(entry: Mapping[str, object]) -> None:
            put(_of_line(origin, entry))

        try:
            yield steps.Witnesses(step, line)
        except BaseException:
            for event in noted:
                if event.action != f"model.{_LAPSE}":
                    self._append(replace(event, outcome="failed"))
            raise

    def _append(self, event: Event) -> None:
        self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=self.clock()))


def require_valid(valid_until: str, *, at: datetime) -> None:
    """Refuse a bundle past its date: it would be in service and score nothing.

    Raises
    ------
    PromotionError
        EXPIRED.
    """
    if valid_until < at.date().isoformat():
        zh, en = f"模型包已过有效期（{valid_until}）", f"the bundle is past its date {valid_until}"
        raise PromotionError("EXPIRED", zh, en)


def failed_gates(failed: tuple[str, ...]) -> PromotionError:
    """Return the refusal that lists the gates which were not passed."""
    return PromotionError("GATE_FAILED", f"关口未通过：{'、'.join(failed)}", f"gates failed: {', '.join(failed)}")


@contextmanager
def _undamaged() -> Iterator[None]:
    try:
        yield
    except DamagedBundleError as error:
        raise PromotionError("BUNDLE_DAMAGED", f"{error.file}：{error.zh}", f"{error.file}: {error.en}") from error


def _of_step(origin: Origin, action: str, waiting: Waiting) -> Event:
    return event_of(
        origin, f"model.{action}", kind=KIND, object_id=waiting.sha256, base=waiting.base or "",
        signatures=str(len(waiting.signatures)), request_sha256=_digest(waiting.plain()),
    )  # fmt: skip


def _of_line(origin: Origin, entry: Mapping[str, object]) -> Event:
    return event_of(
        origin, f"model.{entry['action']}", kind=KIND, object_id=str(entry["sha256"]),
        before=str(entry["before"] or ""), line_sha256=_digest(entry),
    )  # fmt: skip


def _digest(document: Mapping[str, object]) -> str:
    """Return the digest of a document as the ledger writes its lines."""
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()
