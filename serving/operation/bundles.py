"""`fenliu-serve models`: what is kept, back to an earlier model, a challenger beside, and what may be let go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.bundle import promotions, verify
from models.bundle.manifest import DamagedBundleError
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.control.forms import reason_of
from serving.keys import KeyRing
from serving.model_life.kept import Kept, kept_bundles
from serving.model_life.pointer import CURRENT, SHADOW
from serving.opening import now, operator
from serving.operation.opened import opened
from serving.repositories.recorded import models_on_record
from serving.repositories.shadow_scores import ShadowStore
from serving.settings import Settings, SettingsError
from serving.signing.signers import Signers
from serving.store.transaction import Store

Say = Callable[[str], None]
KIND: Final = "bundle"


def show(settings: Settings, say: Say) -> None:
    """Say which bundles are kept, which one answers, and how the challenger compares."""
    found, signers = kept_bundles(settings.bundles), Signers.of(settings)
    for one in found:
        marks = [*(["现用 / current"] if one.current else []), *(["对照 / challenger"] if one.shadow else [])]
        signed = signers.signed_by(one.sha256)
        notes = [*marks, *(["模拟 / simulated"] if one.simulated else [])]
        notes += [f"签名 / signed by {'、'.join(signed)}"] if signed else []
        say(f"{one.name}  {one.sha256[:12]}  有效至 / valid until {one.valid_until}  {'、'.join(notes)}".rstrip())
    if not found:
        say("没有模型 / no bundles")
    with opened(settings) as (store, keys):
        for agreed in ShadowStore(store, keys).agreement():
            share = f"{100 * agreed.same_route / agreed.cases:.1f} %"
            say(
                f"对照 {agreed.model}：{agreed.cases} 件，去向相同 {agreed.same_route} 件（{share}）/ "
                f"challenger {agreed.model}: {agreed.cases} cases, {agreed.same_route} with the same lane"
            )


def roll_back(settings: Settings, *, name: str, reason: str, say: Say) -> None:
    """Let an earlier bundle answer again; without a name, the one before the present one.

    Raises
    ------
    SettingsError
        There is no such bundle, it does not pass its checks, or somebody else is at it.
    """
    why = reason_of(reason)
    target = _kept(settings, name or _before(settings))
    if target.current:
        msg = f"{target.name} 已是现用模型 / {target.name} is the model in use already"
        raise SettingsError(msg)
    _proven(settings, target)
    before = next((one.name for one in kept_bundles(settings.bundles) if one.current), None)
    with opened(settings) as (store, keys), _alone(settings.bundles):
        entry = {
            "at": now().isoformat(),
            "by": operator().by.actor,
            "reason": why,
            "action": "rollback",
            "bundle": target.name,
            "sha256": target.sha256,
            "before": before,
        }
        promotions.settle(settings.home, current=before, at=str(entry["at"]))
        _audit(store, keys, "model.rollback", target.sha256, before=before or "")
        promotions.switch(settings.home, settings.bundles, entry, pointer=CURRENT)
    say(f"现用模型改为 {target.name}，运行中的服务数秒内更换 / {target.name} answers now; a service follows in seconds")


def challenge(settings: Settings, *, name: str, say: Say) -> None:
    """Score a bundle beside the one in use, for the record only; an empty name ends it.

    Raises
    ------
    SettingsError
        There is no such bundle, or it does not pass its checks.
    """
    target = _kept(settings, name) if name else None
    if target is not None:
        _proven(settings, target)
    with opened(settings) as (store, keys):
        _audit(store, keys, "shadow.choose", "" if target is None else target.sha256, name=name)
        if target is None:
            (settings.bundles / SHADOW).unlink(missing_ok=True)
        else:
            promotions.point(settings.bundles, target.name, pointer=SHADOW)
    said = (
        ("不再对照", "no challenger any more") if target is None else (f"对照模型 {name}", f"{name} is the challenger")
    )
    say(f"{said[0]} / {said[1]}")


def prune(settings: Settings, *, keep: int, really: bool, say: Say) -> None:
    """Remove bundles that no record names, but the newest few and whatever a pointer or the ledger needs.

    Without `really` it only says what would go.
    """
    found = sorted(kept_bundles(settings.bundles), key=lambda one: one.created_at, reverse=True)
    with opened(settings) as (store, keys):
        needed = models_on_record(store)
        spare = [one for one in found[keep:] if not (one.current or one.shadow or one.sha256 in needed)]
        for one in spare:
            say(f"{'删除 / removed' if really else '可删除 / may go'}: {one.name} {one.sha256[:12]}")
            if really:
                _audit(store, keys, "model.remove", one.sha256, name=one.name)
                shutil.rmtree(settings.bundles / one.name)
    if not spare:
        say("没有可删除的模型 / nothing may go")


def _before(settings: Settings) -> str:
    """Return what answered before the present bundle, by the ledger."""
    current = next((one.name for one in kept_bundles(settings.bundles) if one.current), None)
    before = promotions.before(settings.home, current)
    if not before:
        msg = "发布记录中没有更早的模型，请写明名称 / the ledger knows no earlier bundle; name one"
        raise SettingsError(msg)
    return str(before)


def _kept(settings: Settings, name: str) -> Kept:
    found: Sequence[Kept] = kept_bundles(settings.bundles)
    for one in found:
        if one.name == name:
            return one
    names = "、".join(one.name for one in found) or "（无 / none）"
    msg = f"没有模型 {name!r}，现有：{names} / there is no bundle {name!r}; there are: {names}"
    raise SettingsError(msg)


def _proven(settings: Settings, target: Kept) -> None:
    try:
        Signers.of(settings).demand(target.sha256)
        verify(settings.bundles / target.name)
    except DamagedBundleError as error:
        raise SettingsError(str(error)) from error


class _alone:  # noqa: N801 - reads as what it does where it is used
    """The lock of the bundles, whose holder is told as a refusal."""

    def __init__(self, bundles: Path) -> None:
        self._held = promotions.alone(bundles)

    def __enter__(self) -> None:
        try:
            self._held.__enter__()
        except FileExistsError as error:
            msg = f"另有发布正在进行（锁文件 {error.filename}）/ somebody else is at it: {error.filename}"
            raise SettingsError(msg) from error

    def __exit__(self, *trouble: object) -> None:
        self._held.__exit__(*trouble)  # type: ignore[arg-type]


def _audit(store: Store, keys: KeyRing, action: str, object_id: str, **detail: str) -> None:
    event = event_of(operator(), action, kind=KIND, object_id=object_id, **detail)
    store.write(lambda connection: append(connection, event, mac=keys.mac, at=now()))
