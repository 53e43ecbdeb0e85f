"""Words of the reports for what the registers and bundles hold as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from features.register import Privacy
from models.rules.rule import Text

PRIVACY: Mapping[Privacy, Text] = MappingProxyType(
    {
        Privacy.NONE: Text("非个人信息", "no personal data"),
        Privacy.PERSONAL: Text("个人信息", "personal data"),
        Privacy.SENSITIVE: Text("敏感个人信息", "sensitive personal data"),
        Privacy.PROTECTED: Text("受保护属性", "protected attribute"),
    }
)

PERIODS: Mapping[str, Text] = MappingProxyType(
    {"train": Text("训练", "training"), "calibrate": Text("校准", "calibration"), "test": Text("测试", "test")}
)

SOURCES: Mapping[str, Text] = MappingProxyType(
    {
        "form": Text("申请书", "application form"),
        "三门 style form": Text("申请书附表", "annex of the application form"),
        "form/contract": Text("申请书或合同", "application form or contract"),
        "intake": Text("收案登记", "intake"),
        "clerk": Text("收案人员填写", "filled in by the clerk"),
        "basis document": Text("执行依据文书", "basis document"),
        "judicial data": Text("审判数据", "judicial data"),
        "case system": Text("办案系统", "case system"),
        "own court DB": Text("本院数据库", "the court's own database"),
        "linker": Text("系列案关联", "links of serial cases"),
        "derived": Text("由已登记字段计算", "worked out from registered fields"),
        "derived from cause": Text("由案由推出", "worked out from the cause"),
        "derived from ID": Text("由身份号码推出", "worked out from the identity number"),
        "urging system": Text("督促系统", "urging system"),
        "tax authority site": Text("税务机关公告", "site of the tax authority"),
        "GSXT": Text("企业信用信息公示系统", "enterprise credit publicity system"),
        "GSXT annual report": Text("企业信用信息公示系统年报", "enterprise annual report"),
        "police/GSXT": Text("公安机关或企业信用信息公示系统", "police or enterprise publicity system"),
    }
)

ENDS: Mapping[str, Text] = MappingProxyType(
    {
        "paid": Text("自动履行", "paid"),
        "ended": Text("督促以其他方式结束", "ended otherwise"),
        "full": Text("执行完毕", "fully performed"),
        "zhongben": Text("终本", "closed for lack of assets"),
        "other": Text("其他结案", "closed otherwise"),
        "quick": Text("30 日内执行完毕且未评估拍卖", "fully performed at once, nothing auctioned"),
        "other_end": Text("其他结局", "any other end"),
        "recovered": Text("到位比例", "recovered share"),
    }
)


def source_name(source: str) -> Text:
    """Return the words of a register's source; a court's own stays as it is."""
    return SOURCES.get(source, Text(source, source))


def ends_of(names: Iterable[str]) -> Text:
    """Return the ends that a score tells apart."""
    words = [ENDS.get(name, Text(name, name)) for name in names]
    return Text("、".join(one.zh for one in words), ", ".join(one.en for one in words))
