"""Promotion: a bundle that was verified, measured and passed its gates becomes the one that answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.bundle import About, promotions, verify
from models.bundle.manifest import DamagedBundleError, read_bundle
from training.errors import CommandError
from training.provenance import Home


@dataclass(frozen=True)
class Request:
    """Who asks for what: the bundle folder, the person, the reason, the instant, and consent to a demonstration."""

    bundle: Path
    by: str
    reason: str
    at: datetime
    demo: bool = False


@dataclass(frozen=True)
class Plan:
    """What a promotion would do: the bundle's name and hash, the champion before, and gates that failed."""

    name: str
    sha256: str
    before: str | None
    gates: tuple[Mapping[str, object], ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The gates that failed, each with the score it failed for."""
        return tuple(f"{gate['score']} {gate['gate']}" for gate in self.gates if not gate["passed"])


def plan(home: Home, request: Request) -> Plan:
    """Check hashes, consent and evaluation, then load the bundle in a child process; change nothing.

    Raises
    ------
    CommandError
        BUNDLE_DAMAGED, NOT_EVALUATED, or NEEDS_APPROVAL for a bundle trained
        on simulated data without consent to a demonstration.
    """
    with _refusing_damage():
        document, _, sha256 = read_bundle(request.bundle)
    about = About.from_json(document)
    if about.simulated and not request.demo:
        zh, en = f"模型包 {about.name} 由模拟数据训练", f"bundle {about.name} was trained on simulated data"
        raise CommandError("NEEDS_APPROVAL", zh, en)
    evaluation = evaluation_of(home, sha256)
    with _refusing_damage():
        verify(request.bundle)
    return Plan(name=about.name, sha256=sha256, before=champion(home), gates=tuple(evaluation["gates"]))


def promote(home: Home, request: Request, planned: Plan) -> Path:
    """Copy the bundle, switch `current` in one step, and write a line in the ledger; return the promoted folder.

    Raises
    ------
    CommandError
        LOCKED while another promotion runs, BUNDLE_DAMAGED where the copy is not what was planned.
    """
    if planned.failed:
        msg = f"未通过关口不得发布：{planned.failed} / gates failed: {planned.failed}"
        raise ValueError(msg)
    home.bundles.mkdir(parents=True, exist_ok=True)
    with _lock(home.bundles):
        place = _copied(home, request.bundle, planned)
        entry = {
            "at": request.at.isoformat(),
            "by": request.by,
            "reason": request.reason,
            "action": "promote",
            "bundle": planned.name,
            "sha256": planned.sha256,
            "before": champion(home),
            "demo": request.demo,
            "gates": [dict(gate) for gate in planned.gates],
        }
        promotions.note(home.path, entry)
        promotions.point(home.bundles, planned.name, pointer="current")
    return place


def champion(home: Home) -> str | None:
    """Return the name of the bundle that answers now, None where none was promoted."""
    current = home.bundles / "current"
    return current.read_text(encoding="utf-8").strip() if current.is_file() else None


def evaluation_path(home: Home, sha256: str) -> Path:
    """Return where the evaluation of a bundle is kept."""
    return home.path / "evaluations" / f"{sha256}.json"


def evaluation_of(home: Home, sha256: str) -> dict[str, list[Mapping[str, object]]]:
    """Return the evaluation of a bundle, found by its hash.

    Raises
    ------
    CommandError
        NOT_EVALUATED: there is none.
    """
    path = evaluation_path(home, sha256)
    if not path.is_file():
        zh = f"没有模型包 {sha256[:12]} 的评估记录"
        raise CommandError("NOT_EVALUATED", zh, f"there is no evaluation of bundle {sha256[:12]}")
    found: dict[str, list[Mapping[str, object]]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _copied(home: Home, bundle: Path, planned: Plan) -> Path:
    """Copy beside the target and rename: readers see a whole bundle or none; every hash of the copy is checked."""
    place = home.bundles / planned.name
    if not place.exists():
        unfinished = home.bundles / f".{planned.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(bundle, unfinished)
        unfinished.rename(place)
    found = read_bundle(place)[2]
    if found != planned.sha256:
        zh = f"{place.name} 已有另一个模型包（{found[:12]}，应为 {planned.sha256[:12]}）"
        raise CommandError("BUNDLE_DAMAGED", zh, f"{place.name} holds another bundle ({found[:12]})")
    return place


@contextmanager
def _refusing_damage() -> Iterator[None]:
    try:
        yield
    except DamagedBundleError as error:
        raise CommandError("BUNDLE_DAMAGED", f"{error.file}：{error.zh}", f"{error.file}: {error.en}") from error


@contextmanager
def _lock(bundles: Path) -> Iterator[None]:
    """Hold the lock of the bundles; whoever finds one is told."""
    try:
        with promotions.alone(bundles):
            yield
    except FileExistsError as error:
        path = error.filename
        raise CommandError("LOCKED", f"锁文件 {path} 已存在", f"the lock file {path} exists") from error
