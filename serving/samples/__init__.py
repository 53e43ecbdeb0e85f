"""Three made-up applications, one for each lane: shown by the demonstration, and scored once before a worker opens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

SAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "urge": "买卖合同货款 38,600 元，调解结案；被执行人判后已付 4,000 元，联系得上，申请人同意督促",
        "fast": "民间借贷 46,200 元；首次网络查控查到存款 90,000 元，足以清偿",
        "complex": "金融借款 860,000 元，厂房抵押；首次网络查控查到存款 2,140.55 元，厂房、车辆待评估拍卖",
    }
)
"""Names of the samples, each with what the case is about."""

_DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\S+)?")


def sample(name: str) -> dict[str, Any]:
    """Return one of the applications as the document an intake system would send."""
    text = files("serving.samples").joinpath(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def received_lately(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the application as if it had come in within the last day: every date in it is moved by as many days.

    The time limits of a sample that was received long ago would all be over.
    """
    moved = timedelta(days=(now - datetime.fromisoformat(document["as_of"])).days)
    case = {name: _moved(value, moved) for name, value in document["case"].items()}
    return {**document, "as_of": _moved(document["as_of"], moved), "case": case}


def _moved(value: Any, by: timedelta) -> Any:  # noqa: ANN401 - a value of any field
    """Return a day or an instant that much later, and everything else as it is."""
    if not (isinstance(value, str) and _DATED.fullmatch(value)):
        return value
    if "T" in value:
        return (datetime.fromisoformat(value) + by).isoformat()
    return (date.fromisoformat(value) + by).isoformat()
