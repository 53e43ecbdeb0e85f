"""The switch itself: under the lock, against the champion that was expected, into the ledger, then the pointer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from models.bundle import About, promotions, verify
from models.bundle.manifest import read_bundle
from models.bundle.promotion_requests import Signature
from models.promotion.plan import Plan, Request, champion, consented, refusing_damage
from models.promotion.refusal import PromotionError
from models.promotion.signing import locked

CURRENT = "current"


Announce = Callable[[Mapping[str, object]], None]
"""Is told of the ledger's line under the lock, just before it is written; what it raises stops the step."""


def unannounced(_line: Mapping[str, object]) -> None:
    """Tell nobody: the ledger is record enough for the commands of training."""


def promote(
    home: Path,
    request: Request,
    planned: Plan,
    *,
    signatures: Sequence[Signature] = (),
    announce: Announce = unannounced,
) -> Path:
    """Copy the bundle, switch `current` in one step, and write a line in the ledger; return the promoted folder.

    Raises
    ------
    PromotionError
        LOCKED while another promotion runs, CHAMPION_CHANGED where another
        bundle answers than the plan was made against, BUNDLE_DAMAGED where the
        copy is not what was planned.
    """
    if planned.failed:
        msg = f"未通过关口不得发布：{planned.failed} / gates failed: {planned.failed}"
        raise ValueError(msg)
    with _switching(home, request, expected=planned.before):
        place = _copied(home, request.bundle, planned)
        entry = _entry("promote", request, name=planned.name, sha256=planned.sha256, before=planned.before)
        entry |= {"gates": [dict(gate) for gate in planned.gates]}
        if signatures:
            entry |= {"signatures": [asdict(one) for one in signatures]}
        announce(entry)
        promotions.switch(home, home / "bundles", entry, pointer=CURRENT)
    return place


def roll_back(home: Path, request: Request, *, before: str | None, announce: Announce = unannounced) -> str:
    """Let the bundle answer again that lies at `request.bundle`; return its hash. `before` answers now.

    Raises
    ------
    PromotionError
        As `promote`.
    """
    with refusing_damage():
        sha256 = verify(request.bundle)
    with _switching(home, request, expected=before):
        name = request.bundle.name
        entry = _entry("rollback", request, name=name, sha256=sha256, before=before)
        announce(entry)
        promotions.switch(home, home / "bundles", entry, pointer=CURRENT)
    return sha256


def earlier(home: Path, name: str | None, *, demo: bool, demo_allowed: bool) -> Path:
    """Return the folder of an earlier champion: the one asked for, else the one before the present one.

    Only what was champion once may come back this way: any other bundle has
    passed no gate.

    Raises
    ------
    PromotionError
        NO_EARLIER_CHAMPION, ALREADY_CHAMPION, BUNDLE_DAMAGED, or NEEDS_APPROVAL for a simulated one.
    """
    current = champion(home)
    asked = name or promotions.before(home, current)
    hashes = {one.bundle: one.sha256 for one in promotions.tenures(home, current=current)}
    if asked == current and asked is not None:
        raise PromotionError("ALREADY_CHAMPION", f"{asked} 就是现用模型包", f"{asked} is the champion already")
    folder = home / "bundles" / (asked or "")
    if asked is None or asked not in hashes or not (folder / "manifest.json").is_file():
        had, name = [one for one in hashes if one != current], f" {asked}" if asked else ""
        zh = f"台账中没有可退回的模型包{name}（曾经现用：{'、'.join(had) or '无'}）"
        en = f"the ledger knows no earlier champion{name} (once in use: {', '.join(had) or 'none'})"
        raise PromotionError("NO_EARLIER_CHAMPION", zh, en)
    with refusing_damage():
        document, _, sha256 = read_bundle(folder)
    if sha256 != hashes[asked]:
        zh = f"{asked} 与台账所记的哈希不符"
        raise PromotionError("BUNDLE_DAMAGED", zh, f"{asked} is not what the ledger says was promoted")
    consented(About.from_json(document), demo=demo, allowed=demo_allowed)
    return folder


@contextmanager
def _switching(home: Path, request: Request, *, expected: str | None) -> Iterator[None]:
    """Hold the lock, clear away what a killed promotion left, and refuse where another bundle answers by now."""
    (home / "bundles").mkdir(parents=True, exist_ok=True)
    with locked(home / "bundles"):
        promotions.settle(home, current=champion(home), at=request.at.isoformat())
        for unfinished in (home / "bundles").glob(".*.unfinished"):
            shutil.rmtree(unfinished)
        found = champion(home)
        if found != expected:
            zh = f"现用模型包已由 {expected or '无'} 变为 {found or '无'}，未作改动"
            raise PromotionError(
                "CHAMPION_CHANGED", zh, f"the champion changed from {expected} to {found}; nothing was done"
            )
        yield


def _entry(action: str, request: Request, **bundle: str | None) -> dict[str, object]:
    asked = {"at": request.at.isoformat(), "by": request.by, "account": request.account, "reason": request.reason}
    names: Mapping[str, object] = {"bundle": bundle["name"], "sha256": bundle["sha256"], "before": bundle["before"]}
    return {"action": action, **asked, **names, "demo": request.demo}


def _copied(home: Path, bundle: Path, planned: Plan) -> Path:
    """Copy beside the target and rename: readers see a whole bundle or none; every hash of the copy is checked."""
    place = home / "bundles" / planned.name
    if not place.exists():
        unfinished = home / "bundles" / f".{planned.name}.unfinished"
        try:
            shutil.copytree(bundle, unfinished)
            _to_disk(unfinished)
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    with refusing_damage():
        found = read_bundle(place)[2]
    if found != planned.sha256:
        zh = f"{place.name} 已有另一个模型包（{found[:12]}，应为 {planned.sha256[:12]}）"
        raise PromotionError("BUNDLE_DAMAGED", zh, f"{place.name} holds another bundle ({found[:12]})")
    return place


def _to_disk(folder: Path) -> None:
    """See every file to the disk, so that a power cut after the switch finds a whole bundle."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
