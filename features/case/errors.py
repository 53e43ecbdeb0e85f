"""What can be wrong with a case, in Chinese and English, without repeating what was sent."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

MOST_ERRORS = 50
"""A document of many mistakes is answered with this many and a note."""

_NO_PARAMS: Mapping[str, str] = MappingProxyType({})

MESSAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "MISSING": ("缺少必填字段", "is required"),
        "TYPE": ("类型不符：须为{expected}，收到{got}", "has the wrong type: expected {expected_en}, got {got_en}"),
        "ENUM": ("不在允许的取值内：{allowed}", "is not one of the allowed values: {allowed}"),
        "DUPLICATE": ("取值重复", "holds the same value twice"),
        "MONEY_FORMAT": (
            '金额须为十进制字符串，最多13位整数、2位小数，无正负号，例如 "38600.00"',
            'must be a decimal string of at most 13 digits and 2 decimals, no sign, such as "38600.00"',
        ),
        "DATE_FORMAT": (
            "日期须为 YYYY-MM-DD，1900 至 2200 年",
            "must be a date YYYY-MM-DD between the years 1900 and 2200",
        ),
        "INSTANT_FORMAT": (
            "时刻须为带时区的 ISO 8601，例如 2026-11-20T09:12:00+08:00",
            "must be an ISO 8601 instant with an offset, such as 2026-11-20T09:12:00+08:00",
        ),
        "PATTERN": ("格式不符：{expected}", "does not have the form {expected_en}"),
        "GREATER_THAN": ("须大于 {gt}", "must be greater than {gt}"),
        "GREATER_THAN_EQUAL": ("不得小于 {ge}", "must not be less than {ge}"),
        "LESS_THAN_EQUAL": ("不得大于 {le}", "must not be greater than {le}"),
        "DATE_BEFORE": ("不得早于{other_zh}", "must not precede {other}"),
        "DATE_AFTER": ("不得晚于{other_zh}", "must not follow {other}"),
        "FUTURE": ("不得晚于当前时刻", "must not lie in the future"),
        "OBSERVED_AFTER_AS_OF": (
            "取得时间晚于评分时点 as_of，当时尚不可知",
            "was observed after as_of and could not be known then",
        ),
        "TOO_LONG": ("过长：最多 {max}", "is too long: at most {max}"),
        "TOO_SHORT": ("不得为空", "must not be empty"),
        "CHARACTER": (
            "含有不允许的字符（控制字符、不可见字符或残缺字符）",
            "holds a control character, one that cannot be seen, or a broken one",
        ),
        "BLANK_EDGE": ("首尾不得有空格", "must not begin or end with a space"),
        "NOT_FINITE": ("须为有限数值", "must be a finite number"),
        "CONTRADICTION": ("与 {other} 矛盾", "contradicts {other}"),
        "MISSING_VALUE": ("{other} 没有取值", "{other} has no value"),
        "FIELD_NOT_ALLOWED": (
            "未登记的字段（所在对象的第 {position} 项）{hint}",
            "is not a registered field (entry {position} of its object){hint_en}",
        ),
        "STAGE_DATA_NOT_ALLOWED": (
            "阶段 {stage} 不得使用该字段（{known_at}）",
            "may not be sent at stage {stage} ({known_at_en})",
        ),
        "SCHEMA_VERSION_UNSUPPORTED": (
            "数据格式版本不支持，支持：{supported}",
            "is not a supported schema version; supported: {supported}",
        ),
        "RAW_ID_NOT_ALLOWED": (
            "不接受证件号原文，请传入 64 位小写十六进制令牌",
            "must be a token of 64 lower-case hex digits; a raw identity number is not accepted here",
        ),
        "PERSONAL_NUMBER": (
            "含身份证号码、手机号码或银行卡号；请改用不指向个人的编号（如本院流水号）",
            "holds an identity, phone or bank card number; use one that points to no person, such as a serial number",
        ),
        "CASE_NO_FORMAT": (
            "不是有效案号，例如 (2026)浙1022执123号",
            "is not a case number such as (2026)浙1022执123号",
        ),
        "CASE_NO_TYPE": (
            "不是全国统一的执行类型代字（{allowed}）；执前编号请填入 pre_case_no",
            "does not carry a national enforcement type ({allowed}); local numbers belong in pre_case_no",
        ),
        "INVALID": ("格式不符", "is not valid"),
        "TOO_MANY_ERRORS": ("另有 {more} 处问题未列出", "{more} further problems are not listed"),
    },
)
"""Error code -> Chinese and English wording; `{...}` are the error's params."""


@dataclass(frozen=True)
class CaseError:
    """One thing wrong with a document, at a JSON pointer.

    `params` hold limits and names, never what was sent in a field.
    """

    pointer: str
    code: str
    message: str
    message_en: str
    params: Mapping[str, str] = field(default_factory=lambda: _NO_PARAMS)


class InvalidCaseError(ValueError):
    """A document is not a case; `errors` say where and why, in two languages."""

    def __init__(self, errors: Sequence[CaseError]) -> None:
        self.errors = _capped(errors)
        super().__init__(
            "；".join(f"{e.pointer or '/'} {e.message}" for e in self.errors)
            + " / "
            + "; ".join(f"{e.pointer or '/'} {e.message_en}" for e in self.errors),
        )


def case_error(pointer: str, code: str, **params: str) -> CaseError:
    """Return the error of this code with both wordings filled in."""
    message, message_en = MESSAGES[code]
    return CaseError(pointer, code, message.format(**params), message_en.format(**params), MappingProxyType(params))


def pointer_of(location: Sequence[object], known: Container[str]) -> str:
    """Return the JSON pointer (RFC 6901) of a path of keys and indices.

    A key is the sender's own text and may be somebody's name: one that is
    not `known` as a name of ours is shown as `?`.
    """
    return "".join(f"/{part if isinstance(part, int) or part in known else '?'}" for part in location)


def _capped(errors: Sequence[CaseError]) -> tuple[CaseError, ...]:
    if len(errors) <= MOST_ERRORS:
        return tuple(errors)
    note = case_error("", "TOO_MANY_ERRORS", more=str(len(errors) - MOST_ERRORS))
    return (*errors[:MOST_ERRORS], note)
