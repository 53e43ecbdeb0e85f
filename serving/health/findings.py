"""What readiness can find: each with words for operators, and whether nothing can be taken in because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_STOPS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "DRAINING": ("服务正在停止，不再受理", "the service is ending and takes nothing in"),
        "STORE_NOT_WRITABLE": ("存储不可写", "the store cannot be written"),
        "AUDIT_NOT_APPENDABLE": (
            "审计链不可追加，因此不出具建议",
            "the audit trail takes nothing, so no advice is given",
        ),
        "DISK_FULL": ("磁盘将满，不再受理", "the disk is nearly full; nothing is taken in"),
    }
)
_DEGRADES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "DISK_LOW": ("磁盘空间不足 1 GB", "less than 1 GB is left on the disk"),
        "NO_BUNDLE": ("尚无已发布的模型，仅按规则答复", "no model has been promoted; rules only"),
        "DAMAGED_BUNDLE": ("模型未通过核验，仅按规则答复", "the model did not pass its checks; rules only"),
        "MODEL_EXPIRED": ("模型已过有效期，不评分", "the model is past its date; no score is given"),
        "MODEL_REFUSED": ("新发布的模型未通过核验，仍用原模型", "a newer model was refused; the old one is in use"),
        "MODEL_STOPPED": ("有法院的模型已停用", "the models of some court are switched off"),
        "RULES_REFUSED": ("新的规则文件未采用，仍用原规则", "a newer rule file was refused; the old rules are in use"),
        "WINDOW_REFUSED": (
            "有法院签署的督促期未采用，仍按此前的督促期",
            "an urging window that a court has signed is not in use; the one before is",
        ),
        "CHALLENGER_REFUSED": ("对照模型未通过核验，未作对照", "the challenger was refused and is not compared"),
        "WATCH_ENDED": ("不再察看模型与规则的更换，请重启", "nobody watches for new models or rules; restart"),
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing found out about the service."""

    code: str

    @property
    def stops(self) -> bool:
        """Whether nothing can be taken in."""
        return self.code in _STOPS

    @property
    def words(self) -> tuple[str, str]:
        """The finding in Chinese and in English."""
        return _STOPS.get(self.code) or _DEGRADES[self.code]


@dataclass(frozen=True)
class Health:
    """Everything that was found; nothing is best."""

    findings: tuple[Finding, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether work can be taken in."""
        return not any(finding.stops for finding in self.findings)

    @property
    def status(self) -> str:
        """`ready`, `degraded` or `not_ready`."""
        if not self.ready:
            return "not_ready"
        return "degraded" if self.findings else "ready"

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        shown = [{"code": one.code, "text": one.words[0], "text_en": one.words[1]} for one in self.findings]
        return {"status": self.status, "findings": shown}


CODES: Final[Sequence[str]] = (*_STOPS, *_DEGRADES)
