"""The party's explanation sheet as a page: the stored sheet in the reader's language, on one sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.pages import formats
from serving.pages.language import Language
from serving.record.court_settings import Settings


@dataclass(frozen=True, kw_only=True)
class PartySheetPage:
    """What the sheet says; reasons are words with their direction, never figures."""

    id: str
    application: str
    court: str
    made_at: str
    title: str
    advice: str
    made: str
    decided_by: str
    reasons: tuple[tuple[str, str], ...]
    rights: tuple[str, ...]
    basis: str
    notice: str
    contact: str
    simulated: bool


def party_sheet_page(sheet: Mapping[str, Any], say: Language, *, settings: Settings) -> PartySheetPage:
    """Return the page of a sheet, with the court's name and what it tells parties as the court has set them."""

    def of(one: Mapping[str, Any], name: str) -> str:
        return str(one[say.pick(name, f"{name}_en")])

    return PartySheetPage(
        id=sheet["advice_id"],
        application=sheet["application_id"],
        court=settings.named(sheet["court_code"]),
        made_at=formats.instant(sheet["made_at"]),
        title=of(sheet, "title"),
        advice=of(sheet, "advice"),
        made=of(sheet, "made"),
        decided_by=of(sheet, "decided_by"),
        reasons=tuple((of(one, "text"), of(one, "effect")) for one in sheet["reasons"]),
        rights=tuple(of(one, "text") for one in sheet["rights"]),
        basis=sheet["basis"],
        notice=of(sheet, "notice"),
        contact=settings.contact,
        simulated=sheet["simulated"],
    )
