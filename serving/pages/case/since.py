"""What has happened since an answer: a newer one, the end of urging, a closing, or events that make it stale."""

from __future__ import annotations

from typing import Final

from features.events import MONEY
from models.lanes import Lane
from models.lifecycle import CONVERSION_TEXT, ConversionCause
from serving.pages import formats
from serving.pages.case.deadlines import FAST_END
from serving.pages.case.history import closing_words, kind_words
from serving.pages.language import Language
from serving.record.case_files import CaseFile

CHANGING: Final = frozenset({*MONEY, "promise", "settle", "settle_default", "clue", "withdraw"})
"""Reported events after which the facts of an answer are not those of the case any more."""


def newer_of(found: CaseFile) -> str:
    """Return the id of a newer answer about the case; empty without one."""
    last = found.answers[-1]["id"] if found.answers else found.answer["id"]
    return "" if last == found.answer["id"] else str(last)


def converted_of(found: CaseFile, say: Language) -> str:
    """Return why and when urging ended; empty where it has not."""
    row = found.conversion
    if row is None:
        return ""
    why = say.pick(*CONVERSION_TEXT[ConversionCause(row["cause"])])
    when = formats.instant(row["at"])
    return say("{why}。已于 {when} 自动转立案，应于 {due} 立案。", why=why, when=when, due=row["due_on"])


def closed_of(found: CaseFile, say: Language) -> str:
    """Return that the case was reported closed, and how; empty while it is open."""
    row = found.closing
    if row is None:
        return ""
    what = closing_words(row, say)
    if found.file.standing is not None:
        return say("据 {when} 的报告，本案已于 {what}。", when=formats.instant(row["recorded_at"]), what=what)
    return say(
        "据 {when} 的报告，本案已于 {what}，未作分流决定，已不在收案分流之列。",
        when=formats.instant(row["recorded_at"]),
        what=what,
    )


def stale_of(found: CaseFile, say: Language) -> str:
    """Return that an answer on which somebody may still decide is old, or what was reported of its case since."""
    if found.file.standing is not None or found.closing is not None or newer_of(found):
        return ""
    since = [one["kind"] for one in found.events if one["recorded_at"] > found.answer["created_at"]]
    changed = list(dict.fromkeys(kind_words(kind, say) for kind in since if kind in CHANGING))
    if changed:
        return say("案件信息在评分后有变动（{what}）。", what=say.listed(changed))
    if found.at.isoformat() > found.answer["expires_at"]:
        return say("本建议的有效期已于 {when} 届满。", when=formats.instant(found.answer["expires_at"]))
    return ""


def fast_over_of(found: CaseFile, say: Language) -> str:
    """Return that the fast lane's time (H14) is over for a case that goes fast and has not been moved; else empty."""
    standing, today = found.file.standing, found.at.date().isoformat()
    ends = [one["date"] for one in found.answer["deadlines"] if one["kind"] == FAST_END and one["date"]]
    moved = {"to_complex", "zhongben"} & {one["kind"] for one in found.events}
    if standing is None or standing["lane"] != Lane.FAST.value or moved or found.closing is not None or newer_of(found):
        return ""
    if not ends or min(ends) >= today:
        return ""
    return say("快执期限（H14）已于 {day} 届满，未见结案报告，应转精办。请办理并报送“转入精办”。", day=min(ends))


def newer_words(found: CaseFile, say: Language) -> str:
    """Return what a newer answer means for this one."""
    corrected = any(row["corrects"] == found.answer["id"] for row in found.answers)
    return say("本建议已因数据更正被取代，不再适用：") if corrected else say("本案已有较新的建议。")
