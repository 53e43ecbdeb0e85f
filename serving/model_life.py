"""The model in use: checked in a child process before it is loaded, and done without when there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from models.bundle.manifest import DamagedBundleError
from serving.logs import logger

B = TypeVar("B")

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Downgrade:
    """Why the service answers from rules alone."""

    code: str
    zh: str
    en: str


DAMAGED: Final = "DAMAGED_BUNDLE"

SIMULATED: Final = ("模拟，不得用于办案", "simulated: not for real cases")
"""What is said wherever a bundle trained on the synthetic court answers."""

NO_BUNDLE: Final = Downgrade(
    "NO_BUNDLE",
    "尚无已发布的模型，仅按规则答复；发布用 fenliu promote",
    "no model has been promoted yet; answers come from the rules alone; promote one with fenliu promote",
)


@dataclass(frozen=True)
class ModelLife(Generic[B]):
    """The loaded bundle and its name, or the reason why there is none."""

    name: str | None
    bundle: B | None
    downgrade: Downgrade | None

    @property
    def mode(self) -> str:
        """`model` or `rules`."""
        return "rules" if self.bundle is None else "model"


def load_current(
    bundles: Path,
    *,
    verify: Callable[[Path], object],
    load: Callable[[Path], B],
) -> ModelLife[B]:
    """Return the promoted bundle, or rules mode with its reason; never raises for a bad bundle.

    A damaged model file can crash or hang whoever reads it, or quietly score
    wrongly. So `verify` compares hashes and scores known rows in a child
    process, and only then is the bundle loaded here.
    """
    try:
        name = (bundles / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return _without(None, NO_BUNDLE)
    except (OSError, UnicodeDecodeError) as error:
        return _without(None, _damaged("current", f"无法读取（{type(error).__name__}）", "cannot be read"))
    if not _NAME.fullmatch(name):
        return _without(None, _damaged("current", "内容不是模型文件夹名", "does not name a bundle folder"))
    try:
        verify(bundles / name)
        bundle = load(bundles / name)
    except DamagedBundleError as error:
        return _without(name, _damaged(error.file, error.zh, error.en))
    except OSError as error:
        return _without(name, _damaged(name, f"无法读取（{type(error).__name__}）", "cannot be read"))
    logger().info("model_loaded", name=name)
    return ModelLife(name, bundle, None)


def _damaged(file: str, zh: str, en: str) -> Downgrade:
    return Downgrade(DAMAGED, f"模型损坏，仅按规则答复：{file} {zh}", f"damaged bundle, rules only: {file} {en}")


def _without(name: str | None, downgrade: Downgrade) -> ModelLife[B]:
    logger().warning("rules_mode", name=name, code=downgrade.code, reason=downgrade.en, reason_zh=downgrade.zh)
    return ModelLife(name, None, downgrade)
