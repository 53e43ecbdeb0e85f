"""What `fenliu assign`, `fenliu verify-draws` and `fenliu batches` do."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np

from features.register import load_register
from models.assignment import Assignment, Day, Demand, DemandError
from models.assignment import assign as assign_cases
from models.batches import BatchSettings, group
from models.batches import trends as trends_of
from models.lots import DrawRecord
from models.lots import verify_draws as verify_record
from models.strict_table import SettingsError
from models.teams import read_teams
from models.utility import Utility
from training.commands.session import DONE, GATE_FAILED, REJECTED, Session, load_bundle, refusing_bad_data, stages_of
from training.console import Result
from training.docket import assignment_results, batch_results, day_list
from training.docket.linked import Tokens, linked
from training.docket.opening import Docket, as_decided, demand_of, on_hand_of
from training.docket.routed import Routed, kinds_of
from training.errors import CommandError
from training.provenance import write_json
from training.rule_tools.tables.opening import open_table
from training.scoring.input import Reject
from training.scoring.output import form_of, write_scored

Setting = TypeVar("Setting")


@dataclass(frozen=True)
class _Asked:
    """Where the cases are and what routes them, as the options say."""

    source: Path
    stage: str
    model: str
    rules: Path | None
    since: date | None
    until: date | None

    def docket(self, session: Session, utility: Utility) -> Docket:
        """Return what the command works on."""
        home, model = session.home, self.model
        return Docket(
            source=self.source,
            stage=stages_of(self.stage)[0],
            rules=lambda: open_table(self.rules),
            bundle=lambda: None if model == "none" else load_bundle(home.find_bundle(model)),
            utility=utility,
            since=self.since,
            until=self.until,
            now=session.now,
        )


def assign(
    session: Session,
    *,
    source: Path,
    teams: Path,
    day: date | None,
    stage: str,
    model: str,
    rules: Path | None,
    since: date | None,
    until: date | None,
    loads: Path | None,
    decided: Path | None,
    on_hand: Path | None,
    utility: Path | None,
    batch_settings: Path | None,
    prices: bool,
) -> int:
    """Give a day's cases to teams and members, and keep the record of the draw."""
    worth = _setting(utility, Utility.load)
    asked = Day(
        on=day or session.now.date(),
        register=_setting(teams, read_teams),
        seed=_seed(session),
        loads=day_list.read_loads(loads),
        gain=worth.specialist,
        priced=prices,
    )
    docket = _Asked(source, stage, model, rules, since, until).docket(session, worth)
    out = session.out or Path("assigned.csv")
    record = out.with_suffix(".draw.json")
    _free(session, out, record)
    rejects: list[Reject] = []
    with refusing_bad_data(), session.console.step("分案", "assigning", total=2) as advance:
        beside = _Beside(day_list.read_on_hand(on_hand), _setting(batch_settings, BatchSettings.load))
        demand, simulated = _demand(docket, beside, rejects, day_list.read_decided(decided))
        advance()
        done = _assigned(demand, asked)
        advance()
    if not session.dry_run:
        write_scored([assignment_results.columns_of_assignment(done, session.console.lang)], out, form_of(out))
        write_json(record, done.record.document() | {"sha256": done.record.sha256})
    files = {} if session.dry_run else {"assigned": out, "draw": record}
    told = assignment_results.Told(done, worth, files, listed=docket.listed, simulated=simulated)
    session.console.show(assignment_results.of_assignment(told, session.console.lang))
    if _told(session, rejects):
        return REJECTED
    return GATE_FAILED if len(done.waiting) else DONE


def verify_draws(session: Session, *, record: Path, sha256: str | None) -> int:
    """Draw again by the seed of a record, and compare."""
    kept, own = _record(record)
    faults = verify_record(kept, sha256 or own)
    session.console.show(assignment_results.of_verification(kept, faults, session.console.lang))
    return GATE_FAILED if faults else DONE


def batches(
    session: Session,
    *,
    source: Path,
    stage: str,
    model: str,
    rules: Path | None,
    since: date | None,
    until: date | None,
    on_hand: Path | None,
    one_applicant: bool,
    batch_settings: Path | None,
    trends: int | None,
    by: str,
) -> int:
    """Link and group a batch, or show where cases come from."""
    docket = _Asked(source, stage, model, rules, since, until).docket(session, Utility.load())
    beside = _Beside(day_list.read_on_hand(on_hand), _setting(batch_settings, BatchSettings.load))
    out, rejects = session.out or Path("groups.csv"), list[Reject]()
    if trends is None:
        _free(session, out)
    with refusing_bad_data(), session.console.step("分组", "grouping", total=2) as advance:
        routed = docket.routed(rejects)
        tokens = docket.tokens(routed, one_applicant=one_applicant)
        advance()
        told = (
            _trends(session, routed, _kinds(routed, tokens, by), beside.settings, trends)
            if trends
            else _grouped(session, routed, tokens, beside, out)
        )
        advance()
    session.console.show(told)
    return REJECTED if _told(session, rejects) else DONE


