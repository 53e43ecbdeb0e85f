"""The tables of a study in words: one row a policy, every figure with its interval, every page marked as simulated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.indicators import Clock, Indicator, Unit
from models.lanes import Lane
from models.rules.rule import Text
from training.court_year.study.findings import VALUE, Findings
from training.court_year.urging_law import CAUSES
from training.evaluation.measures import Estimate

MARK = Text("模拟", "simulated")


@dataclass(frozen=True)
class Table:
    """A table: its title, headings (key and words) and rows by key."""

    title: Text
    headings: Mapping[str, Text]
    rows: Sequence[Mapping[str, str]]


def tables(found: Findings) -> tuple[Table, ...]:
    """Return every table of the report."""
    return (
        _indicators(
            found, Clock.RECEIPT, Text("指标（自收到申请起，报告口径）", "Indicators from receipt, as reported")
        ),
        _worth(found),
        _shares(found),
        _indicators(
            found, Clock.FILING, Text("指标（自立案起，法定口径）", "Indicators from filing, official formulas")
        ),
        _lanes(found),
        _teams(found),
        _late(found),
        _formulas(found),
    )


def shown(estimate: Estimate, unit: Unit | None = None) -> str:
    """Return a figure with its interval: shares in percent, others with one decimal."""
    if math.isnan(estimate.value):
        return "—"
    scale, form = (100.0, "{:.2f}") if unit is Unit.SHARE else (1.0, "{:.1f}")
    value, lower, upper = (form.format(scale * one) for one in (estimate.value, estimate.lower, estimate.upper))
    mark = "%" if unit is Unit.SHARE else ""
    return f"{value}{mark}" if math.isnan(estimate.lower) else f"{value}{mark} [{lower}, {upper}]"


def named(found: Findings, policy: str) -> dict[str, str]:
    """Return the first cells of a policy's row."""
    words = found.words[policy]
    return {"policy": policy, "zh": words.zh, "en": words.en}


NAMES: dict[str, Text] = {
    "policy": Text("代号", "policy"), "zh": Text("做法", "in Chinese"), "en": Text("英文", "what it is"),
}  # fmt: skip


def of_clock(found: Findings, clock: Clock) -> list[Indicator]:
    """Return the indicators of one clock."""
    return [one for one in found.indicators if one.clock is clock]


def _indicators(found: Findings, clock: Clock, title: Text) -> Table:
    chosen = of_clock(found, clock)
    rows = [
        named(found, policy) | {one.key: shown(found.beside(policy, one.key).mean, one.unit) for one in chosen}
        for policy in found.plan.policies
    ]
    return Table(title, NAMES | {one.key: one.words for one in chosen}, rows)


_WORTH: dict[str, Text] = {
    VALUE: Text("每件效用（元）", "worth of an application (yuan)"),
    "difference": Text("与金额规则之差（元，同种子配对）", "against the amount rule (yuan, paired)"),
    "share": Text("达到先知增益的比例", "share of the oracle's gain"),
    "days": Text("办结天数", "days to the end"),
    "yuan": Text("到位金额（元，标的封顶）", "yuan recovered, claims capped"),
    "hours": Text("工时", "officer hours"),
    "failed_urging": Text("督促未果率", "failed urgings"),
    "price": Text("工时加价（元）", "price of an hour (yuan)"),
}


def _worth(found: Findings) -> Table:
    rows = []
    for policy in found.plan.policies:
        beside = found.beside(policy, VALUE)
        parts = {name: shown(found.beside(policy, name).mean) for name in ("days", "yuan", "hours")}
        failed = shown(found.beside(policy, "failed_urging").mean, Unit.SHARE)
        rows.append(
            named(found, policy)
            | {VALUE: shown(beside.mean), "difference": shown(beside.difference)}
            | {"share": shown(found.share(policy, VALUE), Unit.SHARE), **parts, "failed_urging": failed}
            | {"price": f"{found.prices[policy]:g}"}
        )
    return Table(Text("效用", "What an application was worth"), NAMES | _WORTH, rows)


def _shares(found: Findings) -> Table:
    """Return what part of the oracle's gain each policy reaches, indicator by indicator."""
    chosen = of_clock(found, Clock.RECEIPT)
    rows = [
        named(found, policy) | {one.key: shown(found.share(policy, one.key), Unit.SHARE) for one in chosen}
        for policy in found.plan.policies
    ]
    title = Text(
        "达到先知相对金额规则增益的比例，逐项指标", "Share of the oracle's gain over the amount rule, by indicator"
    )
    return Table(title, NAMES | {one.key: one.words for one in chosen}, rows)


def _lanes(found: Findings) -> Table:
    headings: dict[str, Text] = {
        "urge": Text("督促", "urged"), "filed": Text("直接立案", "filed"), "fast": Text("快执", "fast"),
        "complex": Text("精办", "complex"), "paid": Text("督促履行", "paid under urging"),
        "moved": Text("快执转精办", "handed over"), "before": Text("收到至立案（日）", "days to filing"),
    }  # fmt: skip
    headings |= {str(cause): Text(_CAUSES[str(cause)].zh, _CAUSES[str(cause)].en) for cause in CAUSES}
    headings |= {"same": Text("与何者决定相同", "decides like")}
    rows = [named(found, policy) | _lane_cells(found, policy) for policy in found.plan.policies]
    return Table(Text("分道与督促（每种子平均件数）", "Lanes and urging, mean cases a seed"), NAMES | headings, rows)


