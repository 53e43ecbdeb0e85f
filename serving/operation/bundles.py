"""`fenliu-serve models`: what is kept, back to an earlier model, a challenger beside, and what may be let go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from models.bundle import promotions, verify
from models.bundle.manifest import DamagedBundleError, read_bundle
from models.promotion import switching as promotion
from models.promotion.court_policy import CourtPolicy
from models.promotion.plan import Request, champion
from models.promotion.refusal import PromotionError
from models.promotion.switching import earlier
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.control.forms import reason_of
from serving.keys import KeyRing
from serving.model_life.kept import Kept, kept_bundles
from serving.model_life.pointer import SHADOW
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
    """Let an earlier bundle answer again, by the ledger; without a name, the one before the present one.

    Raises
    ------
    SettingsError
        There is no such bundle, it never answered before, it does not pass its
        checks, the court does not allow it, or somebody else is at it.
    """
    why, home, by = reason_of(reason), settings.home, operator()
    if name:
        _kept(settings, name)
    with _told():
        policy, before = CourtPolicy.of(home), champion(home)
        folder = earlier(home, name or None, demo=True, demo_allowed=policy.demo)
        Signers.of(settings).demand(read_bundle(folder)[2])
        signer = policy.signer(None, by.by.id)
        request = Request(folder, signer, why, now(), demo=policy.demo, account=by.by.id)
        with opened(settings) as (store, keys):
            announce = partial(_announced, store, keys)
            promotion.roll_back(home, request, before=before, announce=announce)
    said = f"现用模型改为 {folder.name}，运行中的服务数秒内更换"
    say(f"{said} / {folder.name} answers now; a service follows in seconds")


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


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a rollback is refused for into a refusal of the command."""
    try:
        yield
    except PromotionError as error:
        msg = f"{error.zh} / {error.en}"
        raise SettingsError(msg) from error
    except DamagedBundleError as error:
        raise SettingsError(str(error)) from error


def _announced(store: Store, keys: KeyRing, line: Mapping[str, object]) -> None:
    """Put a rollback on the audit chain before the ledger and the pointer change: nothing happens without a trace."""
    _audit(store, keys, "model.rollback", str(line["sha256"]), before=str(line["before"] or ""))


def _audit(store: Store, keys: KeyRing, action: str, object_id: str, **detail: str) -> None:
    event = event_of(operator(), action, kind=KIND, object_id=object_id, **detail)
    store.write(lambda connection: append(connection, event, mac=keys.mac, at=now()))
