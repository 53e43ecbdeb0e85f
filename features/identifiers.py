"""Numbers that courts and registries give: 案号, court codes, identity cards, credit and organisation codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum

from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

FIRST_YEAR = 2016
"""Case numbers have had their present form since 2016-01-01 (关于人民法院案件案号的若干规定)."""

ENFORCEMENT_TYPES = ("执", "执恢", "执保", "执异", "执复", "执监", "执协", "执他")
"""National 类型代字 of enforcement proceedings; 执 is a first-time case, 执恢 a resumed one."""

NATIONAL_TYPES = frozenset(
    {
        *ENFORCEMENT_TYPES,
        *("民初", "民终", "民再", "民申", "民监", "民特", "民督", "民催", "民撤", "民辖", "民辖终", "知民初", "知民终"),
        *("诉前调", "诉前调确", "诉前调书", "刑初", "刑终", "刑再", "行初", "行终", "行审", "行再"),
        *(
            "财保",
            "行保",
            "证保",
            "破",
            "破申",
            "破终",
            "强清",
            "清申",
            "司惩",
            "司救执",
            "认港",
            "认澳",
            "认台",
            "协外认",
        ),
    },
)
LOCAL_PREFIXES = ("督", "执督", "执前督", "执前调", "催")
"""Registers of urging that courts keep for themselves; a setting of the court, never an enforcement type."""

_PROVINCES = "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川黔云藏陕甘青宁新兵军"
_COURT = rf"最高法|[{_PROVINCES}](?:[0-9]{{4}}|[0-9]{{2}})?"
COURT_PATTERN = _COURT
"""The form of a court's code (法院代字), as a regular expression."""
_COURT_CODE = re.compile(_COURT)
_SUB = r"(?:之(?P<sub>[一二三四五六七八九十]{1,3}|[0-9]{1,2}))?"
_CASE_NUMBER = re.compile(
    rf"\((?P<year>[0-9]{{4}})\)(?P<court>{_COURT})(?P<type>[\u4e00-\u9fff]{{1,6}})(?P<serial>[1-9][0-9]{{0,7}})号{_SUB}",
)
_LEGACY = re.compile(
    rf"\((?P<year>(?:19|20)[0-9]{{2}})\)(?P<court>[\u4e00-\u9fff]{{1,20}}?)字?第(?P<serial>[0-9]{{1,8}})"
    rf"(?:-[0-9]{{1,3}})?号{_SUB}",
)
_BRACKETS = str.maketrans("〔〕[]【】{}", "()()()()")
_SPACE = re.compile(r"\s+")
_DIGITS = "零一二三四五六七八九"


class CaseNumberError(ValueError):
    """A text is not a case number."""


@dataclass(frozen=True)
class CaseNumber:
    """A parsed 案号; str() gives the canonical half-width form.

    A number from before 2016 is `legacy`: it is kept as written (half-width),
    and its court is not read, because the words had no table then.
    """

    text: str
    year: int
    court: str
    type: str
    serial: int
    sub: int | None = None
    legacy: bool = False

    def __str__(self) -> str:
        """Return the canonical form."""
        return self.text

    @property
    def enforcement(self) -> bool:
        """Whether this is a national enforcement number; a local urging number never is."""
        return not self.legacy and self.type in ENFORCEMENT_TYPES

    @property
    def resumed(self) -> bool:
        """Whether the case was resumed after 终本 (执恢): another base rate than a first-time case."""
        return self.type == "执恢"

    @property
    def known_type(self) -> bool:
        """Whether the 类型代字 is a national one."""
        return self.type in NATIONAL_TYPES


def half_width(text: str) -> str:
    """Return the text with half-width digits and round brackets, without spaces."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)


def parse_case_number(text: str) -> CaseNumber:
    """Return the parts of a 案号.

    Raises
    ------
    CaseNumberError
        The text follows neither the form of 2016 nor an older one.
    """
    plain = half_width(text)
    modern = _CASE_NUMBER.fullmatch(plain)
    if modern is not None and int(modern["year"]) >= FIRST_YEAR:
        return _modern(modern)
    legacy = _LEGACY.fullmatch(plain)
    if legacy is None:
        msg = "不是有效案号，例如 (2026)浙1022执123号 / not a case number such as (2026)浙1022执123号"
        raise CaseNumberError(msg)
    return CaseNumber(plain, int(legacy["year"]), "", "", int(legacy["serial"]), _sub(legacy["sub"]), legacy=True)


def is_local_number(number: CaseNumber, prefixes: Collection[str]) -> bool:
    """Whether the number belongs to one of the court's own urging registers."""
    return not number.legacy and number.type in prefixes


def court_code(text: str) -> str | None:
    """Return the canonical court code (法院代字) such as 浙1022, or None when the text is not one."""
    plain = half_width(text)
    return plain if _COURT_CODE.fullmatch(plain) else None


def _modern(match: re.Match[str]) -> CaseNumber:
    sub = _sub(match["sub"])
    text = f"({match['year']}){match['court']}{match['type']}{match['serial']}号" + (
        f"之{_numeral(sub)}" if sub else ""
    )
    return CaseNumber(text, int(match["year"]), match["court"], match["type"], int(match["serial"]), sub)