_CAUSES: Mapping[str, Text] = {
    "consent_withdrawn": Text("撤回同意", "consent withdrawn"), "new_clue": Text("发现线索", "assets found"),
    "promise_broken": Text("违反承诺", "promise broken"),
    "preservation_lapsing": Text("保全将届满", "preservation lapsing"),
    "limitation_near": Text("时效将届满", "limitation near"), "window_over": Text("督促期满", "window over"),
}  # fmt: skip


def _lane_cells(found: Findings, policy: str) -> dict[str, str]:
    first = {lane: found.mean(policy, "lanes", "A", str(lane)) for lane in Lane}
    cells = {
        "urge": first[Lane.URGE], "filed": first[Lane.FAST] + first[Lane.COMPLEX],
        "fast": found.mean(policy, "lanes", "B", "fast"), "complex": found.mean(policy, "lanes", "B", "complex"),
        "paid": found.mean(policy, "urging", "paid"), "moved": found.mean(policy, "moved"),
    }  # fmt: skip
    cells |= {str(cause): found.mean(policy, "urging", str(cause)) for cause in CAUSES}
    plain = {name: "—" if math.isnan(value) else f"{value:.0f}" for name, value in cells.items()}
    return plain | {"before": f"{found.mean(policy, 'days_before_filing'):.1f}", "same": found.same_as(policy)}


def _teams(found: Findings) -> Table:
    headings = {
        "team": Text("团队", "team"), "officers": Text("人数", "officers"), "used": Text("利用率", "used"),
        "waited": Text("平均等候（日）", "days waited for a piece of work"),
    }  # fmt: skip
    rows = []
    for policy in found.plan.policies:
        first = next(iter(found.prompt[policy].values()), {})
        teams = first.get("teams")
        for team in teams if isinstance(teams, Mapping) else {}:
            jobs = found.mean(policy, "teams", team, "jobs")
            waited = found.mean(policy, "teams", team, "waited") / jobs if jobs else float("nan")
            used = found.mean(policy, "teams", team, "used")
            rows.append(
                named(found, policy)
                | {"team": TEAMS[team].zh, "officers": f"{found.mean(policy, 'teams', team, 'officers'):.0f}"}
                | {"used": "—" if math.isnan(used) else f"{100 * used:.0f}%"}
                | {"waited": "—" if math.isnan(waited) else f"{waited:.2f}"}
            )
    return Table(Text("团队", "Teams"), NAMES | headings, rows)


TEAMS: Mapping[str, Text] = {
    "affairs": Text("事务组", "service centre"), "urge": Text("督促组", "urging desk"),
    "fast": Text("快执组", "fast team"),
    "complex": Text("精办组", "complex team"), "disposal": Text("处置组", "disposal team"),
    "judges": Text("各承办法官", "single judges"),
}  # fmt: skip


def _late(found: Findings) -> Table:
    """Return every indicator that late filing improved, and whether it is one that stands for the court."""
    by_key = {one.key: one for one in found.indicators}
    headings = {
        "indicator": Text("指标", "indicator"), "clock": Text("口径", "clock"), "improved": Text("改善", "improvement"),
        "verdict": Text("结论", "verdict"),
    }  # fmt: skip
    rows = []
    for one in found.late_filing:
        if one.gains:
            indicator = by_key[one.name]
            zh = (
                "不合格：报告口径不得因迟延立案而改善"
                if indicator.reported
                else "按立案口径可因迟延而改善，不作考核口径"
            )
            rows.append(
                named(found, one.policy)
                | {"indicator": indicator.words.zh, "clock": "收到" if indicator.reported else "立案"}
                | {"improved": shown(one.improvement, indicator.unit), "verdict": zh}
            )
    days, seeds = found.plan.late_days, found.plan.late_seeds
    title = Text(
        f"迟延立案检验：自本年首日起一律推迟立案 {days:g} 日，{seeds} 个种子配对；下列为因此改善的指标",
        f"Late filing: every filing held back {days:g} days from the first day of the year, {seeds} seeds paired",
    )
    return Table(title, NAMES | headings, rows)


def _formulas(found: Findings) -> Table:
    headings = {
        "key": Text("代号", "key"), "zh": Text("指标", "indicator"), "formula_zh": Text("公式", "formula"),
        "en": Text("英文", "English"), "formula_en": Text("英文公式", "formula in English"),
    }  # fmt: skip
    rows = [
        {
            "key": one.key,
            "zh": one.words.zh,
            "formula_zh": one.formula.zh,
            "en": one.words.en,
            "formula_en": one.formula.en,
        }
        for one in found.indicators
    ]
    return Table(Text("指标公式", "Formulas"), headings, rows)
