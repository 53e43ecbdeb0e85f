"""The party's explanation sheet (当事人说明): what was advised and why, in plain words, from the stored answer alone.

个人信息保护法 art. 24(3): whoever is concerned may ask for an explanation and
may refuse a decision made by a machine alone. What the court found by
queries, internal figures and other people's data are not on the sheet
(财产调查规定 art. 12, 25).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from models.advice import NOTICE, NOTICE_EN
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.repositories.advice import AdviceStore

_LANES: Final = {
    "urge": ("建议先行督促履行，暂不进入强制执行", "first urge payment, before any compulsory enforcement"),
    "fast": ("建议按快速程序办理", "handle by the fast procedure"),
    "complex": ("建议由承办团队精细办理", "handle by a team in depth"),
    "none": (
        "依据现有材料，暂不分流，由法官先行审查",
        "no lane yet: a judge looks first at whether the case can be taken",
    ),
    None: ("本案没有系统建议，按原流程办理", "no advice was given; the ordinary procedure applies"),
}
_MADE: Final = {
    "rule": (
        "依据法律规定和本院公布的规则得出，未使用预测模型。",
        "It follows from the law and the court's rules alone.",
    ),
    "model": (
        "在规则之外，参考了以往同类案件的统计规律。",
        "Beside the rules, what became of similar earlier cases was considered.",
    ),
    "none": ("系统没有得出建议。", "The system gave no advice."),
}
_DIRECTIONS: Final = {
    "up": ("有利于按期履行", "speaks for payment"),
    "down": ("不利于按期履行", "speaks against payment"),
}
_DECIDED_BY_PEOPLE: Final = (
    "以上仅为系统建议，不是裁判，也不是处罚。案件如何办理由法官决定。",
    "This is advice by a computer, neither a ruling nor a penalty. A judge decides how the case is handled.",
)
_RIGHTS: Final = (
    (
        "您可以要求人工复核：向本院执行窗口或承办法官口头、书面提出均可，不收费用。",
        "You may ask at the court's counter, orally or in writing, free of charge, that a person review the case.",
    ),
    (
        "您可以查阅、复制本院所存的您的信息；信息有误的，可以要求更正。",
        "You may read and copy what the court keeps about you, and have wrong facts corrected.",
    ),
    (
        "要求复核或更正，不影响您的其他权利，也不会使您受到不利对待。",
        "Asking for this affects none of your other rights and brings no disadvantage.",
    ),
)
_BASIS: Final = "《中华人民共和国个人信息保护法》第二十四条、第四十五条、第四十六条"
_QUERIES: Final = ("总对总", "点对点", "查控")
"""Sources whose results no party sees without the judge's leave."""


@dataclass(frozen=True)
class PartySheets:
    """The use case with its collaborators."""

    advice: AdviceStore
    clock: Callable[[], datetime]

    def sheet(self, advice_id: str, *, origin: Origin) -> dict[str, object]:
        """Return the sheet of one answer; who made it out is on record as a reading of that answer.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        ErasedError
            The answer was erased.
        """
        stored = self.advice.get(advice_id, origin=origin, at=self.clock(), action="score.party_sheet")
        if stored is None:
            raise ProblemError("NOT_FOUND")
        return sheet_json(json.loads(stored.answer))


def sheet_json(answer: Mapping[str, Any]) -> dict[str, object]:
    """Return the sheet of an answer, the same for the same answer at any time."""
    advised = answer["advice"]
    lane, made = _LANES[advised["route"]], _MADE[advised["decided_by"]]
    return {
        "advice_id": answer["id"],
        "application_id": answer["application_id"],
        "court_code": answer["court_code"],
        "made_at": answer["created_at"],
        "valid_until": answer["expires_at"],
        "title": "当事人说明",
        "title_en": "Explanation for the parties",
        **_said("advice", lane),
        **_said("made", made),
        "reasons": _reasons(answer) if advised["decided_by"] == "model" else [],
        **_said("decided_by", _DECIDED_BY_PEOPLE),
        "rights": [{"text": zh, "text_en": en} for zh, en in _RIGHTS],
        "basis": _BASIS,
        **_said("notice", (NOTICE, NOTICE_EN)),
        "simulated": bool(answer["simulated"]),
    }


def _reasons(answer: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return what a party may see: the reviewed words and their direction, neither values nor figures."""
    return [
        {"text": one["text"], "text_en": one["text_en"], **_said("effect", _DIRECTIONS[one["direction"]])}
        for one in answer.get("reasons", [])
        if one["party_visible"] and not any(word in one["source"] for word in _QUERIES)
    ]


def _said(name: str, words: tuple[str, str]) -> dict[str, object]:
    return {name: words[0], f"{name}_en": words[1]}