def _sub(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0) + (_DIGITS.index(ones) if ones else 0)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return head + (_DIGITS[ones] if ones or not tens else "")


class IdentityKind(StrEnum):
    """What sort of number identifies a party."""

    TOKEN = "token"  # noqa: S105 - the name of a kind, no secret
    ID_CARD = "id_card"
    ID_CARD_15 = "id_card_15"
    CREDIT_CODE = "credit_code"
    ORGANISATION_CODE = "organisation_code"
    OTHER = "other"


@dataclass(frozen=True)
class Identity:
    """A party's number, normalised; `checksum_ok` is None where the kind has no check digit.

    The number itself never shows in repr.
    """

    kind: IdentityKind
    number: str = field(repr=False)
    checksum_ok: bool | None = None


_TOKEN = re.compile(r"(?:hmac:)?([0-9a-f]{64})")
_CARD_18 = re.compile(r"[1-7][0-9]{16}[0-9X]")
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|7[0-2]|8[1-3]|91)"
_CARD_INSIDE = re.compile(r"(?<![0-9])(?=([1-7](?:-?[0-9]){16}-?[0-9X])(?![0-9]))")
_CARD_15_INSIDE = re.compile(rf"(?<![0-9])(?=({_PROVINCE}(?:-?[0-9]){{4}}-?[0-9]{{6}}-?[0-9]{{3}})(?![0-9]))")
_PHONE_INSIDE = re.compile(r"(?<![0-9])(?:(?:00)?86)?-?1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}(?![0-9])")
_BANK_INSIDE = re.compile(r"(?<![0-9])(?=((?:62|4[0-9]|5[1-5])(?:-?[0-9]){14}(?:(?:-?[0-9]){3})?)(?![0-9]))")
_BETWEEN = re.compile(r"[\s\W_]+")
"""What people write between groups of digits."""
_CARD_15 = re.compile(r"[1-9][0-9]{14}")
_CREDIT_CODE = re.compile(r"(?:1[1-9]|[2-7][1-9]|9[1-3]|[ANY][1-9])[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}-[0-9X]|[0-9]{8}[0-9X]")


def identify(raw: str) -> Identity:
    """Return what a party's number is; a failed check is told, never refused.

    A card of 15 digits, which has no check, is brought to 18 so that both
    forms give one token. Permits of Hong Kong, Macao and Taiwan residents, permanent residence
    permits of foreigners and passports are OTHER: they have no check here.
    """
    token = _TOKEN.fullmatch(raw)
    if token is not None:
        return Identity(IdentityKind.TOKEN, token[1])
    number = half_width(raw).upper()
    for kind, form, check in _KINDS:
        if form.fullmatch(number) and check(number):
            return Identity(kind, number.replace("-", ""), checksum_ok=True)
    if _CARD_15.fullmatch(number):
        longer = f"{number[:6]}19{number[6:]}"
        return Identity(IdentityKind.ID_CARD_15, longer + ric.calc_check_digit(longer + "0"))
    failed = next((kind for kind, form, _ in _KINDS if form.fullmatch(number)), IdentityKind.OTHER)
    return Identity(failed, number, None if failed is IdentityKind.OTHER else False)


def points_to_a_person(text: str) -> bool:
    """Whether a number that is somebody's own stands somewhere in the text, however its digits are written and grouped.

    Looked for are valid resident identity numbers of 18 and of 15 digits,
    mobile phone numbers, and valid numbers of bank cards. A number that
    begins with a year is none of them: no province, phone or bank begins so.
    """
    plain = _BETWEEN.sub("-", _in_plain_digits(unicodedata.normalize("NFKC", text)).upper())
    return (
        _PHONE_INSIDE.search(plain) is not None
        or any(_card_ok(number) for number in _bare(_CARD_INSIDE, plain))
        or any(_card_15_ok(number) for number in _bare(_CARD_15_INSIDE, plain))
        or any(luhn.is_valid(number) for number in _bare(_BANK_INSIDE, plain))
    )


def _in_plain_digits(text: str) -> str:
    """Return the text with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def _bare(form: re.Pattern[str], text: str) -> list[str]:
    return [number.replace("-", "") for number in form.findall(text)]


def _card_15_ok(number: str) -> bool:
    """Birth date only: these cards had no check digit."""
    longer = f"{number[:6]}19{number[6:]}"
    return _card_ok(longer + ric.calc_check_digit(longer + "0"))


def _card_ok(number: str) -> bool:
    """Check digit and birth date only: regions are renamed and merged, a list of them ages."""
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(number) == number[-1])


def _organisation_ok(number: str) -> bool:
    """GB 11714-1997; python-stdnum does not know this code."""
    number = number.replace("-", "")
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(sign, 36) for weight, sign in zip(weights, number, strict=False))
    return "0123456789X0"[11 - total % 11] == number[-1]


_KINDS: tuple[tuple[IdentityKind, re.Pattern[str], Callable[[str], bool]], ...] = (
    (IdentityKind.ID_CARD, _CARD_18, _card_ok),
    (IdentityKind.CREDIT_CODE, _CREDIT_CODE, uscc.is_valid),
    (IdentityKind.ORGANISATION_CODE, _ORGANISATION_CODE, _organisation_ok),
)
"""Forms with a check digit. Some digits fit two forms; the one whose check holds is meant."""
