"""The report of a study: one page with every table, picture, formula and assumption, and the same figures as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from models.utility import Utility
from training.court_year.measures.comparison import Paired
from training.court_year.settings import YearSettings
from training.court_year.study.findings import VALUE, Findings
from training.court_year.study.tables import Table, tables
from training.evaluation.measures import Estimate
from training.page import grid, page, paragraph, picture
from training.provenance import write_json, write_whole

NOTICE = "模拟数据，不得用于办案；假定已逐项标明。 / Simulated: not for real cases. Assumptions are marked one by one."


def write_report(found: Findings, folder: Path, *, utility: Utility, pictures: Sequence[Path]) -> Path:
    """Write the figures as JSON and CSV and everything as one page; return the page."""
    shown = tables(found)
    write_json(folder / "metrics.json", document(found, utility))
    write_whole(folder / "figures.csv", _csv(found))
    place = folder / "report.html"
    write_whole(place, _page(found, shown, utility, pictures))
    return place


def document(found: Findings, utility: Utility) -> dict[str, object]:
    """Return every figure of the study as plain values."""
    names = [one.key for one in found.indicators] + [VALUE, "days", "yuan", "hours", "failed_urging"]
    return {
        "data": "模拟 / simulated",
        "plan": found.plan.document(),
        "plan_sha256": found.plan.sha256,
        "utility_sha256": utility.sha256,
        "policies": {
            policy: {
                "words": found.words[policy]._asdict(),
                "reads_truth": policy == "oracle",
                "price": found.prices[policy],
                "same_as": found.same_as(policy),
                "seeds": len(found.prompt[policy]),
                "figures": {name: _pair(found.beside(policy, name)) for name in names},
                "share_of_oracle_gain": {name: _estimate(found.share(policy, name)) for name in names},
            }
            for policy in found.plan.policies
        },
        "late_filing": [
            {"policy": one.policy, "indicator": one.name, "improvement": _estimate(one.improvement), "gains": one.gains}
            for one in found.late_filing
        ],
        "passed": not found.gained_by_delay,
    }


def _estimate(one: Estimate) -> dict[str, float | None]:
    return {name: _known(getattr(one, name)) for name in ("value", "lower", "upper")}


def _pair(one: Paired) -> dict[str, object]:
    return {"mean": _estimate(one.mean), "against_amount": _estimate(one.difference)}


def _known(value: float) -> float | None:
    """Return a number as JSON holds it; what is no number is nothing."""
    return None if value != value else value  # noqa: PLR0124 - NaN is the only such value


def _csv(found: Findings) -> str:
    """Return one line for each policy, seed and figure."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["data", "policy", "seed", "late_days", "figure", "value"])
    for late, runs in ((0.0, found.prompt), (found.plan.late_days, found.late)):
        for policy, seeds in runs.items():
            for seed, figures in seeds.items():
                counted = figures["indicators"]
                for name, (above, below) in counted.items() if isinstance(counted, dict) else ():
                    value = above / below if below else ""
                    writer.writerow(["模拟", policy, seed, f"{late:g}", name, value])
    return out.getvalue()


def _page(found: Findings, shown: Sequence[Table], utility: Utility, pictures: Sequence[Path]) -> str:
    year = found.plan.settings
    head = f"法院一年推演（模拟） {year.year_from} – {year.year_until}"
    parts = [
        paragraph(_summary(found)),
        *(_table(table) for table in shown[:3]),
        *(picture(path) for path in pictures if path.suffix == ".svg"),
        *(_table(table) for table in shown[3:]),
        _assumptions(year, utility),
    ]
    return page(head, parts, mark=NOTICE)


def _summary(found: Findings) -> str:
    plan, year = found.plan, found.plan.settings
    return (
        f"法院 {year.court}，年收 {year.per_year} 件，人员 {year.officers} 人，预热 {year.warm_up_days} 日，"
        f"每件自收到起观察 {year.path.horizon:g} 日；{plan.seeds} 个种子，各做法收到同样的申请、用同样的随机数；"
        f"区间为 95%，差值与同种子的金额规则配对。"
        f" Court {year.court}, {year.per_year} applications a year, {year.officers} officers; {plan.seeds} seeds, the"
        " same applications and the same random numbers under every policy; 95 % intervals, differences paired by seed."
    )


def _table(table: Table) -> str:
    headings = [words.zh for words in table.headings.values()]
    rows = [[row.get(key, "") for key in table.headings] for row in table.rows]
    none = "" if table.rows else "<p>无 / none</p>"
    title = f"<h2>{escape(table.title.zh)}<br><small>{escape(table.title.en)}</small></h2>"
    return f"{title}{grid(headings, rows)}{none}"


def _assumptions(year: YearSettings, utility: Utility) -> str:
    """Return every figure that was put in, with where it comes from."""
    lines = [
        *_settings(year),
        *((f"{one.zh}（{one.unit}）", f"{one.value:g}", _basis(one.assumption)) for one in utility.table()),
    ]
    title = "<h2>假定与设定<br><small>Assumptions and settings</small></h2>"
    return title + grid(("项目", "取值", "依据"), lines)


def _basis(assumption: bool) -> str:  # noqa: FBT001 - a single fact
    return "假定 / assumption" if assumption else "本院设定 / set by the court"


def _settings(year: YearSettings) -> Iterator[tuple[str, str, str]]:
    office, path = year.office, year.path
    ours = "假定 / assumption"
    yield "每千件申请配员（人） officers for a thousand applications", f"{office.officers_per_thousand:g}", ours
    yield "每人每日可用工时 hours an officer gives a day", f"{office.hours_per_day:g}", ours
    yield "缺勤率 chance of absence", f"{office.absence:g}", ours
    yield "包案到底的用时倍数 one judge: hours against a team's", f"{office.generalist:g}", ours
    yield "用时离散程度（对数） spread of hours (ln)", f"{office.spread:g}", ours
    yield "督促期每日发现线索概率 chance a day of a clue under urging", f"{path.clue_daily:g}", ours
    yield "效用中标的封顶（元） claim counted with at most (yuan)", f"{path.claim_cap:,.0f}", ours
    yield "超12个月未结案件比的基数 base of cases over twelve months", year.over_12_base, "本院设定 / a setting"
    for node in year.nodes:
        hours = "、".join(f"{lane} {value:g}" for lane, value in node.hours.items())
        yield (
            f"节点：{node.zh} {node.en}（{node.strand}，第 {node.at:g}）",
            f"{hours} 小时",
            node.basis.replace("assumption", ours),
        )
