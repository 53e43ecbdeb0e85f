"""The model card: under the headings of the Dutch algorithm register, then evaluation and limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from models.abstention import WORDS
from models.card import CONTROL, EFFECT, LAW, LIMIT, PURPOSE, RISKS, SIMULATED_LIMIT, TECHNIQUE
from models.estimators.blend import Blend
from models.explain.reasons import reason_words
from models.rules.rule import Text
from training.reporting.figures import (
    disagreement,
    evaluation_table,
    few_parts,
    gates_table,
    score_name,
    sizes_table,
    watching,
    weakest_parts,
)
from training.reporting.record import Record
from training.reporting.section import NONE, Grid, Section, bullets, pairs, same, told
from training.reporting.wording import PERIODS, PRIVACY, ends_of


def card(record: Record) -> list[Section]:
    """Return the model card of a bundle."""
    return [general(record), responsible(record), working(record), *evaluation(record), limits(record), life(record)]


def general(record: Record) -> Section:
    """Return the register's first part: what it is, whose it is, whether it is in use."""
    about, facts, present = record.bundle.about, record.facts, record.present
    status = Text("现用", "in use") if present else Text("未启用", "not in use")
    if not present and record.tenures:
        status = Text("曾用，已停用", "was in use")
    return Section(
        Text("一般信息", "General information"),
        (
            pairs(
                ("名称", "name", same(f"Fenliu 分流 {about.name}")),
                ("机构", "organisation", told(facts.court)),
                ("承办部门", "department", told(facts.unit)),
                ("简述", "short description", PURPOSE),
                ("领域", "theme", Text("民事执行案件分流", "triage of civil enforcement cases")),
                ("状态", "status", status),
                ("启用时间", "in use since", same(present.since) if present else NONE),
                ("有效至", "valid until", same(about.valid_until)),
                ("联系方式", "contact", told(facts.contact)),
                ("指纹", "fingerprint", same(record.bundle.sha256)),
            ),
        ),
    )


def responsible(record: Record) -> Section:
    """Return the second part: purpose, considerations, people in control, risks, law, assessments."""
    facts, table = record.facts, record.rules
    return Section(
        Text("负责任的使用", "Responsible use"),
        (
            pairs(
                ("目的与影响", "purpose and impact", EFFECT),
                ("人工介入", "human intervention", CONTROL),
                ("法律依据", "legal basis", LAW),
                ("规则表", "rule table", same(f"{table.court} · {table.version}")),
                ("影响评估", "impact assessment", told(facts.assessment)),
                ("申诉与复核", "complaints and review", told(facts.complaints)),
            ),
            Text("风险及控制：", "Risks and how they are held:"),
            *bullets(RISKS),
        ),
    )  # fmt: skip


def working(record: Record) -> Section:
    """Return the third part: data, technical working, supplier."""
    about = record.bundle.about
    periods = [
        (name, " – ".join(day.isoformat() for day in about.periods[name])) for name in PERIODS if name in about.periods
    ]
    said = Text(
        "；".join(f"{PERIODS[name].zh} {days}" for name, days in periods),
        "; ".join(f"{PERIODS[name].en} {days}" for name, days in periods),
    )
    counted = Counter(one.privacy for one in record.fields)
    data = "；".join(f"{PRIVACY[kind].zh} {found} 项" for kind, found in counted.items())
    data_en = "; ".join(f"{found} {PRIVACY[kind].en}" for kind, found in counted.items())
    n = len(record.fields)
    rows = tuple(
        (
            same(stage), score_name(f"{stage}.{name}"),
            ends_of(score.boosters), same(len(models.features)), _made_of(score.readings[0].calibrator.blend),
        )
        for stage, models in record.bundle.stages.items()
        for name, score in models.scores.items()
    )  # fmt: skip
    return Section(
        Text("运行", "How it works"),
        (
            pairs(
                ("数据", "data", Text(f"读取字段 {n} 个：{data}", f"{n} fields: {data_en}")),
                ("数据期间", "periods of the data", said),
                ("数据指纹", "fingerprint of the data", same(about.data_sha256)),
                ("学过的法院", "courts it has seen", same("、".join(about.courts))),
                ("技术", "technique", TECHNIQUE),
                ("训练设定", "settings of the training", _trained_with(record)),
                ("程序版本", "program", same(f"{about.code_version} · {_libraries(record)}")),
                ("供应者", "supplier", told(record.facts.supplier)),
            ),
            Grid(
                (
                    Text("阶段", "stage"), Text("分数", "score"), Text("结局", "ends"),
                    Text("特征数", "features"), Text("所示可能的构成", "what the chance shown is made of"),
                ),
                rows,
            ),
        ),
    )  # fmt: skip


