"""The dossier of the models: everything that is on record about what answers, read at one look.

It is read from the folder of bundles, the ledger and the store, not from what
this worker holds in memory: a promotion is seen the moment it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from features.register import Stage
from models.bundle import promotions
from models.bundle.manifest import DamagedBundleError
from models.bundle.paper import Paper
from models.bundle.promotion_requests import Waiting, waiting
from models.bundle.promotions import Tenure
from models.drift import Drift
from models.evidence import Compared, Evidence, EvidenceError, read_compared, read_evidence
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.control.promotable import Promotable, promotable_of
from serving.keys import KeyRing
from serving.model_life.downgrade import Downgrade, damaged
from serving.model_life.fleet import reports
from serving.model_life.pointer import CURRENT, SHADOW, PointerError, Signature, read_pointer, signature_of
from serving.repositories.models.differing import Differing, DifferingStore, Pair
from serving.repositories.models.seen_features import Seen, SeenFeatures
from serving.repositories.switches import SwitchStore, Turn
from serving.store.tables.models import EVERYWHERE
from serving.store.transaction import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Named:
    """The bundle that a pointer names: its paper, or why it cannot be read; neither where the pointer names none."""

    name: str | None = None
    paper: Paper | None = None
    fault: Downgrade | None = None


@dataclass(frozen=True, kw_only=True)
class StageDrift:
    """How far the newest cases of a stage lie from training, feature by feature in the bundle's order."""

    cases: int
    since: str
    until: str
    features: tuple[Drift, ...]


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """Everything on record; `faults` names files of figures that are there and cannot be read.

    `workers` are the reports of the service's workers. `drift` is None where no
    stage is asked for or the bundle does not carry how its features lay in training.
    `promotable` is there where no stage is asked for.
    """

    current: Named
    challenger: Named
    evidence: Evidence | None
    challenger_evidence: Evidence | None
    compared: Compared | None
    tenures: tuple[Tenure, ...]
    requests: tuple[Waiting, ...]
    turns: tuple[Turn, ...]
    stopped: tuple[Turn, ...]
    workers: tuple[Mapping[str, object], ...]
    drift: StageDrift | None
    differing: Differing | None
    faults: tuple[str, ...]
    promotable: Promotable | None = None

    @property
    def present(self) -> Tenure | None:
        """The tenure of the bundle that answers now; None where the ledger knows of none."""
        return next((one for one in self.tenures if one.until is None and one.bundle == self.current.name), None)


@dataclass(frozen=True)
class Dossiers:
    """Opens dossiers; papers are kept as long as nobody touches the folder, drift as long as no case comes or goes."""

    home: Path
    store: Store
    keys: KeyRing
    switches: SwitchStore
    demand: Callable[[str], None] = lambda _sha256: None
    _papers: dict[Path, tuple[Signature, Paper]] = field(default_factory=dict, repr=False, compare=False)
    _drifts: dict[Stage, tuple[str, Seen, StageDrift]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def bundles(self) -> Path:
        """The folder of bundles."""
        return self.home / "bundles"

    def open(self, stage: Stage | None, *, origin: Origin, at: datetime) -> Dossier:
        """Return the dossier as the reader may see it; for a `stage` with its drift and the challenger's cases."""
        current, challenger = (self._named(pointer) for pointer in (CURRENT, SHADOW))
        faults: list[str] = []
        own = None if current.paper is None else current.paper.sha256
        other = None if challenger.paper is None else challenger.paper.sha256
        turns = [turn for turn in self.switches.history() if turn.court == EVERYWHERE or turn.court in origin.by.courts]
        return Dossier(
            current=current,
            challenger=challenger,
            evidence=_read(read_evidence, self.home, own, faults),
            challenger_evidence=_read(read_evidence, self.home, other, faults),
            compared=_read(read_compared, self.home, other, faults) or _read(read_compared, self.home, own, faults),
            tenures=tuple(promotions.tenures(self.home, current=current.name)),
            requests=self._requests(faults),
            turns=tuple(turns),
            stopped=tuple(turn for turn in _newest(turns) if turn.state == "stopped"),
            workers=tuple(reports(self.home / "run" / "workers")),
            drift=None if current.paper is None or stage is None else self._drift(current.paper, stage),
            differing=self._differing(Pair(other, own, stage), origin, at) if other and own and stage else None,
            faults=tuple(faults),
            promotable=promotable_of(self.home, at=at, demand=self.demand) if stage is None else None,
        )

    def _named(self, pointer: str) -> Named:
        name = None
        try:
            name = read_pointer(self.bundles, pointer)
            return Named() if name is None else Named(name, self._paper(self.bundles / name))
        except (PointerError, DamagedBundleError) as error:
            return Named(name, None, damaged(error.file, error.zh, error.en))

    def _paper(self, folder: Path) -> Paper:
        seen = signature_of(folder)
        if folder not in self._papers or self._papers[folder][0] != seen:
            self._papers[folder] = (seen, Paper.of(folder))
        return self._papers[folder][1]

    def _requests(self, faults: list[str]) -> tuple[Waiting, ...]:
        try:
            return tuple(waiting(self.home))
        except (OSError, ValueError, KeyError, TypeError):
            faults.append("promotion-requests")
            return ()

    def _differing(self, pair: Pair, origin: Origin, at: datetime) -> Differing:
        listed = origin.by.may(Action.SCORE_READ)
        return DifferingStore(self.store, self.keys).of(pair, listed=listed, origin=origin, at=at)

    def _drift(self, paper: Paper, stage: Stage) -> StageDrift | None:
        models = paper.stages.get(stage)
        if models is None or not models.reference:
            return None
        before = self._drifts.get(stage)
        known = before[1] if before is not None and before[0] == paper.sha256 else None
        width = len(models.features)
        seen = SeenFeatures(self.store, self.keys).newest(paper.sha256, stage, width=width, before=known)
        if before is None or seen is not known:
            columns = seen.rows.T.astype(np.float64)
            features = tuple(one.against(column) for one, column in zip(models.reference, columns, strict=True))
            drift = StageDrift(cases=len(seen.rows), since=seen.since, until=seen.until, features=features)
            before = self._drifts[stage] = (paper.sha256, seen, drift)
        return before[2]


def _newest(turns: Sequence[Turn]) -> list[Turn]:
    """Return the newest turn of every court; `turns` begin with the newest."""
    found: dict[str, Turn] = {}
    for turn in turns:
        found.setdefault(turn.court, turn)
    return list(found.values())


def _read(read: Callable[[Path, str], T | None], home: Path, sha256: str | None, faults: list[str]) -> T | None:
    if sha256 is None:
        return None
    try:
        return read(home, sha256)
    except EvidenceError as error:
        faults.append(error.place)
        return None
