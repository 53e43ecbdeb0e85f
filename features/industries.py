"""Industry codes (GB/T 4754-2017) and the twenty sections, A to T, that they fall into."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

import numpy as np
import numpy.typing as npt

SECTIONS = tuple("ABCDEFGHIJKLMNOPQRST")

SECTIONS_ZH = (
    *("农、林、牧、渔业", "采矿业", "制造业", "电力、热力、燃气及水生产和供应业", "建筑业", "批发和零售业"),
    *("交通运输、仓储和邮政业", "住宿和餐饮业", "信息传输、软件和信息技术服务业", "金融业", "房地产业"),
    *("租赁和商务服务业", "科学研究和技术服务业", "水利、环境和公共设施管理业", "居民服务、修理和其他服务业"),
    *("教育", "卫生和社会工作", "文化、体育和娱乐业", "公共管理、社会保障和社会组织", "国际组织"),
)

_FIRST_DIVISION = (1, 6, 13, 44, 47, 51, 53, 61, 63, 66, 70, 71, 73, 76, 80, 83, 84, 86, 91, 97)
"""First two-digit division of each section."""

_CODE = re.compile(r"([A-T])(?:[0-9]{2,4})?|([0-9]{2})[0-9]{0,2}")


@lru_cache(maxsize=8192)
def section_of(code: str) -> float:
    """Return the section's place (A = 0 .. T = 19), or NaN when the text is no industry code."""
    match = _CODE.fullmatch(code.strip().upper())
    if match is None:
        return float("nan")
    if match[1]:
        return float(SECTIONS.index(match[1]))
    division = int(match[2])
    return float(bisect_right(_FIRST_DIVISION, division) - 1) if 1 <= division <= 97 else float("nan")


def section_column(codes: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Return the section of each code; missing codes are NaN."""
    return np.array([float("nan") if code is None else section_of(code) for code in codes.tolist()], dtype=np.float64)
