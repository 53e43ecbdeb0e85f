"""What a person chooses for himself: whether he sees predictions, and whether keys are shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from serving.pages.language import Language

ON: Final = "on"
OFF: Final = "off"


@dataclass(frozen=True)
class Choice:
    """One way to choose."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PreferencesPage:
    """Everything on the page."""

    predictions: tuple[Choice, ...]
    keys: tuple[Choice, ...]
    saved: bool


def preferences_page(*, predictions_off: bool, keys_off: bool, saved: bool, say: Language) -> PreferencesPage:
    """Return the page as things stand."""
    return PreferencesPage(
        predictions=(
            Choice(ON, say("按本院规定显示"), not predictions_off),
            Choice(OFF, say("不显示预测"), predictions_off),
        ),
        keys=(Choice(ON, say("使用快捷键"), not keys_off), Choice(OFF, say("不使用快捷键"), keys_off)),
        saved=saved,
    )
