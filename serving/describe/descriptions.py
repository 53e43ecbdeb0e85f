"""What the service says of itself: the model in use and the rules in force."""

from __future__ import annotations

from models.bundle import Bundle
from models.program import program_version
from models.rules.rule import Limit, Parameter, Published, Rule
from models.rules.table import RulesInForce, RuleTable
from serving.model_life import SIMULATED, Downgrade, ModelLife
from serving.model_life.standing import Standing


def model_json(standing: Standing) -> dict[str, object]:
    """Return the model in use, or why answers come from the rules alone; and what did not take its place.

    `refused` names a newer bundle that did not pass its checks; `challenger`
    the bundle that is scored beside and never shown.
    """
    life = standing.life
    found: dict[str, object] = {
        "mode": life.mode,
        "name": life.name,
        "sha256": None,
        "degraded_reason": _reason(life.downgrade),
        "refused": _reason(life.refused),
        "challenger": _challenger(standing.shadow),
        "program": program_version(),
    }
    if life.bundle is not None:
        found["sha256"] = life.bundle.sha256
        found["stages"] = [stage.value for stage in life.bundle.stages]
        found |= life.bundle.about.to_json()
        if life.bundle.about.simulated:
            found["notice"], found["notice_en"] = SIMULATED
    return found


def _challenger(shadow: ModelLife[Bundle] | None) -> dict[str, object] | None:
    if shadow is None:
        return None
    sha256 = None if shadow.bundle is None else shadow.bundle.sha256
    return {"name": shadow.name, "sha256": sha256, "refused": _reason(shadow.downgrade)}


def _reason(reason: Downgrade | None) -> dict[str, object] | None:
    return None if reason is None else reason.to_json()


def ruleset_json(table: RuleTable, rules: RulesInForce) -> dict[str, object]:
    """Return the rules in force, the parameters the court has set with their legal bounds, and the limits of the law.

    Of a published rule set also whose it is, where it stands, and on what its
    text is silent.
    """
    declared = {parameter.name: parameter for parameter in table.declared}
    return {
        "version": rules.version,
        "sha256": rules.sha256,
        "court": rules.court,
        "rules": [_rule(ready.rule) for ready in rules.rules],
        "parameters": [_parameter(declared[name], value) for name, value in rules.parameters.items()],
        "limits": [_limit(limit) for limit in rules.limits.values()],
        "title": table.title.zh,
        "title_en": table.title.en,
        "source": table.source,
        "published": [_published(one) for one in table.published],
    }


def _limit(limit: Limit) -> dict[str, object]:
    return {
        "id": limit.id,
        "text": limit.zh,
        "text_en": limit.en,
        "value": limit.value,
        "unit": limit.unit.value,
        "rolls": limit.rolls,
        "basis": limit.basis,
        "in_force_from": limit.in_force_from.isoformat(),
    }


def _published(one: Published) -> dict[str, object]:
    return {"topic": one.topic, "value": one.value, "text": one.text.zh, "text_en": one.text.en}


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
        "statutory": rule.statutory,
        "flag": rule.flag or None,
        "team": rule.team or None,
        "rank": rule.rank or None,
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
