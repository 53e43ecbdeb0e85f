"""Opening the office: every collaborator is made once, from the settings, and handed in."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import MappingProxyType

from features.case import Case, parse_case
from features.clock import SHANGHAI
from features.register import Register, Stage, load_register
from models.advise import Judged, advise
from models.bundle import Bundle, load_verified
from models.program import release
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from serving.decide import Decider
from serving.describe.descriptions import model_json, ruleset_json
from serving.describe.openapi import openapi_document
from serving.describe.reason_codes import reason_codes_json
from serving.describe.schemas import DIALECT, case_schema
from serving.describe.start_page import start_page
from serving.desk import Desk
from serving.door.endpoint import Table
from serving.door.strict_json import written
from serving.keys import KeyRing, key_ring
from serving.logs import logger
from serving.model_life import SIMULATED, ModelLife, load_current
from serving.office import Office
from serving.repositories.advice import AdviceStore
from serving.samples import SAMPLES, sample
from serving.settings import Settings
from serving.store.transaction import Store

_AFTER_SAMPLES = datetime(2026, 4, 1, tzinfo=SHANGHAI)
"""Any instant after the dates of the samples."""


def open_office(settings: Settings, table: Table) -> Office:
    """Make everything one worker needs, from the key file to the start page."""
    keys = keys_of(settings)
    store = open_store(settings, keys)
    life = current_model(settings)
    register = register_of(life.bundle)
    rules = load_rules(settings, register)
    decider = Decider(
        parse=partial(_parse, register=register, keys=keys),
        advise=partial(_judge, bundle=life.bundle, rules=rules, register=register),
        records=AdviceStore(store, keys),
        keys=keys,
        clock=now,
        advice_days=settings.advice_days,
    )
    office = Office(
        desk=Desk(decider, queue=settings.queue),
        descriptions=MappingProxyType(_descriptions(register, rules, life, table)),
        page=start_page(version=release(), **_mode(life)),
    )
    warm(decider)
    # What is loaded stays: keep the collector from walking over the models again and again.
    gc.collect()
    gc.freeze()
    return office


def warm(decider: Decider) -> None:
    """Judge the samples without recording them, so that the first caller need not wait for caches.

    A court's rule table may begin after the samples' dates; then they are left out.
    """
    for name in SAMPLES:
        with suppress(RuleTableError):
            decider.advise(decider.parse(sample(name), _AFTER_SAMPLES))


def now() -> datetime:
    """Return the present instant on the courts' clock; the only place that asks it."""
    return datetime.now(SHANGHAI)


def keys_of(settings: Settings) -> KeyRing:
    """Return the court's keys, made on first use."""
    return key_ring(settings.key_folder, mac=settings.mac, cipher=settings.cipher)


def open_store(settings: Settings, keys: KeyRing) -> Store:
    """Open the database that the settings name."""
    return Store.open(settings.place, keys=keys, busy_timeout_ms=settings.busy_timeout_ms)


def current_model(settings: Settings) -> ModelLife[Bundle]:
    """Load the promoted bundle, or go without."""
    return load_current(settings.bundles, load=load_verified)


def load_rules(settings: Settings, register: Register) -> RuleTable:
    """Load the statutory rules with the court's own table, or with the shipped one."""
    return RuleTable.load([settings.rules] if settings.rules else [], register=register)


def register_of(bundle: Bundle | None) -> Register:
    """Return the register with the fields that the bundle's court declared."""
    shipped = load_register()
    return shipped if bundle is None else shipped.extended(extension.field for extension in bundle.extensions)


def _parse(document: object, at: datetime, *, register: Register, keys: KeyRing) -> Case:
    return parse_case(document, now=at, register=register, tokenise=keys.token)


def _judge(case: Case, *, bundle: Bundle | None, rules: RuleTable, register: Register) -> Judged:
    explained = case.explain_reasons > 0 or case.explain_flips > 0
    return advise(case, bundle=bundle, rules=rules, register=register, explained=explained)


def _mode(life: ModelLife[Bundle]) -> dict[str, str]:
    if life.bundle is not None and life.bundle.about.simulated:
        logger().warning("simulated_model", name=life.name, notice=SIMULATED[1])
        return {"mode_zh": f"模型 {life.name}", "mode_en": f"model {life.name}", "warning": " / ".join(SIMULATED)}
    if life.downgrade is None:
        return {"mode_zh": f"模型 {life.name}", "mode_en": f"model {life.name}"}
    return {"mode_zh": life.downgrade.zh, "mode_en": life.downgrade.en}


def _descriptions(
    register: Register, rules: RuleTable, life: ModelLife[Bundle], table: Table
) -> dict[str, Callable[[], bytes]]:
    fixed = {
        "/v1/models/current": model_json(life),
        "/v1/reason-codes": reason_codes_json(),
        "/v1/openapi.json": openapi_document(table, register, version=release()),
        **{f"/v1/schema/{stage}": {"$schema": DIALECT, **case_schema(register, stage)} for stage in Stage},
    }
    bodies: dict[str, Callable[[], bytes]] = {path: partial(bytes, written(body)) for path, body in fixed.items()}
    bodies["/v1/rulesets/current"] = lambda: written(ruleset_json(rules, rules.on(now().date())))
    return bodies
