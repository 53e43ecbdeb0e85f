"""What scores, methods, parts and groups are called in tables and pictures, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.causes import FAMILIES_ZH
from features.register import load_register
from models.card import SCORE_NAMES
from models.promotion.gates import FENLIU
from training.evaluation.baselines import AMOUNT, CONSTANT
from training.evaluation.parts.slices import MET_BEFORE, Bias, Slice
from training.evaluation.plots import Words

SCORES: Mapping[str, Words] = MappingProxyType({name: Words(*text) for name, text in SCORE_NAMES.items()})
METHODS: Mapping[str, Words] = MappingProxyType(
    {
        FENLIU: Words("分流", "fenliu"),
        CONSTANT: Words("常数", "constant"),
        AMOUNT: Words("金额规则", "amount rule"),
        "linear": Words("逻辑回归", "logistic regression"),
        "lightgbm": Words("LightGBM 默认", "LightGBM default"),
        "oracle": Words("生成器真值", "oracle"),
        "fenliu (overlap)": Words("分流（重叠加权）", "fenliu (overlap weights)"),
    }
)
PARTS: Mapping[str, Words] = MappingProxyType(
    {
        "court": Words("法院", "court"),
        "cause_family": Words("案由类别", "cause family"),
        "debtor_type": Words("被执行人类型", "kind of debtor"),
        "applicant_type": Words("申请人类型", "kind of applicant"),
        "amount": Words("标的额（元）", "amount in yuan"),
        "year": Words("年份", "year"),
        "quarter": Words("季度", "quarter"),
        MET_BEFORE: Words("被执行人此前已有案件（不计入测试）", "debtor met before (outside the test)"),
        "age": Words("年龄", "age"),
        "gender": Words("性别", "sex"),
        "origin": Words("户籍", "household registration"),
        "residence": Words("住所", "residence"),
    }
)
BIASES: Mapping[Bias, Words] = MappingProxyType(
    {
        Bias.HIGH: Words("分值偏高", "scores too high"),
        Bias.LOW: Words("分值偏低", "scores too low"),
        Bias.UNSEEN: Words("看不出偏差", "no bias seen"),
        Bias.FEW: Words("样本少", "too few cases"),
    }
)
_GROUPS: Mapping[str, Words] = MappingProxyType(
    {
        "all": Words("全部", "all"),
        "M": Words("男", "men"),
        "F": Words("女", "women"),
        "local": Words("本市", "from the city"),
        "in_district": Words("在辖区", "in the district"),
        "outside": Words("不在辖区", "outside the district"),
        "elsewhere": Words("外地", "from elsewhere"),
    }
)


def score_words(name: str) -> Words:
    """Return what a score is called; a court's own score has its own name."""
    return SCORES.get(name, Words(name, name))


def part_words(part: Slice) -> Words:
    """Return what a part of the test period is called: a registered code by its wording, a band as it stands."""
    if part.by in ("debtor_type", "applicant_type"):
        field = load_register()[part.by]
        return Words(field.zh_of(part.part) if part.part in field.codes else part.part, part.part)
    if part.by == "cause_family":
        return Words(FAMILIES_ZH[part.part], part.part)
    if part.by == "age":
        return Words(f"{part.part} 岁", part.part)
    return _GROUPS.get(part.part, Words(part.part, part.part))
