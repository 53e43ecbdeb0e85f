"""What a model card says in words: purpose, effect, law, people in control, risks, technique and limits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.rules.rule import Text

SCORE_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "willingness": Text("自动履行可能", "willingness"),
        "ability": Text("偿还能力", "ability"),
        "quick_close": Text("快速执结", "quick close"),
        "recovery": Text("到位率", "recovered share"),
    }
)

MEASURE_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "auc": Text("区分度 AUC", "AUC"),
        "log_loss": Text("对数损失", "log-loss"),
        "brier": Text("Brier 分", "Brier score"),
        "ece": Text("校准误差", "calibration error"),
        "mae": Text("平均绝对误差", "mean absolute error"),
        "mse": Text("均方误差", "mean squared error"),
        "r2": Text("解释方差 R²", "R²"),
        "spearman": Text("秩相关", "rank correlation"),
    }
)

VERDICTS: Mapping[str, Text] = MappingProxyType(
    {
        "better": Text("更好", "better"),
        "worse": Text("更差", "worse"),
        "indistinguishable": Text("无法区分", "cannot be told apart"),
    }
)

PREDICTS: Mapping[str, Text] = MappingProxyType(
    {
        "willingness": Text("100 件相近案件中，督促期内自动履行的件数", "how many of 100 similar cases pay when urged"),
        "ability": Text("100 件相近案件中，期限内全部到位的件数", "how many of 100 similar cases are paid in full"),
        "quick_close": Text(
            "100 件相近案件中，不经评估拍卖、期限内执行完毕的件数",
            "how many of 100 similar cases are performed in time with nothing auctioned",
        ),
        "recovery": Text("相近案件期限内到位金额占标的额的比例", "the share of the claim recovered in similar cases"),
    }
)

PURPOSE = Text(
    "就执行申请的自动履行可能、偿还能力、到位率给出参考分值，供法官在执前督促、快执、精办之间选择",
    "Advisory scores on the chances that an enforcement application is paid, for a judge's choice of a lane",
)

EFFECT = Text(
    "使能自动履行的先督促、简单的快办、困难的精办；影响的是办理次序和方式，不影响权利义务的认定",
    "Urge who will pay, be quick with simple cases, thorough with hard ones; order and manner of "
    "handling are touched, no right or duty is decided",
)

LAW = Text(
    "个人信息保护法第13条第3项、第24条、第34条；法发〔2022〕33号第5、6条",
    "Personal Information Protection Law articles 13(3), 24, 34; 法发〔2022〕33号 points 5 and 6",
)

CONTROL = Text(
    "输出只是建议。没有法官的决定，任何分流都不生效；法官随时可以不同意并写明理由，也可以按人、按案关闭建议。"
    "法定情形由规则先行判断，规则与分值不一致时以规则为准。",
    "The output is a proposal. No lane takes effect before a judge has decided; a judge may decide otherwise at "
    "any time with a reason, and may switch proposals off. Rules of statute go first and outrank every score.",
)

RISKS = (
    Text(
        "自动化偏信：分值附范围、案件数和反向理由；不足以判断的不给分值",
        "Automation bias: scores come with ranges, counts and opposing reasons, or not at all",
    ),
    Text(
        "标签有选择性：只有被督促的案件才有督促结果，按被督促的概率加权，并报告加权与不加权两种数字",
        "Selective labels: urging outcomes exist for urged cases only; weighted and plain figures are given",
    ),
    Text(
        "案情与结果的关系变化：由监测在结果成熟后核对，见“局限”",
        "The link of facts and outcome may change: watching holds outcomes against predictions, see limits",
    ),
)

TECHNIQUE = Text(
    "离散时间、分原因的梯度提升树（LightGBM），除“局限”中所列外按特征方向单调；在较晚时期校准，按法院收缩",
    "discrete-time cause-specific hazards on boosted trees (LightGBM), monotone in each feature's declared "
    "direction but for those named under limits, calibrated on a later period with shrinkage per court",
)

LIMIT = Text(
    "分值是相似案件的频率，不是对某个人的断定；不含案卷以外的情况。",
    "A score is a frequency among similar cases, no verdict on a person, and knows nothing beyond the file.",
)

SIMULATED_LIMIT = Text(
    "由模拟数据训练：只说明方法可行，对任何法院的案件都没有预测力，不得用于办案。",
    "Trained on simulated data: it shows that the method runs and predicts no court's cases.",
)