def evaluation(record: Record) -> Iterator[Section]:
    """Yield what was measured; one sentence where nothing was."""
    if record.evaluation is None:
        nothing = Text("尚无评估记录（fenliu evaluate）。", "It has not been evaluated yet (fenliu evaluate).")
        yield Section(Text("评估", "Evaluation"), (nothing,))
        return
    at = record.evaluation["periods"]
    period = Text(
        f"测试期 {at['test_from']} 至 {at['test_until']}（不含），晚于训练期和校准期；同一被执行人不跨期。"
        "区间为 95%，按被执行人重抽样。",
        f"Tested on {at['test_from']} until {at['test_until']}, after training and calibration; "
        "no debtor on both sides. Intervals are 95 %, from resampled debtors.",
    )
    yield Section(
        Text("评估", "Evaluation"),
        (period, sizes_table(record), evaluation_table(record), few_parts(record)),
    )
    yield Section(Text("关口", "Gates"), (gates_table(record),), numbered=False)
    yield Section(Text("表现最弱的部分", "Where it does worst"), (weakest_parts(record),), numbered=False)


def limits(record: Record) -> Section:
    """Return the limits: what it does not say, when it says nothing, and what watching found."""
    failed = [one for one in (record.evaluation or {}).get("gates", []) if not one["passed"]]
    said = [LIMIT]
    if record.bundle.about.simulated:
        said.append(SIMULATED_LIMIT)
    if failed:
        names = "、".join(f"{one['score']} {one['gate']}" for one in failed)
        said.append(Text(f"未通过的关口：{names}。", f"Gates that failed: {names}."))
    abstains = Text("遇下列情形不给分值：", "No score is given when:")
    reasons = bullets(Text(*words) for words in WORDS.values())
    return Section(
        Text("局限与监测", "Limits and watching"),
        (*said, *_freed(record), abstains, *reasons, *watching(record), disagreement(record)),
    )


def _freed(record: Record) -> Iterator[Text]:
    """Yield the reasons, score by score, whose declared pull the court's cases did not bear out."""
    found = [
        (
            score_name(f"{stage}.{name}"),
            dict.fromkeys(reason_words(f) for f in models.features if f.name in score.freed),
        )
        for stage, models in record.bundle.stages.items()
        for name, score in models.scores.items()
        if score.freed
    ]
    if found:
        yield Text(
            "下列理由的既定方向未得到较晚案件支持，模型不再受其约束，同一理由可能有利，也可能不利：",
            "Later cases speak against the declared pull of these reasons; the model is free there, and such a reason "
            "may weigh either way:",
        )
        yield from bullets(
            Text(
                f"{score.zh}：{'、'.join(one.zh for one in reasons)}",
                f"{score.en}: {', '.join(one.en for one in reasons)}",
            )
            for score, reasons in found
        )


def life(record: Record) -> Section:
    """Return the tenures of the bundle by the ledger."""
    headings = (
        Text("自", "from"), Text("至", "until"), Text("决定人", "by"), Text("理由", "reason"), Text("关口", "gates"),
    )  # fmt: skip
    rows = tuple(
        (
            same(one.since), same(one.until) if one.until else Text("现用", "in use"), same(one.entry.get("by", "")),
            same(one.entry.get("reason", "")), same(len(one.entry.get("gates", []))),
        )
        for one in record.tenures
    )  # fmt: skip
    title = Text("启用记录", "Times in use")
    return Section(title, (Grid(headings, rows) if rows else Text("从未启用。", "It was never in use."),))


def _trained_with(record: Record) -> Text:
    """Return the seed and the size of the trees, from the settings that were kept beside the training."""
    if record.settings is None:
        return NONE
    booster, seed = record.settings["booster"], record.settings["seed"]
    trees, leaves, rate = (booster[name] for name in ("trees", "leaves", "learning_rate"))
    return Text(
        f"随机种子 {seed}，每个结局 {trees} 棵树、每棵 {leaves} 叶、学习率 {rate}",
        f"seed {seed}, {trees} trees of {leaves} leaves for each end, learning rate {rate}",
    )


def _made_of(blend: Blend | None) -> Text:
    """Return how far the chance shown follows the calibration map, the model and the frequency of the past."""
    if blend is None:
        return Text("校准映射", "the calibration map")
    parts = {Text("校准映射", "calibration map"): blend.mapped, Text("模型", "model"): blend.own}
    parts[Text("以往频率", "past frequency")] = 1.0 - blend.mapped - blend.own
    shares = [(name, share) for name, share in parts.items() if share > 0.005]
    chosen = Text(f"按以往 {blend.folds} 段时期选定", f"chosen on {blend.folds} earlier periods")
    if not blend.folds:
        chosen = Text("以往时期太少，未选", "too few earlier periods to choose")
    return Text(
        "、".join(f"{name.zh} {share:.0%}" for name, share in shares) + f"（{chosen.zh}）",
        ", ".join(f"{name.en} {share:.0%}" for name, share in shares) + f" ({chosen.en})",
    )


def _libraries(record: Record) -> str:
    return "、".join(f"{name} {version}" for name, version in record.bundle.about.libraries.items())
