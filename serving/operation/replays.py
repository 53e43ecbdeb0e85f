"""`fenliu-serve replay`: stored answers given again, one or all, with what came of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from serving.opening import now, operator
from serving.operation.opened import opened
from serving.replay.means import Means
from serving.replay.replaying import Replayer
from serving.replay.verdict import Verdict
from serving.repositories.recorded import Recorded, RecordedStore
from serving.repositories.rule_texts import RuleTextStore
from serving.settings import Settings

ALL_SAME: Final = 0
SOME_DIFFER: Final = 1
NOT_FOUND: Final = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which answers, and how to tell: one by id, or all created on or after a day (empty: all there are)."""

    id: str = ""
    since: str = ""
    values: bool = False
    as_json: bool = False


def replay(settings: Settings, asked: Asked, say: Callable[[str], None]) -> int:
    """Replay what is asked for, say what came of it, and return the exit code."""
    with opened(settings) as (store, keys):
        recorded = RecordedStore(store, keys)
        replayer = Replayer(Means(settings.bundles, RuleTextStore(store, keys)))
        if asked.id:
            return _one(recorded, replayer, asked, say)
        return _all(recorded, replayer, asked, say)


def _one(recorded: RecordedStore, replayer: Replayer, asked: Asked, say: Callable[[str], None]) -> int:
    found = recorded.get(asked.id, origin=operator(), at=now())
    if found is None:
        say(f"没有编号为 {asked.id} 的建议 / there is no advice {asked.id}")
        return NOT_FOUND
    verdict = replayer.replay(found)
    say(_shown(verdict, asked))
    return ALL_SAME if verdict.outcome == "same" else SOME_DIFFER


def _all(recorded: RecordedStore, replayer: Replayer, asked: Asked, say: Callable[[str], None]) -> int:
    """Replay everything; only what is not the same gets a line of its own, and a sum ends it."""
    counts: Counter[str] = Counter()
    for one in _each(recorded, asked.since):
        verdict = replayer.replay(one)
        counts[verdict.code] += 1
        if verdict.outcome != "same" or asked.as_json:
            say(_shown(verdict, asked))
    same = counts["SAME"] + counts["SAME_OTHER_PROGRAM"]
    if not asked.as_json:
        total = sum(counts.values())
        say(f"共 {total} 件，一致 {same} 件 / {total} answers, {same} the same")
        for code, number in sorted(counts.items()):
            say(f"  {code} {number}")
    bad = sum(counts.values()) - same - counts["ERASED"]
    return SOME_DIFFER if bad else ALL_SAME


def _each(recorded: RecordedStore, since: str) -> Iterator[Recorded]:
    after = ""
    while page := recorded.page(after=after, since=since, origin=operator(), at=now()):
        yield from page
        after = page[-1].id


def _shown(verdict: Verdict, asked: Asked) -> str:
    if asked.as_json:
        return json.dumps(verdict.to_json(values=asked.values), ensure_ascii=False)
    text, text_en = verdict.words
    mark = {"same": "✓", "differs": "✗", "impossible": "?"}[verdict.outcome]
    about = "".join(f" {part}" for part in (verdict.pointer, verdict.about) if part)
    line = f"{mark} {verdict.id} [{verdict.code}]{about}：{text} / {text_en}"
    if verdict.code == "PROGRAM_DIFFERS":
        line += f"（{verdict.program}）"
    if asked.values and verdict.outcome == "differs" and verdict.pointer:
        line += f"\n    存档 / recorded: {_value(verdict.recorded)}\n    重算 / again:    {_value(verdict.again)}"
    return line


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
