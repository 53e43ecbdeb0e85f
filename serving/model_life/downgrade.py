"""Why the rules answer alone: a code for each cause, words for answers and words for operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models.advice import Degraded

DAMAGED: Final = "DAMAGED_BUNDLE"

SIMULATED: Final = ("模拟，不得用于办案", "simulated: not for real cases")
"""What is said wherever a bundle trained on the synthetic court answers."""

_IN_ANSWERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "NO_BUNDLE": ("尚无已发布的模型，仅按规则答复", "no model has been promoted; the rules answer alone"),
        DAMAGED: ("模型未通过核验，仅按规则答复", "the model did not pass its checks; the rules answer alone"),
        "MODEL_STOPPED": ("模型已被停用，仅按规则答复", "the model was switched off; the rules answer alone"),
    },
)

DEGRADED_CODES: Final = frozenset(_IN_ANSWERS)


@dataclass(frozen=True)
class Downgrade:
    """Why the service answers from rules alone, in words for its log and its description of itself."""

    code: str
    zh: str
    en: str

    @property
    def degraded(self) -> Degraded:
        """Return what answers say: the same words for every answer of this code, without details of the machine."""
        return degraded_for(self.code)

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {"code": self.code, "text": self.zh, "text_en": self.en}


def degraded_for(code: str) -> Degraded:
    """Return what an answer says for this code; raise KeyError for a code that no program ever gave."""
    text, text_en = _IN_ANSWERS[code]
    return Degraded(code=code, text=text, text_en=text_en)


NO_BUNDLE: Final = Downgrade(
    "NO_BUNDLE",
    "尚无已发布的模型，仅按规则答复；发布用 fenliu promote",
    "no model has been promoted yet; answers come from the rules alone; promote one with fenliu promote",
)
STOPPED: Final = Downgrade(
    "MODEL_STOPPED",
    "模型已被停用，仅按规则答复；恢复用 fenliu-serve resume",
    "the model was switched off; answers come from the rules alone; switch it on with fenliu-serve resume",
)
GONE: Final = Downgrade(
    "POINTER_GONE",
    "指针文件 current 已不在，仍用原模型；要停用模型请用 fenliu-serve stop",
    "the pointer file is gone; the model stays in use; to switch it off use fenliu-serve stop",
)


def damaged(file: str, zh: str, en: str) -> Downgrade:
    """Return the downgrade that names the damaged file."""
    return Downgrade(
        DAMAGED, f"模型未通过核验，仅按规则答复：{file} {zh}", f"the bundle did not pass, rules only: {file} {en}"
    )
