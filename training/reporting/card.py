"""The model card: under the headings of the Dutch algorithm register, then evaluation and limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from models.abstention import WORDS
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
    purpose = Text(
        "就执行申请的自动履行可能、偿还能力、到位率给出参考分值，供法官在执前督促、快执、精办之间选择",
        "advisory scores on the chances that an enforcement application is paid, for a judge's choice of a lane",
    )
    return Section(
        Text("一般信息", "General information"),
        (
            pairs(
                ("名称", "name", same(f"Fenliu 分流 {about.name}")),
                ("机构", "organisation", told(facts.court)),
                ("承办部门", "department", told(facts.unit)),
                ("简述", "short description", purpose),
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
    control = Text(
        "输出只是建议。没有法官的决定，任何分流都不生效；法官随时可以不同意并写明理由，也可以按人、按案关闭建议。"
        "法定情形由规则先行判断，规则与分值不一致时以规则为准。",
        "The output is a proposal. No lane takes effect before a judge has decided; a judge may decide otherwise at "
        "any time with a reason, and may switch proposals off. Rules of statute go first and outrank every score.",
    )
    risks = bullets(
        (
            Text(
                "自动化偏信：分值附范围、案件数和反向理由；不足以判断的不给分值",
                "automation bias: scores come with ranges, counts and opposing reasons, or not at all",
            ),
            Text(
                "标签有选择性：只有被督促的案件才有督促结果，按被督促的概率加权，并报告加权与不加权两种数字",
                "selective labels: urging outcomes exist for urged cases only; weighted and plain figures are given",
            ),
            Text(
                "案情与结果的关系变化：由监测在结果成熟后核对，见“局限”",
                "the link of facts and outcome may change: watching holds outcomes against predictions, see limits",
            ),
        )
    )
    return Section(
        Text("负责任的使用", "Responsible use"),
        (
            pairs(
                (
                    "目的与影响", "purpose and impact",
                    Text(
                        "使能自动履行的先督促、简单的快办、困难的精办；影响的是办理次序和方式，不影响权利义务的认定",
                        "urge who will pay, be quick with simple cases, thorough with hard ones; order and manner of "
                        "handling are touched, no right or duty is decided",
                    ),
                ),
                ("人工介入", "human intervention", control),
                (
                    "法律依据", "legal basis",
                    Text(
                        "个人信息保护法第13条第3项、第24条、第34条；法发〔2022〕33号第5、6条",
                        "Personal Information Protection Law articles 13(3), 24, 34; 法发〔2022〕33号 points 5 and 6",
                    ),
                ),
                ("规则表", "rule table", same(f"{table.court} · {table.version}")),
                ("影响评估", "impact assessment", told(facts.assessment)),
                ("申诉与复核", "complaints and review", told(facts.complaints)),
            ),
            Text("风险及控制：", "Risks and how they are held:"),
            *risks,
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
            ends_of(score.boosters), same(len(models.features)),
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
                (
                    "技术", "technique",
                    Text(
                        "离散时间、分原因的梯度提升树（LightGBM），按特征方向单调；在较晚时期校准，按法院收缩",
                        "discrete-time cause-specific hazards on boosted trees (LightGBM), monotone in each feature's "
                        "declared direction, calibrated on a later period with shrinkage per court",
                    ),
                ),
                ("训练设定", "settings of the training", _trained_with(record)),
                ("程序版本", "program", same(f"{about.code_version} · {_libraries(record)}")),
                ("供应者", "supplier", told(record.facts.supplier)),
            ),
            Grid(
                (
                    Text("阶段", "stage"), Text("分数", "score"), Text("结局", "ends"),
                    Text("特征数", "features"),
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
    said = [
        Text(
            "分值是相似案件的频率，不是对某个人的断定；不含案卷以外的情况。",
            "A score is a frequency among similar cases, no verdict on a person, and knows nothing beyond the file.",
        )
    ]
    if record.bundle.about.simulated:
        said.append(
            Text(
                "由模拟数据训练：只说明方法可行，对任何法院的案件都没有预测力，不得用于办案。",
                "Trained on simulated data: it shows that the method runs and predicts no court's cases.",
            )
        )
    if failed:
        names = "、".join(f"{one['score']} {one['gate']}" for one in failed)
        said.append(Text(f"未通过的关口：{names}。", f"Gates that failed: {names}."))
    abstains = Text("遇下列情形不给分值：", "No score is given when:")
    reasons = bullets(Text(*words) for words in WORDS.values())
    return Section(
        Text("局限与监测", "Limits and watching"),
        (*said, abstains, *reasons, *watching(record), disagreement(record)),
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


def _libraries(record: Record) -> str:
    return "、".join(f"{name} {version}" for name, version in record.bundle.about.libraries.items())
