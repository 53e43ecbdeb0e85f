"""What the commands refuse, each with a code, an exit status, both languages and a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from models.promotion.refusal import PromotionError


@dataclass(frozen=True)
class Refusal:
    """One entry of `errors.toml`."""

    code: str
    exit: int
    zh: str
    en: str
    hint_zh: str
    hint_en: str


class CommandError(Exception):
    """A command cannot go on.

    `detail_zh` and `detail_en` say what was received in this very call; the
    refusal says what that kind of trouble means and what to do about it.
    """

    def __init__(self, code: str, detail_zh: str, detail_en: str) -> None:
        super().__init__(f"[{code}] {detail_zh} / {detail_en}")
        self.refusal = refusals()[code]
        self.detail_zh = detail_zh
        self.detail_en = detail_en

    @property
    def exit(self) -> int:
        """Exit status of the process."""
        return self.refusal.exit


@cache
def refusals() -> Mapping[str, Refusal]:
    """Read the catalogue of refusals; nothing else reads that file."""
    text = files("training").joinpath("errors.toml").read_text(encoding="utf-8")
    return MappingProxyType({code: Refusal(code=code, **entry) for code, entry in tomllib.loads(text).items()})


@contextmanager
def refusing_promotion() -> Iterator[None]:
    """Turn what a promotion is refused for, or a gate that cannot be held, into a refusal of the command."""
    try:
        yield
    except PromotionError as error:
        raise CommandError(error.code, error.zh, error.en) from error
