"""Opening the control room: what it works with is made once, from the store, the keys and the folder of bundles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from models.bundle import Bundle, load_verified
from serving.audit.heads import SecondPlace
from serving.audit.trail import Trail
from serving.control.dossier import Dossiers
from serving.control.room import ControlRoom
from serving.keys import KeyRing
from serving.replay.means import Means
from serving.replay.replaying import Replayer
from serving.repositories.recorded import RecordedStore
from serving.repositories.rule_texts import RuleTextStore
from serving.repositories.switches import SwitchStore
from serving.store.transaction import Store


def open_control(
    store: Store,
    keys: KeyRing,
    bundles: Path,
    *,
    clock: Callable[[], datetime],
    load: Callable[[Path], Bundle] = load_verified,
    place: SecondPlace | None = None,
) -> ControlRoom:
    """Return the control room of a court; without another `place` the heads of its trail lie beside the bundles."""
    switches = SwitchStore(store, keys)
    return ControlRoom(
        switches=switches,
        dossiers=Dossiers(bundles.parent, store, keys, switches),
        recorded=RecordedStore(store, keys),
        replayer=Replayer(Means(bundles, RuleTextStore(store, keys), load=load)),
        bundles=bundles,
        trail=Trail(store, keys.mac, place or SecondPlace(bundles.parent / "heads", keys.mac)),
        clock=clock,
    )
