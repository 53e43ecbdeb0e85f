"""Opening the control room: what it works with is made once, from the store, the keys and the folder of bundles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from models.bundle import Bundle, load_verified
from serving.audit.heads import SecondPlace
from serving.audit.trail import Trail
from serving.control.dossier import Dossiers
from serving.control.promoting import Promoting
from serving.control.room import ControlRoom
from serving.keys import KeyRing
from serving.replay.means import Means
from serving.replay.replaying import Replayer
from serving.repositories.recorded import RecordedStore
from serving.repositories.rule_texts import RuleTextStore
from serving.repositories.switches import SwitchStore
from serving.store.transaction import Store


@dataclass(frozen=True)
class Proof:
    """How a bundle is loaded for a replay, and what refuses one that too few have signed with their keys."""

    load: Callable[[Path], Bundle] = load_verified
    demand: Callable[[str], None] = lambda _sha256: None


SHIPPED: Final = Proof()


def open_control(
    store: Store,
    keys: KeyRing,
    bundles: Path,
    *,
    clock: Callable[[], datetime],
    place: SecondPlace | None = None,
    proof: Proof = SHIPPED,
) -> ControlRoom:
    """Return the control room of a court; without another `place` the heads of its trail lie beside the bundles."""
    switches = SwitchStore(store, keys)
    return ControlRoom(
        switches=switches,
        dossiers=Dossiers(bundles.parent, store, keys, switches, proof.demand),
        promoting=Promoting(bundles.parent, store, keys, clock, proof.demand),
        recorded=RecordedStore(store, keys),
        replayer=Replayer(Means(bundles, RuleTextStore(store, keys), load=proof.load)),
        bundles=bundles,
        trail=Trail(store, keys.mac, place or SecondPlace(bundles.parent / "heads", keys.mac)),
        clock=clock,
    )
