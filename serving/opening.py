"""Opening what every process of the service needs before anything else: the clock, the keys and the database."""

from __future__ import annotations

import getpass
from datetime import datetime

from features.clock import SHANGHAI
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Principal
from serving.audit.heads import WITNESS, SecondPlace
from serving.audit.schedule import Keeper
from serving.audit.trail import Trail
from serving.keys import KeyRing, key_ring, original_keys
from serving.logs import logger
from serving.settings import Settings
from serving.store.roles import excess_of
from serving.store.transaction import Store


def now() -> datetime:
    """Return the present instant on the courts' clock; the only place that asks it."""
    return datetime.now(SHANGHAI)


def keys_of(settings: Settings) -> KeyRing:
    """Return the court's keys, made on first use: while the second place knows of no record yet.

    Raises
    ------
    KeyFileError
        A file is missing or cannot be used; no key was made in the place of a lost one.
    """
    known = (settings.heads_folder / WITNESS).exists()
    return (original_keys if known else key_ring)(settings.key_folder, mac=settings.mac, cipher=settings.cipher)


def open_store(settings: Settings, keys: KeyRing) -> Store:
    """Open the database that the settings name, and warn where its role could do more than the service's work.

    Every commit is witnessed in the second place of the audit chain.
    """
    witness = Keeper(second_place(settings, keys)).witness
    store = Store.open(settings.place, keys=keys, busy_timeout_ms=settings.busy_timeout_ms, witness=witness)
    excess = store.read(excess_of)
    if excess:
        logger().warning("database_role_too_strong", excess=excess)
    return store


def second_place(settings: Settings, keys: KeyRing) -> SecondPlace:
    """Return the folder of the audit chain's heads."""
    return SecondPlace(settings.heads_folder, keys.mac)


def open_trail(settings: Settings) -> Trail:
    """Open the audit trail for a command that reads or exports it."""
    keys = keys_of(settings)
    return Trail(open_store(settings, keys), keys.mac, second_place(settings, keys))


def operator() -> Origin:
    """Return who runs a command on this machine, as the audit trail shall know it: `cli:` and the user's name."""
    return Origin(Principal(kind="cli", id=getpass.getuser(), courts=EVERY_COURT))
