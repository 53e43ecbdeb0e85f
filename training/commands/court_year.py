"""What `fenliu court-year` does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from models.bundle import Bundle
from models.indicators import Clock
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from models.strict_table import SettingsError
from models.utility import Utility
from training.commands.session import DONE, GATE_FAILED, Session, load_bundle, refusing_bad_data
from training.config import load_settings
from training.console import Column, Result
from training.court_year.settings import YearSettings, load_year
from training.court_year.study.candidates import BY_VALUE, OURS, known_policies
from training.court_year.study.findings import VALUE, Findings
from training.court_year.study.pictures import pictures
from training.court_year.study.plan import ORACLE, StudyPlan
from training.court_year.study.report import document, write_report
from training.court_year.study.running import run_study
from training.court_year.study.tables import named, of_clock, shown
from training.errors import CommandError
from training.history import History
from training.lane_effects import learn_effects
from training.provenance import file_sha256, write_json

EFFECTS = "effects.json"
YEAR = timedelta(days=366)
ASKS_BUNDLE = (OURS, BY_VALUE)


@dataclass(frozen=True)
class _Asked:
    """What the command was asked for beside the settings of the year."""

    policies: tuple[str, ...]
    seeds: int
    late: tuple[float, int]
    bundle: Path | None
    rules: Path | None
    rules_on: date | None
    utility: Path | None


def court_year(
    session: Session,
    *,
    policies: str | None,
    seeds: int,
    model: str,
    rules: Path | None,
    utility: Path | None,
    start: date | None,
    rules_on: date | None,
    late_days: float,
    late_seeds: int,
    jobs: int,
) -> int:
    """Simulate a year under every asked policy and report it."""
    year = load_year(session.config, session.overrides)
    year = year if start is None else replace(year, year_from=start)
    chosen = _policies(policies, with_history=(session.history / "meta.json").is_file())
    bundle = session.home.find_bundle(model) if set(chosen) & set(ASKS_BUNDLE) else None
    worth, table = _utility(utility), _rules(rules)
    held = None if rules is None else _held(session, table, year, on=rules_on)
    asked = _Asked(chosen, seeds, (late_days, min(late_seeds, seeds)), bundle, rules, held, utility)
    if bundle is not None:
        _check_bundle(load_bundle(bundle), year, session)
    if session.dry_run:
        zh = f"将推演 {len(chosen)} 种做法、{seeds} 个种子：{', '.join(chosen)}"
        session.console.note(zh, f"would simulate {len(chosen)} policies on {seeds} seeds: {', '.join(chosen)}")
        return DONE
    folder = session.out or session.home.new_run("court-year", session.now)
    folder.mkdir(parents=True, exist_ok=True)
    plan = _plan(session, asked, year, folder=folder, table=table, worth=worth)
    plan.write(folder)
    run_study(folder.resolve(), jobs=jobs, console=session.console)
    return _report(session, folder, worth)


def _policies(names: str | None, *, with_history: bool) -> tuple[str, ...]:
    known = known_policies()
    if names is None:
        return tuple(one for one in known if with_history or one != BY_VALUE)
    asked = [one.strip() for one in names.split(",") if one.strip()]
    unknown = [one for one in asked if one not in known]
    if unknown or not asked:
        allowed = "、".join(known)
        zh, en = (
            f"没有做法 {'、'.join(unknown)}，可用：{allowed}",
            f"unknown policies {unknown}; known: {', '.join(known)}",
        )
        raise CommandError("USAGE", zh, en)
    return tuple(one for one in known if one in asked)


def _check_bundle(bundle: Bundle, year: YearSettings, session: Session) -> None:
    """Refuse a bundle that has seen the year, or that does not know the court."""
    last = max(until for _, until in bundle.about.periods.values())
    if last > year.year_from:
        zh = f"模型包的数据到 {last} 为止，晚于本年首日 {year.year_from}：模型不得见过所推演的一年"
        raise CommandError("CONFIG", zh, f"the bundle's data end on {last}, after the year begins on {year.year_from}")
    if year.court not in bundle.about.courts:
        known = "、".join(bundle.about.courts)
        zh, en = (
            f"模型包未见过法院 {year.court}，见过：{known}",
            f"the bundle knows no court {year.court}; known: {known}",
        )
        raise CommandError("CONFIG", zh, en)
    if bundle.about.valid_until < year.last:
        zh = f"模型包有效期至 {bundle.about.valid_until}，此后的申请不评分"
        session.console.warn(
            zh, f"the bundle is valid until {bundle.about.valid_until}; later applications get no score"
        )


def _utility(path: Path | None) -> Utility:
    try:
        return Utility.load(path)
    except (SettingsError, FileNotFoundError) as error:
        raise CommandError("CONFIG", f"效用设定不能用：{error}", f"the utility cannot be used: {error}") from error


def _rules(path: Path | None) -> RuleTable:
    try:
        return RuleTable.load(() if path is None else (path,))
    except RuleTableError as error:
        raise CommandError(
            "RULES_REJECTED", f"规则表不能用：{error}", f"the rule table cannot be used: {error}"
        ) from error


def _held(session: Session, table: RuleTable, year: YearSettings, *, on: date | None) -> date | None:
    """Return the day whose rules are tried all along: the one asked for, else the first of parameters that are new.

    A draft begins on a day to come. As it is, the year before, on which teams
    are planned, would have another table than the year that counts.
    """
    newest = max(one.in_force_from for one in table.sets)
    if on is None and newest <= year.first - YEAR:
        return None
    day = on or max(newest, year.year_from)
    try:
        table.throughout(day)
    except RuleTableError as error:
        raise CommandError("USAGE", f"--rules-on：{error}", f"--rules-on: {error}") from error
    session.console.note(
        f"规则表按 {day} 施行的内容推演全程，含据以配置团队的上一年",
        f"the rules in force on {day} are tried all along, the year before included, on which teams are planned",
    )
    return day


def _plan(
    session: Session, asked: _Asked, year: YearSettings, *, folder: Path, table: RuleTable, worth: Utility
) -> StudyPlan:
    """Return the plan, with the effects learned from the history where routing by value is asked for."""
    bundle = None if asked.bundle is None else load_bundle(asked.bundle)
    marks = {"rules": table.sha256, "utility": worth.sha256, "bundle": bundle.sha256 if bundle else ""}
    effects = folder / EFFECTS
    if BY_VALUE in asked.policies and bundle is not None:
        if not effects.is_file():
            _learn(session, bundle, table, worth, effects)
        marks["effects"] = file_sha256(effects)
    return StudyPlan(
        settings=year,
        policies=asked.policies,
        seed=1 if session.seed is None else session.seed,
        seeds=asked.seeds,
        late_days=asked.late[0],
        late_seeds=asked.late[1] if asked.late[0] else 0,
        bundle="" if asked.bundle is None else str(asked.bundle.resolve()),
        rules="" if asked.rules is None else str(asked.rules.resolve()),
        rules_on="" if asked.rules_on is None else asked.rules_on.isoformat(),
        utility="" if asked.utility is None else str(asked.utility.resolve()),
        effects=str(effects.resolve()) if BY_VALUE in asked.policies else "",
        marks=marks,
    )


def _learn(session: Session, bundle: Bundle, table: RuleTable, worth: Utility, path: Path) -> None:
    with refusing_bad_data(), session.console.step("学习分道效果", "learning what lanes change", total=1) as advance:
        history = History.open(session.history)
        found = learn_effects(history, bundle, table, hours=worth.amounts, labels=load_settings().labels)
        write_json(path, found.to_json())
        advance()


def _report(session: Session, folder: Path, worth: Utility) -> int:
    found = Findings.read(folder)
    with session.console.step("绘图与报告", "drawing and reporting", total=1) as advance:
        drawn = pictures(found, folder / "plots")
        page = write_report(found, folder, utility=worth, pictures=drawn)
        advance()
    session.console.show(_shown(found, worth, page))
    for one in found.gained_by_delay:
        zh = f"未通过：{one.policy} 的 {one.name} 因迟延立案而改善 {one.improvement.value:.4g}"
        session.console.warn(zh, f"failed: {one.name} of {one.policy} improves by late filing")
    return GATE_FAILED if found.gained_by_delay else DONE


def _shown(found: Findings, worth: Utility, page: Path) -> Result:
    """Return the figures that stand for the court, with what an application was worth."""
    chosen = of_clock(found, Clock.RECEIPT)
    columns = (
        Column("policy", "代号", "policy"),
        *(Column(one.key, one.words.zh, one.words.en) for one in chosen),
        Column("difference", "效用差（元）", "worth against amount (yuan)"),
        Column("share", "达到先知增益", "share of the oracle's gain"),
        Column("data", "数据", "data"),
    )
    rows = [
        named(found, policy)
        | {one.key: shown(found.beside(policy, one.key).mean, one.unit) for one in chosen}
        | {"difference": shown(found.beside(policy, VALUE).difference), "share": _share(found, policy), "data": "模拟"}
        for policy in found.plan.policies
    ]
    zh, en = f"模拟数据，不得用于办案；报告 {page}", f"simulated: not for real cases; report {page}"
    return Result(columns, rows, document(found, worth), zh, en)


def _share(found: Findings, policy: str) -> str:
    share = found.share(policy, VALUE)
    return "—" if share.value != share.value or policy == ORACLE else f"{100 * share.value:.0f}%"
