"""The page of a court's settings: what is in force, and for who may change it the form, as it stands or was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.teams import ROLE_ZH, TeamRegister
from serving.door.problems import ProblemError
from serving.pages.indicators.numbers import named as indicator_name
from serving.pages.language import Language
from serving.pages.queue import Option
from serving.pages.settings.changes import Entry, Named, entries
from serving.pages.settings.window import WindowBlock
from serving.pages.settings.words import BASES, MODES, ends_of, interval_words
from serving.record.court_values import SHIPPED, Settings, settings_of
from serving.repositories.court_settings import Version
from serving.repositories.indicators.figures import COUNTED


@dataclass(frozen=True, kw_only=True)
class IntervalField:
    """The two ends of one indicator's interval as they are typed in."""

    id: str
    name: str
    unit: str
    low: str
    high: str
    words: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class Team:
    """One team in the register, without its members."""

    name: str
    role: str
    members: int
    since: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to be put right, with the field that it is about."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SettingsPage:
    """Everything on the page."""

    court: str
    courts: tuple[Option, ...]
    several: bool
    version: int
    newest: Entry
    modes: tuple[Option, ...]
    bases: tuple[Option, ...]
    intervals: tuple[IntervalField, ...]
    court_name: str
    contact: str
    teams: tuple[Team, ...]
    team_text: str
    window: WindowBlock
    reason: str
    may_change: bool
    faults: tuple[Fault, ...]
    conflict: bool
    overtaken: bool
    done: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who reads: in which language, how people are called, whether he may change the settings; and his courts."""

    say: Language
    named: Named
    may_change: bool
    courts: Sequence[str]
    window: WindowBlock


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A form that was sent in and not taken: its fields, and why; `window` where it was one of the urging window."""

    fields: Mapping[str, Any]
    problem: ProblemError
    window: bool = False


def settings_page(
    versions: Sequence[Version], *, asked: Asked, sent: Sent | None = None, done: bool = False
) -> SettingsPage:
    """Return the page; a form that was not taken keeps what was typed in."""
    say, newest = asked.say, versions[0]
    values = {**SHIPPED, **newest.values}
    settings = settings_of(values, newest.number)
    fields = {} if sent is None else sent.fields
    faults = () if sent is None else _faults(sent.problem, say)
    mode = fields.get("review_mode", settings.review_mode.value)
    base = fields.get("over_12_base", settings.over_12_base.value)
    return SettingsPage(
        court=newest.court_code,
        courts=tuple(Option(one, one, one == newest.court_code) for one in asked.courts),
        several=len(asked.courts) > 1,
        version=newest.number,
        newest=entries(versions, named=asked.named, say=say)[0],
        modes=tuple(Option(one.value, words(say), one.value == mode) for one, words in MODES.items()),
        bases=tuple(Option(one.value, words(say), one.value == base) for one, words in BASES.items()),
        intervals=tuple(_interval(one.id, settings, fields, faults, say) for one in COUNTED),
        court_name=str(fields.get("court_name", settings.court_name)),
        contact=str(fields.get("contact", settings.contact)),
        teams=_teams(settings.teams, say),
        team_text=str(fields.get("teams", values["teams"])) if asked.may_change else "",
        window=asked.window,
        reason=str(fields.get("reason", "")),
        may_change=asked.may_change,
        faults=faults,
        conflict=sent is not None and not sent.window and sent.problem.problem.code == "PRECONDITION_FAILED",
        overtaken=sent is not None and sent.window and sent.problem.problem.code == "PRECONDITION_FAILED",
        done=say("已变更，现为第 {number} 版。", number=newest.number) if done else "",
    )


def _interval(
    name: str, settings: Settings, fields: Mapping[str, Any], faults: Sequence[Fault], say: Language
) -> IntervalField:
    one = next(found for found in COUNTED if found.id == name)
    interval = settings.intervals.get(name)
    low, high = ends_of(name, interval)
    if any(key.startswith(("low_", "high_")) for key in fields):
        low, high = str(fields.get(f"low_{name}", "")), str(fields.get(f"high_{name}", ""))
    return IntervalField(
        id=name,
        name=indicator_name(one, say),
        unit="%" if one.unit == "share" else say("日"),
        low=low,
        high=high,
        words=interval_words(name, interval, say)[1],
        fault=next((fault.text for fault in faults if fault.field == f"low_{name}"), ""),
    )


def _teams(register: TeamRegister | None, say: Language) -> tuple[Team, ...]:
    if register is None:
        return ()
    return tuple(
        Team(
            name=team.name,
            role=say.pick(ROLE_ZH[team.role], team.role.value),
            members=len(team.members),
            since=team.in_force_from.isoformat() + ("" if team.until is None else f" ~ {team.until.isoformat()}"),
        )
        for team in sorted(register.teams, key=lambda team: team.name.encode("gb18030"))
    )


def _faults(problem: ProblemError, say: Language) -> tuple[Fault, ...]:
    if problem.problem.code == "PRECONDITION_FAILED":
        return ()
    found = []
    for one in problem.errors:
        name = str(one["pointer"]).lstrip("/")
        known = any(indicator.id == name for indicator in COUNTED)
        text = say.pick(str(one["message"]), str(one["message_en"]))
        label = indicator_name(next(each for each in COUNTED if each.id == name), say) + say("：") if known else ""
        found.append(Fault(field=f"low_{name}" if known else name, text=label + text))
    return tuple(found) or (Fault(field="reason", text=say.pick(problem.problem.zh, problem.problem.en)),)
