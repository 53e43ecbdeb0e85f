"""Promotions on the way out: gates, signatures, what was or would be switched, and the ledger as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from models.bundle import promotions
from models.bundle.promotion_requests import Waiting
from models.promotion.plan import Plan, champion
from training.console import Column, Result
from training.provenance import Home

ACTIONS = {"promote": ("发布", "promoted"), "rollback": ("退回", "rolled back")}


def of_plan(planned: Plan, *, done: bool, waiting: Waiting | None = None, signed: bool = False) -> Result:
    """Show the gates of a promotion and what was, would be, or waits to be changed."""
    columns = (
        Column("score", "分数", "score"), Column("gate", "关口", "gate"), Column("found", "实测", "found"),
        Column("asked", "要求", "asked"), Column("passed", "通过", "passed"),
    )  # fmt: skip
    document = {**asdict(planned), "failed": list(planned.failed), "promoted": done}
    document |= {"waiting": None if waiting is None else asdict(waiting)}
    zh, en = _closing(planned, waiting, done=done, signed=signed)
    rows = [{**gate, "passed": "✓" if gate["passed"] else "✗"} for gate in planned.gates]
    return Result(columns, rows, document, zh, en)


def of_rollback(name: str, before: str | None, *, done: bool) -> Result:
    """Show which bundle answers again, or would."""
    columns = (Column("before", "此前", "before"), Column("now", "现用", "now"))
    document = {"bundle": name, "before": before, "rolled_back": done}
    zh, en = f"现用模型包改为 {name}", f"champion: {name}"
    if not done:
        zh, en = f"将退回 {name}；未作改动", f"would roll back to {name}; nothing changed"
    return Result(columns, [{"before": before, "now": name}], document, zh, en)


def of_waiting(found: Sequence[Waiting]) -> Result:
    """Show the promotions that wait for a signature or for their hour."""
    columns = (
        Column("bundle", "模型包", "bundle"), Column("signed", "已签署", "signed by"),
        Column("opened", "提出时间", "opened at"), Column("hour", "发布时间", "hour"),
        Column("reason", "理由", "reason"),
    )  # fmt: skip
    rows = [
        {
            "bundle": one.folder.name,
            "signed": "、".join(two.by for two in one.signatures),
            "opened": one.signatures[0].at,
            "hour": one.not_before,
            "reason": one.signatures[0].reason,
        }
        for one in found
    ]
    zh, en = (f"{len(found)} 项待办", f"{len(found)} waiting") if found else ("没有待办的发布", "nothing waits")
    return Result(columns, rows, {"waiting": [asdict(one) for one in found]}, zh, en)


def of_ledger(home: Home) -> Result:
    """Show which bundle answered when, by whose decision and why, oldest first."""
    columns = (
        Column("bundle", "模型包", "bundle"), Column("since", "自", "from"), Column("until", "至", "until"),
        Column("how", "方式", "how"), Column("by", "决定人", "by"), Column("reason", "理由", "reason"),
        Column("gates", "关口", "gates"),
    )  # fmt: skip
    found = promotions.tenures(home.path, current=champion(home.path))
    rows = [
        {
            "bundle": f"{one.bundle} {one.sha256[:12]}",
            "since": one.since,
            "until": one.until or "现用 / now",
            "how": " / ".join(ACTIONS[str(one.entry["action"])]),
            "by": "、".join(_people(one.entry)),
            "reason": one.entry.get("reason"),
            "gates": _gates(one.entry),
        }
        for one in found
    ]
    document = {
        "tenures": [
            {"bundle": one.bundle, "sha256": one.sha256, "from": one.since, "until": one.until, **_rest(one.entry)}
            for one in found
        ]
    }
    zh, en = (f"共 {len(rows)} 任", f"{len(rows)} tenures") if rows else ("尚无发布", "nothing was ever promoted")
    return Result(columns, rows, document, zh, en)


def _closing(planned: Plan, waiting: Waiting | None, *, done: bool, signed: bool) -> tuple[str, str]:
    name, before = planned.name, planned.before or "—"
    if planned.failed:
        return f"{name} 未发布", f"{name} was not promoted"
    if done:
        return f"现用模型包：{name}（此前 {before}）", f"champion: {name} (before: {before})"
    if waiting is not None and signed:
        people = "、".join(one.by for one in waiting.signatures)
        zh = f"{people} 已签署 {name}，发布时间 {waiting.not_before}；届时由 fenliu promote --due 执行"
        return zh, f"{name} is signed by {people}; fenliu promote --due carries it out from {waiting.not_before}"
    if waiting is not None:
        first = waiting.signatures[0].by
        zh = f"{first} 已提出发布 {name}，待另一人签署：fenliu promote {name} --sign --reason 理由"
        return zh, f"{first} asked to promote {name}; another person signs: fenliu promote {name} --sign --reason WHY"
    return f"将发布 {name}（现用 {before}）；未作改动", f"would promote {name}; nothing changed"


def _people(entry: Mapping[str, object]) -> list[str]:
    signatures = entry.get("signatures")
    if isinstance(signatures, list) and signatures:
        return [str(one["by"]) for one in signatures]
    return [str(entry.get("by", ""))]


def _gates(entry: Mapping[str, object]) -> str:
    gates = entry.get("gates")
    return f"{len(gates)} ✓" if isinstance(gates, list) else "—"


def _rest(entry: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in entry.items() if key not in {"bundle", "sha256", "at"}}
