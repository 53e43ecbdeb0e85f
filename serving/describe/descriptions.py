"""What the service says of itself: the model in use and the rules in force."""

from __future__ import annotations

from models.bundle import Bundle
from models.rules.rule import Parameter, Rule
from models.rules.table import RulesInForce, RuleTable
from serving.model_life import SIMULATED, ModelLife


def model_json(life: ModelLife[Bundle]) -> dict[str, object]:
    """Return the model in use, or why answers come from the rules alone."""
    found: dict[str, object] = {"mode": life.mode, "name": life.name, "sha256": None, "degraded_reason": None}
    if life.downgrade is not None:
        reason = life.downgrade
        found["degraded_reason"] = {"code": reason.code, "text": reason.zh, "text_en": reason.en}
    if life.bundle is not None:
        found["sha256"] = life.bundle.sha256
        found["stages"] = [stage.value for stage in life.bundle.stages]
        found |= life.bundle.about.to_json()
        if life.bundle.about.simulated:
            found["notice"], found["notice_en"] = SIMULATED
    return found


def ruleset_json(table: RuleTable, rules: RulesInForce) -> dict[str, object]:
    """Return the rules in force and the parameters the court has set, with their legal bounds."""
    declared = {parameter.name: parameter for parameter in table.declared}
    return {
        "version": rules.version,
        "sha256": rules.sha256,
        "court": rules.court,
        "rules": [_rule(ready.rule) for ready in rules.rules],
        "parameters": [_parameter(declared[name], value) for name, value in rules.parameters.items()],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "text": rule.zh,
        "text_en": rule.en,
        "basis": rule.basis,
        "stages": sorted(stage.value for stage in rule.stages),
        "lane": None if rule.lane is None else rule.lane.value,
        "on_unknown": rule.on_unknown.value,
        "in_force_from": rule.in_force_from.isoformat(),
        "until": rule.until.isoformat() if rule.until else None,
    }


def _parameter(declared: Parameter, value: object) -> dict[str, object]:
    return {
        "name": declared.name,
        "text": declared.text.zh,
        "text_en": declared.text.en,
        "value": value,
        "basis": declared.basis,
        "least": _bound(declared.least),
        "most": _bound(declared.most),
    }


def _bound(limit: float) -> float | None:
    return None if limit in {float("inf"), float("-inf")} else limit
