"""Amounts and causes as people write them: 3.86万元 is 38600.00, 金融借款合同纠纷 is its number; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from features.causes import causes_in, version_on

_AMOUNT: Final = re.compile(r"(\d{1,15}(?:\.\d{1,10})?)(万|亿)?元?")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?:万|亿)?元?")
_UNITS: Final[Mapping[str | None, int]] = MappingProxyType({None: 1, "万": 10_000, "亿": 100_000_000})
_CENT: Final = Decimal("0.01")
_CODE: Final = re.compile(r"[\x21-\x7e]+")
"""What is no name: numbers of causes, and whatever else has no Chinese sign in it."""
_MOST_MEANT: Final = 3


class SpellingError(ValueError):
    """Words that cannot be read for certain; says why and what to write, and nothing of what was written."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en


def amount_of(text: str) -> str | None:
    """Return an amount in yuan with its cents; None for a text that is no amount.

    Raises
    ------
    SpellingError
        Its commas do not stand at thousands, or it has parts of a cent.
    """
    written = unicodedata.normalize("NFKC", text).replace(" ", "").removeprefix("¥")
    if _GROUPED.fullmatch(written):
        written = written.replace(",", "")
    elif "," in written:
        raise SpellingError(
            "AMOUNT", "千分位逗号位置不对，请核对金额", "commas do not stand at thousands; check the amount"
        )
    found = _AMOUNT.fullmatch(written)
    if found is None:
        return None
    yuan = Decimal(found[1]) * _UNITS[found[2]]
    if yuan != yuan.quantize(_CENT):
        raise SpellingError("AMOUNT", "金额超过两位小数，请核对", "has more than two decimals; check the amount")
    return f"{yuan.quantize(_CENT):f}"


def cause_number(typed: str, case: Mapping[str, object], *, today: date) -> str:
    """Return the number of a cause that was written by its name, in the list that the case names or its basis is under.

    What is no name is returned as it is. 纠纷 at the end may be left out.

    Raises
    ------
    SpellingError
        The list has no cause, or more than one, of this name; those that may be meant are named.
    """
    name = unicodedata.normalize("NFKC", typed).strip()
    if not name or _CODE.fullmatch(name):
        return name
    listed = causes_in(str(case.get("cause_version") or version_on(_day_of(case) or today)))
    hits = [number for number, cause in listed.items() if cause in {name, f"{name}纠纷"}]
    if len(hits) != 1:
        raise _no_cause([f"{number} {cause}" for number, cause in listed.items() if name.removesuffix("纠纷") in cause])
    return hits[0]


def _day_of(case: Mapping[str, object]) -> date | None:
    text = str(case.get("basis_effective_date") or case.get("received_at") or "")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _no_cause(meant: list[str]) -> SpellingError:
    zh = "案由名称不在对照表中；请填写案由的代码，如 108.3"
    en = "no cause of the list has this name; give its number, such as 108.3"
    if meant:
        named, more = meant[:_MOST_MEANT], len(meant) > _MOST_MEANT
        zh = f"案由名称不确定，请填写代码或者全称；对照表中有：{'、'.join(named)}{'等' if more else ''}"
        en = f"the name of the cause is not certain; give its number or whole name; listed: {', '.join(named)}"
    return SpellingError("CAUSE_NAME", zh, en)
