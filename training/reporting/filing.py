"""The filing pack (备案材料): the impact assessment filled from the configuration, fields, rules, supervision."""

from __future__ import annotations

from collections.abc import Iterator

from features.register import Field
from models.lifecycle import OVERRIDE_TEXT
from models.rules.rule import Kind, Text
from training.reporting.card import evaluation, general, life, limits, working
from training.reporting.record import Record
from training.reporting.section import Grid, Section, bullets, pairs, same, told
from training.reporting.wording import PRIVACY, source_name


def filing(record: Record) -> list[Section]:
    """Return the filing pack of a bundle."""
    return [
        general(record),
        *assessment(record),
        fields_read(record),
        fields_barred(record),
        rules(record),
        supervision(record),
        working(record),
        *evaluation(record),
        limits(record),
        life(record),
    ]


def assessment(record: Record) -> Iterator[Section]:
    """Yield the personal information impact assessment: the three points of article 56, and its conclusion."""
    facts, sensitive = record.facts, [one for one in record.fields if one.privacy.value == "SPI"]
    cause = Text(
        f"利用个人信息进行自动化决策（第55条第2项），处理敏感个人信息 {len(sensitive)} 项（第55条第1项）",
        f"automated decisions (article 55(2)); {len(sensitive)} kinds of sensitive data (article 55(1))",
    )
    yield Section(
        Text("个人信息保护影响评估", "Personal information protection impact assessment"),
        (
            pairs(
                ("评估编号、日期", "number and date", told(facts.assessment)),
                ("评估人", "assessed by", told(facts.assessor)),
                ("应当评估的事由", "why it is due", cause),
                ("保存期限", "kept for", Text("不少于三年（第56条第2款）", "at least three years (article 56)")),
            ),
        ),
    )
    yield Section(
        Text(
            "（一）目的、方式是否合法、正当、必要（第56条第1款第1项）",
            "(1) Whether purpose and means are lawful, justified and necessary",
        ),
        (
            Text(
                "依据：履行法定职责（第13条第3项、第34条）。逐项字段的依据见“读取的字段”；未登记的字段程序拒收。",
                "Basis: statutory duty (articles 13(3), 34). Each field's basis stands below; others are refused.",
            ),
            Text(
                f"最小范围：登记 {len(record.register.fields)} 个字段，模型读取 {len(record.fields)} 个；"
                f"{len(record.never)} 个涉及个人的字段任何模型不得读取，其中含受保护属性。",
                f"Minimum: of {len(record.register.fields)} registered fields the models read {len(record.fields)}; "
                f"{len(record.never)} personal ones no model may read, protected attributes among them.",
            ),
        ),
        numbered=False,
    )
    yield Section(
        Text("（二）对个人权益的影响及安全风险（第2项）", "(2) Influence on the rights of persons, and risks"),
        (
            *bullets(
                (
                    Text(
                        "影响办理的次序和方式，不影响权利义务的认定", "order and manner of handling, no right or duty"
                    ),
                    Text(
                        "误判使该督促的未督促、该快办的慢办：由法官决定并可更改",
                        "errors of lane: judges decide and may change",
                    ),
                    Text(
                        "不公平：按法院、案由、季度逐一评估，见“表现最弱的部分”",
                        "unfairness: parts are measured one by one",
                    ),
                )
            ),
            pairs(("剩余风险等级", "rating of what remains", told(facts.risk))),
        ),
        numbered=False,
    )
    yield Section(
        Text(
            "（三）保护措施是否合法、有效并与风险相适应（第3项）",
            "(3) Whether the measures are lawful, effective and fit",
        ),
        (
            *bullets(_measures()),
            pairs(
                ("记录保存期限", "retention of records", told(facts.retention)),
                ("人员培训", "training of staff", told(facts.training)),
                ("系统责任人", "system owner", told(facts.system_owner)),
                ("结论", "conclusion", told(facts.conclusion)),
            ),
        ),
        numbered=False,
    )


