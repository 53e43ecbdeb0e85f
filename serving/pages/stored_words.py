"""Words that a record keeps in Chinese alone, on an English page: where a fact comes from, and what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from features.causes import FAMILIES_ZH
from features.register import load_register
from serving.pages import formats
from serving.pages.codes import code_words, family_words
from serving.pages.language import Language

_SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "系统计算": "computed",
        "本院登记": "entered at this court",
        "本院自有数据": "data of this court",
        "执行依据": "enforcement basis",
        "办案系统": "case system",
        "立案人员核对": "checked at intake",
        "申请表": "application form",
        "申请表、合同": "application form, contract",
        "国家企业信用信息公示系统": "company register",
        "企业年度报告": "company's annual report",
        "公安机关、国家企业信用信息公示系统": "police, company register",
        "收案系统": "intake system",
        "关联案件比对": "matching of linked cases",
        "本院案件库": "cases of this court",
        "税务机关网站": "tax authority's site",
        "执前督促系统": "urging system",
        "执前风险评估表": "applicant's risk form",
        "证件信息": "identity document",
        "司法机关数据": "judicial data",
        "一案一账号": "account of the case",
        "个债清理系统": "personal debt relief system",
        "信访系统": "petition system",
        "失信名单库": "list of dishonest debtors",
        "限高库": "list of consumption restrictions",
        "模型": "model",
        "终本库": "register of cases closed for lack of assets",
        "自动履行证明库": "register of voluntary performance",
        "总对总": "national asset query",
        "点对点": "local asset query",
        "总对总/点对点": "national and local asset query",
        "点对点/保险": "local asset query, insurers",
        "执保回执": "preservation receipt",
        "执保案件": "preservation case",
        "执行信息库": "enforcement database",
        "执行指挥平台": "enforcement command platform",
        "破产重整信息网": "bankruptcy information network",
        "网拍": "online auctions",
        "网格/共享法庭": "community grid",
        "财产调查表": "asset questionnaire",
    }
)
_PLAIN: Final = MappingProxyType({"是": "yes", "否": "no", "未知": "unknown"})
_UNITS: Final = MappingProxyType(
    {
        "日": "days",
        "次": "times",
        "元": "yuan",
        "件": "cases",
        "项": "items",
        "人": "people",
        "年": "years",
        "个月": "months",
        "种": "kinds",
        "倍": "times as much",
    }
)
_COUNTED: Final = frozenset({"days", "cases", "items", "years", "months", "kinds", "times"})
_NUMBER: Final = re.compile(rf"(-?[\d,.]+) ?({'|'.join(_UNITS)})")
_PLACES: Final = MappingProxyType({"级": "grade", "位": "rank"})
_PLACED: Final = re.compile(rf"(\d+)({'|'.join(_PLACES)})")
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)（(-?[\d,]+)日）")


def source_words(stored: str, say: Language) -> str:
    """Return where a fact comes from; a source of the court's own stays as it is called there."""
    return say.pick(stored, _SOURCES.get(stored, stored))


def value_words(stored: str, say: Language) -> str:
    """Return what a fact is: yes or no, a number with its unit, an allowed value; anything else stays as it stands."""
    return say.pick(formats.spaced(stored), _english(stored))


@cache
def _english(stored: str) -> str:
    number, day = _NUMBER.fullmatch(stored), _DAY.fullmatch(stored)
    if number is not None:
        return f"{number[1]} {_unit(number[1], _UNITS[number[2]])}"
    if day is not None:
        return f"{day[1]} ({day[2]} {_unit(day[2], 'days')})"
    placed = _PLACED.fullmatch(stored)
    if placed is not None:
        return f"{_PLACES[placed[2]]} {placed[1]}"
    return _PLAIN.get(stored) or _coded().get(stored, stored)


def _unit(number: str, words: str) -> str:
    return words.removesuffix("s") if number == "1" and words in _COUNTED else words


@cache
def _coded() -> Mapping[str, str]:
    """Return every allowed value and family of causes in English, by its Chinese wording."""
    english = Language("en")
    found = {zh: family_words(family, english) for family, zh in FAMILIES_ZH.items()}
    for field in load_register().fields:
        found |= {zh: code_words(field, code, english) for code, zh in zip(field.codes, field.codes_zh, strict=True)}
    return found
