"""What a replay can come to: the same answer, another one, or no answer because something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Outcome = Literal["same", "differs", "impossible"]

_WORDS: Final[Mapping[str, tuple[Outcome, str, str]]] = MappingProxyType(
    {
        "SAME": ("same", "逐字节一致", "the same, byte for byte"),
        "SAME_OTHER_PROGRAM": (
            "same",
            "程序已更新，除程序版本外逐字节一致",
            "given by another program; the same but for its version, byte for byte",
        ),
        "ERASED": ("impossible", "内容已按期限删除", "its content was erased when its time was up"),
        "UNREADABLE": ("differs", "密文无法解密，记录被改动或移位", "a sealed column does not open: changed or moved"),
        "RECORD_CHANGED": (
            "differs",
            "记录与写入时的审计摘要不符",
            "the row is not what was written, by the audit trail",
        ),
        "INPUT_CHANGED": ("differs", "输入与其摘要不符", "the stored input is not what its digest says"),
        "FEATURES_CHANGED": ("differs", "特征与重算结果不同", "the features come out otherwise"),
        "ANSWER_CHANGED": ("differs", "答复与重算结果不同", "the answer comes out otherwise"),
        "PROGRAM_DIFFERS": (
            "differs",
            "由另一版本程序作出，本版本重算结果不同；请用原版本程序复核",
            "given by another program, and this one answers otherwise; replay it with that program",
        ),
        "BUNDLE_MISSING": (
            "impossible",
            "当时的模型已不在 bundles 文件夹",
            "the bundle is no longer in its folder",
        ),
        "BUNDLE_DAMAGED": ("impossible", "当时的模型未通过核验", "the bundle does not pass its checks"),
        "RULES_MISSING": ("impossible", "当时的规则表未留存", "the rule table was never kept"),
        "RULES_UNREADABLE": (
            "impossible",
            "本版本程序不能读取当时的规则表",
            "this program cannot read the rule table of that time",
        ),
        "INPUT_UNREADABLE": (
            "impossible",
            "本版本程序不能读取当时的输入",
            "this program cannot read the input of that time",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one replay.

    `pointer` names the first difference: a place in the answer, or
    `/features/<name>`, or `/<column>` of the record. `recorded` and `again`
    are the values there; they may be a person's data. `program` is the one
    that gave the answer.
    """

    id: str
    code: str
    pointer: str = ""
    about: str = ""
    program: str = ""
    recorded: object = None
    again: object = None

    @property
    def outcome(self) -> Outcome:
        """`same`, `differs` or `impossible`."""
        return _WORDS[self.code][0]

    @property
    def words(self) -> tuple[str, str]:
        """The verdict in a sentence, in Chinese and in English."""
        return _WORDS[self.code][1:]

    def to_json(self, *, values: bool = False) -> dict[str, object]:
        """Return plain values; without the values that differ unless asked for them."""
        text, text_en = self.words
        found: dict[str, object] = {
            "id": self.id,
            "outcome": self.outcome,
            "code": self.code,
            "text": text,
            "text_en": text_en,
            "pointer": self.pointer,
            "about": self.about,
            "program": self.program,
        }
        return {**found, "recorded": self.recorded, "again": self.again} if values else found


CODES: Final = tuple(_WORDS)
