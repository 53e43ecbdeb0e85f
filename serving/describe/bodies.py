"""Every description the service gives of itself as long as one model and one rule table stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType

from features.register import Stage
from models.program import release
from serving.describe.case_schemas import case_schema
from serving.describe.descriptions import model_json, ruleset_json
from serving.describe.openapi import openapi_document
from serving.describe.reason_codes import reason_codes_json
from serving.describe.schemas import DIALECT
from serving.describe.start_page import start_page
from serving.door.endpoint import Table
from serving.door.strict_json import written
from serving.model_life import SIMULATED
from serving.model_life.standing import Standing

Live = Callable[[], Mapping[str, object]]
"""Returns what changes while a model stands: which workers answer with what, which courts are switched off."""


def described(standing: Standing, table: Table, *, today: Callable[[], date], live: Live) -> Standing:
    """Return the same standing with its descriptions and its start page."""
    fixed = {
        "/v1/reason-codes": reason_codes_json(),
        "/v1/openapi.json": openapi_document(table, standing.register, version=release()),
        **{f"/v1/schema/{stage}": {"$schema": DIALECT, **case_schema(standing.register, stage)} for stage in Stage},
    }
    bodies: dict[str, Callable[[], bytes]] = {path: partial(bytes, written(body)) for path, body in fixed.items()}
    model, rules = model_json(standing), standing.rules
    bodies["/v1/models/current"] = lambda: written({**model, **live()})
    bodies["/v1/rulesets/current"] = lambda: written(
        {**ruleset_json(rules, rules.on(today())), "refused": _refused(standing)}
    )
    page = start_page(version=release(), **_mode(standing))
    return replace(standing, descriptions=MappingProxyType(bodies), page=page)


def _refused(standing: Standing) -> dict[str, object] | None:
    return None if standing.rules_refused is None else standing.rules_refused.to_json()


def _mode(standing: Standing) -> dict[str, str]:
    life = standing.life
    if life.downgrade is not None:
        return {"mode_zh": life.downgrade.zh, "mode_en": life.downgrade.en}
    named = {"mode_zh": f"模型 {life.name}", "mode_en": f"model {life.name}"}
    simulated = life.bundle is not None and life.bundle.about.simulated
    return {**named, "warning": " / ".join(SIMULATED)} if simulated else named
