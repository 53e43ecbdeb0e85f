"""What `fenliu policy-value` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from features.register import Stage
from models.bundle import Bundle
from models.rules.rule import Text
from models.rules.table import RuleTable
from models.strict_table import SettingsError
from models.utility import Utility
from training.commands.session import DONE, GATE_FAILED, Session, load_bundle, refusing_bad_data, stages_of
from training.config import Settings
from training.console import Console
from training.errors import CommandError
from training.history import History
from training.policies import ByRules, Oracle, Policy, amount_rule, asset_rule, fenliu, one_judge
from training.policy_value.open_cases import Period, Reading, open_cases
from training.policy_value.results import ValueResults
from training.policy_value.truth import potential
from training.policy_value.valuing import Question, Valuation, learn, value_policies
from training.rule_tools.replay.scope import courts_of
from training.rule_tools.tables.opening import open_table, shipped_names
from training.run_folder import Grounds, write_run

SIMPLE: Mapping[str, Callable[[RuleTable], Policy]] = {
    "amount": amount_rule,
    "asset": asset_rule,
    "one_judge": one_judge,
}
"""Policies that need nothing but the rules."""

ALL_COMPLEX = Text("一律立案、精办", "file all, all complex")


def policy_value(
    session: Session,
    *,
    policies: Sequence[str] | None,
    stage: str | None,
    model: str | None,
    rules: Path | None,
    utility: Path | None,
    court: Sequence[str] | None,
    since: date | None,
    until: date | None,
) -> int:
    """Value the policies at each stage and show them beside what was done and simple baselines."""
    settings, table, worth = session.settings(), open_table(rules), load_utility(utility)
    with refusing_bad_data():
        history = History.open(session.history)
        named = tuple(dict.fromkeys(policies or ("fenliu",)))
        bundle = bundle_of(session, model, needed="fenliu" in named)
        asked = [policy_named(one, table=table, bundle=bundle, history=history) for one in named]
        period = Period(unseen(session.console, bundle, since), until, courts_of(history, table, asked=court))
        how = Reading(
            rules=table,
            horizon=settings.policy_value.horizon_days,
            hours=worth.amounts,
            labels=settings.labels,
            period=period,
        )
        if session.dry_run:
            session.console.note(f"将估计 {'、'.join(named)}", f"would value {', '.join(named)}")
            return DONE
        with session.home.begun_run("policy-value", session.now, out=session.out) as run:
            valued = _Valuing(session.console, history, how, settings, worth)
            found = tuple(valued.at(one, asked) for one in stages_of(stage))
            shown = ValueResults(
                valuations=found, utility=worth, settings=settings.policy_value, lang=session.console.lang,
                simulated=history.simulated,
            )  # fmt: skip
            options = {"policies": list(named), "stage": stage, **period.options()}
            result = shown.result(options | {"run": str(run)})
            grounds = Grounds(options=options, history=history, tables={"rules": table})
            write_run(run, result, grounds, console=session.console, title=("分流政策的价值", "value of policies"))
    session.console.show(result)
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return _refusals(session.console, found, {one.name for one in asked})


def load_utility(path: Path | None) -> Utility:
    """Return the court's utility, or the shipped one; a wrong file is refused with every fault."""
    if path is not None and not path.is_file():
        raise CommandError("NOT_FOUND", f"没有价值表 {path}", f"no utility file {path}")
    try:
        return Utility.load(path)
    except SettingsError as error:
        zh = "；".join(f"{one.place}：{one.zh}" for one in error.faults)
        en = "; ".join(f"{one.place}: {one.en}" for one in error.faults)
        raise CommandError("CONFIG", f"价值表不能用：{zh}", f"the utility file cannot be used: {en}") from error


def bundle_of(session: Session, model: str | None, *, needed: bool) -> Bundle | None:
    """Return the bundle asked for, or the latest where scores are needed; None for rules alone."""
    if model == "none" or (model is None and not needed):
        return None
    return load_bundle(session.home.find_bundle(model or "latest"))


