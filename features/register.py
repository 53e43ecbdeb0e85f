"""The field register: every fact about a case that Fenliu may hear of, and what may be done with it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Stage(StrEnum):
    """When a case is scored: A before filing (立案前), B after the first network query (首次查控后)."""

    A = "A"
    B = "B"


class Privacy(StrEnum):
    """Class of personal information (个人信息保护法第28条)."""

    NONE = "N"
    PERSONAL = "PI"
    SENSITIVE = "SPI"
    PROTECTED = "prot"


KNOWN_BY: Mapping[Stage, frozenset[str]] = MappingProxyType(
    {Stage.A: frozenset("PAL"), Stage.B: frozenset("PALUF")},
)
"""Moments (known_at) whose facts may reach each stage; E (enforcement) and O (outcome) never do."""


COMPUTED_ZH = "系统计算"
ENTERED_ZH = "本院登记"

_SOURCES_ZH: Mapping[str, str] = MappingProxyType(
    {
        "basis document": "执行依据",
        "case system": "办案系统",
        "clerk": "立案人员核对",
        "derived": COMPUTED_ZH,
        "form": "申请表",
        "form/contract": "申请表、合同",
        "GSXT": "国家企业信用信息公示系统",
        "GSXT annual report": "企业年度报告",
        "police/GSXT": "公安机关、国家企业信用信息公示系统",
        "intake": "收案系统",
        "linker": "关联案件比对",
        "own court DB": "本院案件库",
        "tax authority site": "税务机关网站",
        "urging system": "执前督促系统",
        "三门 style form": "执前风险评估表",
        "derived from cause": COMPUTED_ZH,
        "derived from ID": "证件信息",
        "judicial data": "司法机关数据",
        "x": "本院自有数据",
    },
)
"""The register's sources in Chinese, where the register does not name them so already."""


@dataclass(frozen=True)
class Field:
    """One registered field.

    `codes` are the API's allowed values of an enum or set and `codes_zh` the
    Chinese wordings in the same order; both are empty for other types.
    `known_at` is P, A, L, U, F, E or O (see the register's guide).
    """

    name: str
    zh: str
    en: str
    type: str
    known_at: str
    source: str = "x"
    privacy: Privacy = Privacy.NONE
    usable_as_feature: bool = True
    core: bool = False
    unit: str = ""
    codes: tuple[str, ...] = ()
    codes_zh: tuple[str, ...] = ()
    section: str = "X"
    legal_basis: str = ""
    note: str = ""

    def allowed_at(self, stage: Stage) -> bool:
        """Whether a case of this stage may carry the field at all."""
        return self.known_at in KNOWN_BY[stage]

    def feature_at(self, stage: Stage) -> bool:
        """Whether a feature of this stage may read the field."""
        return self.usable_as_feature and self.privacy is not Privacy.PROTECTED and self.allowed_at(stage)

    @property
    def computed(self) -> bool:
        """Whether the fact follows from others alone, so that it is put right by putting those right."""
        return self.source == "derived"

    @property
    def source_zh(self) -> str:
        """Where the fact comes from, in Chinese."""
        return _SOURCES_ZH.get(self.source, self.source)

    def zh_of(self, code: str) -> str:
        """Return the Chinese wording of an allowed code."""
        return self.codes_zh[self.codes.index(code)]


@dataclass(frozen=True)
class Register:
    """The whitelist: 156 shipped fields and, where a court declared them, its own `x_` fields."""

    fields: tuple[Field, ...]
    _by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the fields by name; hash them once, because tables per register are looked up for every case."""
        object.__setattr__(self, "_by_name", MappingProxyType({f.name: f for f in self.fields}))
        object.__setattr__(self, "_hash", hash(self.fields))

    def __hash__(self) -> int:
        """Return the hash computed at the start."""
        return self._hash

    def __contains__(self, name: object) -> bool:
        """Whether a field of this name is registered."""
        return name in self._by_name

    def __getitem__(self, name: str) -> Field:
        """Return the field, or raise KeyError."""
        return self._by_name[name]

    def allowed_at(self, stage: Stage) -> tuple[Field, ...]:
        """Return the fields a case of this stage may carry."""
        return tuple(f for f in self.fields if f.allowed_at(stage))

    def extended(self, extensions: Iterable[Field]) -> Register:
        """Return a register that also knows a court's declared extension fields.

        Raises
        ------
        ValueError
            An extension's name does not start with `x_` or is taken.
        """
        extra = tuple(extensions)
        taken = {f.name for f in self.fields}
        for extension in extra:
            if not extension.name.startswith("x_") or extension.name in taken:
                msg = f"扩展字段名须以 x_ 开头且不重复：{extension.name!r} / extension names start with x_, once each"
                raise ValueError(msg)
            taken.add(extension.name)
        return Register(self.fields + extra)


@cache
def load_register() -> Register:
    """Read the shipped register, `fields.csv`; nothing else reads that file."""
    text = files("features").joinpath("fields.csv").read_text(encoding="utf-8")
    return Register(tuple(_field(row) for row in csv.DictReader(text.splitlines())))


def _field(row: Mapping[str, str]) -> Field:
    return Field(
        name=row["name"],
        zh=row["zh"],
        en=row["en"],
        type=row["type"],
        known_at=row["known_at"],
        source=row["source"],
        privacy=Privacy(row["privacy"]),
        usable_as_feature=row["feature"] == "Y",
        core=row["core"] == "Y",
        unit=row["unit"],
        codes=_split(row["codes"]),
        codes_zh=_split(row["codes_zh"]),
        section=row["section"],
        legal_basis=row["legal_basis"],
        note=row["note"],
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("/")) if text else ()
