"""What one version of a court's settings changed against the one before, in words; who is in a team is not said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.pages import formats
from serving.pages.language import Language
from serving.pages.settings.words import base_words, interval_words, mode_words, team_words
from serving.record.court_values import SHIPPED, settings_of
from serving.repositories.court_settings import Version

Named = Callable[[str | None], str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that was changed: what, from what, to what."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One version: its number, who set it, when and why, and what it changed."""

    number: int
    who: str
    when: str
    reason: str
    changes: tuple[Change, ...]
    current: bool


def entries(versions: Sequence[Version], *, named: Named, say: Language) -> tuple[Entry, ...]:
    """Return the versions, newest first, each against the one before; the shipped values are the last."""
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return tuple(
        Entry(
            number=new.number,
            who=named(new.set_by) if new.set_by else say("随系统提供"),
            when=formats.instant(new.set_at) if new.set_at else "--",
            reason=new.reason or "--",
            changes=() if old is None else tuple(_changes({**SHIPPED, **old.values}, {**SHIPPED, **new.values}, say)),
            current=place == 0,
        )
        for place, (new, old) in enumerate(pairs)
    )


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], say: Language) -> Iterator[Change]:
    before, after = settings_of(old, 0), settings_of(new, 0)
    if before.review_mode is not after.review_mode:
        yield Change(
            name=say("预测的查看方式"),
            before=mode_words(before.review_mode, say),
            after=mode_words(after.review_mode, say),
        )
    if before.over_12_base is not after.over_12_base:
        yield Change(
            name=say("超 12 个月未结案件比的分母"),
            before=base_words(before.over_12_base, say),
            after=base_words(after.over_12_base, say),
        )
    if before.court_name != after.court_name:
        yield Change(
            name=say("法院名称"), before=before.court_name or say("未设"), after=after.court_name or say("未设")
        )
    if before.contact != after.contact:
        yield Change(
            name=say("告知当事人的联系方式"), before=before.contact or say("未设"), after=after.contact or say("未设")
        )
    for name in sorted(before.intervals.keys() | after.intervals.keys()):
        was, now = before.intervals.get(name), after.intervals.get(name)
        if was != now:
            label, low = interval_words(name, was, say)
            yield Change(name=label, before=low, after=interval_words(name, now, say)[1])
    if old["teams"] != new["teams"]:
        yield Change(name=say("团队表"), before=team_words(before.teams, say), after=team_words(after.teams, say))