def policy_named(name: str, *, table: RuleTable, bundle: Bundle | None, history: History) -> Policy:
    """Return the policy of a name, or that of a rule table's file.

    Raises
    ------
    CommandError
        USAGE: the policy needs what is not there. NOT_FOUND: no such policy, file or shipped table.
    """
    if name == "fenliu":
        if bundle is None:
            raise CommandError("USAGE", "政策 fenliu 需要模型包（--model）", "policy fenliu needs a bundle (--model)")
        return fenliu(bundle, table)
    if name == "oracle":
        return _oracle(history, table)
    simple: dict[str, Callable[[RuleTable], Policy]] = {
        "amount": amount_rule,
        "asset": asset_rule,
        "one_judge": one_judge,
    }
    if name in simple:
        return simple[name](table)
    if not Path(name).exists() and name not in shipped_names():
        known = [*("fenliu", "oracle"), *SIMPLE, *shipped_names()]
        zh = f"没有政策 {name!r}；可用 {'、'.join(known)}，或规则表文件"
        raise CommandError("NOT_FOUND", zh, f"no policy {name!r}; there are {', '.join(known)}, and rule table files")
    own = open_table(Path(name))
    words = Text(f"规则表 {own.court}", f"rule table {own.court}")
    return ByRules(name=name, words=words, rules=own, bundle=bundle)


def _oracle(history: History, table: RuleTable) -> Policy:
    try:
        return Oracle.of_history(history, table)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise CommandError("USAGE", zh, en) from error


class _Valuing:
    """One run over the stages."""

    def __init__(self, console: Console, history: History, how: Reading, settings: Settings, utility: Utility) -> None:
        self.console, self.history, self.how, self.settings, self.utility = console, history, how, settings, utility

    def at(self, stage: Stage, asked: Sequence[Policy]) -> Valuation:
        """Value the policies at one stage."""
        table = self.how.rules
        baselines = (amount_rule(table), replace(one_judge(table), name="complex", words=ALL_COMPLEX))
        with self.console.step(f"阶段 {stage} 估值", f"valuing stage {stage}", total=2 + 2 + len(asked)) as advance:
            cases = open_cases(self.history, stage, self.how)
            advance()
            learned = learn(cases, self.settings)
            advance()
            would = potential(self.history, stage, horizon=self.how.horizon, hours=self.utility.amounts)
            question = Question(
                policies=asked,
                baselines=baselines,
                utility=self.utility,
                would=None if would is None else [one.where(cases.row) for one in would],
            )
            return value_policies(learned, question, settings=self.settings, advance=advance)


def unseen(console: Console, bundle: Bundle | None, since: date | None) -> date | None:
    """Return the first day of cases that the scores did not learn from; an earlier wish is granted with a warning."""
    if bundle is None:
        return since
    first = bundle.about.periods["test"][0]
    if since is None:
        console.note(
            f"只用 {first} 起收到的案件：此前的案件已用于训练",
            f"cases from {first} on: earlier ones trained the scores",
        )
        return first
    if since < first:
        zh = f"{since} 至 {first} 收到的案件已用于训练评分，其结果会偏于有利"
        console.warn(zh, f"the scores learned from cases received before {first}: their value comes out too good")
    return since


def _refusals(console: Console, found: Sequence[Valuation], asked: set[str]) -> int:
    """Say which of the policies asked for could not be valued."""
    refused = [(one, policy) for one in found for policy in one.policies if policy.refused and policy.name in asked]
    for one, policy in refused:
        zh = "；".join(reason.zh for reason in policy.overlap.reasons)
        en = "; ".join(reason.en for reason in policy.overlap.reasons)
        console.warn(
            f"[POLICY_NOT_COVERED] 阶段 {one.cases.stage} 的政策“{policy.words.zh}”不能估值：{zh}",
            f"[POLICY_NOT_COVERED] policy {policy.words.en!r} cannot be valued at stage {one.cases.stage}: {en}",
        )
    return GATE_FAILED if refused else DONE