@dataclass(frozen=True)
class _Beside:
    """What is known beside the cases: debtors with a case on hand, and how cases are linked and grouped."""

    hands: Mapping[str, str | None]
    settings: BatchSettings


KEY = 12
"""Characters of a join key that are shown: enough to find the applicant in the court's own list."""
APPLICANT = "applicant"
"""By what trends are counted unless a fact is named."""


@dataclass(frozen=True)
class _Kinds:
    """The kind of each case, and what the kinds are called in both languages."""

    of: Sequence[str | None]
    name: tuple[str, str]


def _grouped(session: Session, routed: Routed, tokens: Tokens, beside: _Beside, out: Path) -> Result:
    """Group a batch, write the list of its cases, and return what is shown."""
    links = linked(routed, tokens, beside.settings)
    in_batch = np.array([name is not None for name in links.debtor], dtype=np.bool_)
    seen = replace(routed.seen, on_hand=in_batch | on_hand_of(routed, tokens, beside.hands))
    seed, lang = _seed(session), session.console.lang
    groups = group(seen, load_register(), beside.settings, seed=seed)
    if not session.dry_run:
        write_scored([batch_results.columns_of_batch(routed.ids, groups, links, lang)], out, form_of(out))
    return batch_results.of_batches(groups, links, beside.settings, lang, seed=seed, simulated=routed.simulated)


def _demand(docket: Docket, beside: _Beside, rejects: list[Reject], decided: Mapping[str, int]) -> tuple[Demand, bool]:
    """Return the cases to be given, and whether they are simulated."""
    if docket.listed:
        return as_decided(day_list.read_day(docket.source), decided), False
    routed = docket.routed(rejects)
    demand = demand_of(routed, docket.tokens(routed), beside.settings, beside.hands)
    return as_decided(demand, decided, routed), routed.simulated


def _assigned(demand: Demand, day: Day) -> Assignment:
    try:
        return assign_cases(demand, day)
    except DemandError as error:
        zh, _, en = str(error).partition(" / ")
        raise CommandError("SETTING_REJECTED", zh, en) from error


def _kinds(routed: Routed, tokens: Tokens, by: str) -> _Kinds:
    """Return by what the cases are counted: by applicant, or by a fact of the case."""
    if by == APPLICANT:
        known = (tokens.applicant.get(case) for case in routed.ids)
        return _Kinds([None if one is None else one[:KEY] for one in known], ("申请人标识", "applicant"))
    return _Kinds(*kinds_of(routed, by))


def _trends(session: Session, routed: Routed, kinds: _Kinds, settings: BatchSettings, months: int) -> Result:
    """Return the trends of large kinds; a case without a date of receipt is in no month."""
    received = routed.number("received_at")
    known = np.flatnonzero(np.isfinite(received))
    month = received[known].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * 1970
    found = trends_of([kinds.of[row] for row in known.tolist()], month, months=months, settings=settings)
    return batch_results.of_trends(found, kinds.name, session.console.lang, simulated=routed.simulated)


def _setting(path: Path | None, load: Callable[..., Setting]) -> Setting:
    """Return a setting read from a file; what is wrong with it is told fault by fault."""
    if path is not None and not path.is_file():
        raise CommandError("NOT_FOUND", f"没有文件 {path}", f"no file {path}")
    try:
        return load() if path is None else load(path)
    except SettingsError as error:
        zh = "；".join(f"{one.place}：{one.zh}" for one in error.faults)
        en = "; ".join(f"{one.place}: {one.en}" for one in error.faults)
        name, count = error.faults[0].file, len(error.faults)
        raise CommandError("SETTING_REJECTED", f"{name} 有 {count} 处错误：{zh}", f"{name}: {en}") from error
    except UnicodeDecodeError as error:
        raise CommandError("SETTING_REJECTED", f"{path} 不是 UTF-8 编码", f"{path} is not UTF-8") from error


def _record(path: Path) -> tuple[DrawRecord, str | None]:
    """Return the record of a file, and the fingerprint written beside it."""
    if not path.is_file():
        raise CommandError("NOT_FOUND", f"没有文件 {path}", f"no file {path}")
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return DrawRecord.of_document(plain), plain.get("sha256")
    except ValueError as error:
        zh, en = f"{path.name} 不是抽取记录", f"{path.name} is no record of a draw"
        raise CommandError("RECORD_REJECTED", zh, en) from error


def _seed(session: Session) -> int:
    """Return the seed asked for, else one that nobody chose; either is shown with the result."""
    return secrets.randbits(63) if session.seed is None else session.seed


def _free(session: Session, *files: Path) -> None:
    taken = [str(file) for file in files if file.exists()]
    if taken and not session.force and not session.dry_run:
        raise CommandError("EXISTS", f"{'、'.join(taken)} 已存在", f"{', '.join(taken)} exists")


def _told(session: Session, rejects: list[Reject]) -> bool:
    """Tell which lines are no cases; return whether there were any."""
    for reject in rejects[:20]:
        why = "; ".join(reject.reasons)
        session.console.warn(f"第 {reject.line} 行未读入：{why}", f"line {reject.line} was not read: {why}")
    return bool(rejects)
