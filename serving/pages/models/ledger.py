"""Who let which bundle answer, when, why and past which gates; who asked and whose signature is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.bundle.promotion_requests import Waiting
from models.bundle.promotions import Tenure
from serving.pages import formats
from serving.pages.language import Language
from serving.pages.models.head import signer_words, steps_of


@dataclass(frozen=True, kw_only=True)
class TenureLine:
    """One time in which a bundle answered."""

    bundle: str
    since: str
    until: str
    how: str
    by: str
    reason: str
    gates: str
    now: bool


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """One promotion that waits."""

    bundle: str
    base: str
    opened: str
    signed: str
    reasons: str
    hour: str


def ledger_of(tenures: Sequence[Tenure], say: Language) -> tuple[TenureLine, ...]:
    """Return the ledger, the present first."""
    return tuple(_tenure(one, say) for one in reversed(tenures))


def requests_of(waiting: Sequence[Waiting], say: Language) -> tuple[RequestLine, ...]:
    """Return the promotions that wait, in the order in which they were opened."""
    return tuple(
        RequestLine(
            bundle=Path(one.bundle).name,
            base=one.base or say("无"),
            opened=formats.instant(one.signatures[0].at),
            signed=say.listed(signer_words(each.by, each.account, say) for each in one.signatures),
            reasons=say.apart(signature.reason for signature in one.signatures),
            hour=say("签齐即发布") if one.not_before is None else formats.instant(one.not_before),
        )
        for one in waiting
        if one.signatures
    )


def _tenure(one: Tenure, say: Language) -> TenureLine:
    entry = one.entry
    return TenureLine(
        bundle=f"{one.bundle} {one.sha256[:12]}",
        since=formats.instant(one.since),
        until=say("现用中") if one.until is None else formats.instant(one.until),
        how=say("退回") if entry.get("action") == "rollback" else say("发布"),
        by=say.listed(steps_of(one, say)),
        reason=_reasons(entry),
        gates=_gates(entry.get("gates") or [], say),
        now=one.until is None,
    )


def _reasons(entry: Mapping[str, Any]) -> str:
    """Return why, in the words of everybody who signed, each once."""
    said = [str(one.get("reason", "")) for one in entry.get("signatures") or []] or [str(entry.get("reason", ""))]
    return "；".join(dict.fromkeys(text for text in said if text)) or "--"


def _gates(gates: Sequence[Mapping[str, Any]], say: Language) -> str:
    if not gates:
        return "--"
    failed = sum(not gate.get("passed") for gate in gates)
    return (
        say("{n} 项均通过", n=len(gates))
        if not failed
        else say("{n} 项，{failed} 项未通过", n=len(gates), failed=failed)
    )