def fields_read(record: Record) -> Section:
    """Return every field that a model reads: source, class, basis, and the question it answers."""
    headings = (
        Text("字段", "field"), Text("来源", "source"), Text("类别", "class"), Text("依据", "basis"),
        Text("用途（模型的问题）", "use (the model's question)"),
    )  # fmt: skip
    rows = tuple(
        (
            Text(one.zh, one.en), source_name(one.source), PRIVACY[one.privacy], same(one.legal_basis or "—"),
            _use(record, one),
        )
        for one in record.fields
    )  # fmt: skip
    return Section(Text("读取的字段", "Fields that are read"), (Grid(headings, rows),))


def fields_barred(record: Record) -> Section:
    """Return the personal facts that no model may read."""
    rows = tuple((Text(one.zh, one.en), PRIVACY[one.privacy]) for one in record.never)
    return Section(
        Text("不得用于模型的个人信息", "Personal data that no model may read"),
        (Grid((Text("字段", "field"), Text("类别", "class")), rows),),
    )


def rules(record: Record) -> Section:
    """Return the rules that outrank the scores, with their articles."""
    table = record.rules
    shown = [one.rule for one in table.on(record.at.date()).rules if one.rule.kind is not Kind.MODEL]
    headings = (Text("编号", "id"), Text("规则", "rule"), Text("依据", "article"))
    rows = tuple((same(one.id), Text(one.zh, one.en), same(one.basis)) for one in shown)
    return Section(
        Text("先于分值的规则", "Rules that go before scores"),
        (
            Text(
                f"规则表 {table.court}，版本 {table.version}，指纹 {table.sha256}。",
                f"Rule table {table.court}, version {table.version}, fingerprint {table.sha256}.",
            ),
            Grid(headings, rows),
        ),
    )


def supervision(record: Record) -> Section:
    """Return how people supervise it and how persons get their rights."""
    reasons = "、".join(zh for zh, _ in OVERRIDE_TEXT.values())
    reasons_en = ", ".join(en for _, en in OVERRIDE_TEXT.values())
    return Section(
        Text("人工监督与救济", "Supervision and remedies"),
        (
            *bullets(
                (
                    Text(
                        f"法官改变建议须选一项理由：{reasons}；改变率由监测统计",
                        f"a judge who decides otherwise names a reason ({reasons_en}); the rate is watched",
                    ),
                    Text(
                        "当事人可以要求说明，可以要求人工复核（第24条第3款），在服务中登记并由另一人答复",
                        "a party may ask for an explanation and for review by a person (article 24)",
                    ),
                    Text(
                        "一条命令即可停用模型、只按规则答复，或退回以前的模型",
                        "one command switches models off (rules alone) or goes back to an earlier one",
                    ),
                )
            ),
            pairs(("受理渠道", "where to complain", told(record.facts.complaints))),
        ),
    )


def _measures() -> tuple[Text, ...]:
    return (
        Text("离线运行，不对外连接，不上传遥测", "no outbound connection, no telemetry"),
        Text(
            "身份号码只以带密钥的标识参与关联，不进入模型文件和日志",
            "identity numbers only as keyed tokens, never in models or logs",
        ),
        Text(
            "内容列加密存放，按角色和法院限定访问，每次访问留痕",
            "sealed columns, access by role and court, every access on the trail",
        ),
        Text(
            "每个建议连同输入、模型、规则的指纹存档，可逐字节重算",
            "every proposal is stored with fingerprints and can be given again",
        ),
        Text(
            "模型包逐文件核验，启用须过关口并按本院要求签署",
            "bundles are verified, gated and signed as the court demands",
        ),
    )


def _use(record: Record, field: Field) -> Text:
    asked = [one for one in record.features if field.name in {name.partition(".")[0] for name in one.reads}]
    return Text("；".join(one.zh for one in asked[:3]), "; ".join(one.en for one in asked[:3]))
