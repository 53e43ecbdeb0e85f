"""The reason codes a judge may meet: their reviewed words, and the questions behind each."""

from __future__ import annotations

from features.catalogue import codes_used
from features.feature import Feature
from models.explain.reasons import Wording, wordings


def reason_codes_json() -> dict[str, object]:
    """Return every code; those of a court's own fields carry no question here, the court words them itself."""
    questions = codes_used()
    return {"codes": [_entry(wording, questions.get(code, ())) for code, wording in wordings().items()]}


def _entry(wording: Wording, features: tuple[Feature, ...]) -> dict[str, object]:
    return {
        "code": wording.code,
        "text": wording.zh,
        "text_en": wording.en,
        "group": wording.group.value,
        "party_visible": wording.party_visible,
        "questions": [{"feature": f.name, "text": f.zh, "text_en": f.en, "unit": f.unit} for f in features],
    }
