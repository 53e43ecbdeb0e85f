"""Builders for tests of the pages: every fixed word on them, and how a page reads."""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from jinja2.ext import babel_extract
from starlette.types import ASGIApp

from serving.access.actions import OWN
from serving.access.principal import Courts, Principal
from serving.access.roles import Role, actions_of
from serving.decide import Decider
from serving.model_life.standing import Standing
from serving.office import Office
from serving.record.court_settings import ReviewMode
from serving.repositories.advice import AdviceStore
from serving.store.transaction import Store
from tests.builders_case import NOW
from tests.builders_models import tiny_bundle
from tests.builders_replay import OPERATOR, Answered
from tests.builders_serving import KEYS, guarded, office_in, opened

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "serving" / "pages" / "templates").rglob("*.html"))
SOURCES = sorted([*(ROOT / "serving" / "pages").rglob("*.py"), *(ROOT / "serving" / "routes").rglob("*.py")])


def messages() -> set[str]:
    """Return every fixed word of the pages: from templates, and what Python passes to `say`."""
    return {*_of_templates(), *_of_sources()}


def _of_templates() -> Iterator[str]:
    for path in TEMPLATES:
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ["_", "gettext"], [], {"encoding": "utf-8", "silent": "false"}):
                yield message if isinstance(message, str) else message[0]


def _of_sources() -> Iterator[str]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _says(node.func):
                words = node.args[0]
                assert isinstance(words, ast.Constant), f"{path.name}:{node.lineno}: fixed words only"
                yield str(words.value)


def _says(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "say"


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Courthouse:
    """A court that has given answers with a real model and real rules, and whose people open its pages."""

    folder: Path
    store: Store
    standing: Standing
    clock: Callable[[], datetime] = lambda: NOW

    def score(self, sent: Mapping[str, Any], **standing: Any) -> str:
        """Give one answer and return its id."""
        return self.decider(**standing).score(dict(sent), key=f"key-{secrets.token_hex(8)}", origin=OPERATOR).id

    def decider(self, **standing: Any) -> Decider[Standing]:
        """Return what gives the answers."""
        answering = replace(self.standing, **standing)
        records = AdviceStore(self.store, KEYS)
        return Decider(standing=lambda: answering, records=records, keys=KEYS, clock=self.clock)

    def app(self, principal: Principal | None) -> ASGIApp:
        """Return the service as this principal sees it."""
        return guarded(
            self.folder, principal=principal, store=self.store, clock=self.clock, answering=lambda: self.standing
        )

    def office(self) -> Office:
        """Return the office of the court."""
        return office_in(self.folder, store=self.store, clock=self.clock, answering=lambda: self.standing)

    def mode(self, mode: ReviewMode) -> None:
        """Set when predictions are seen."""
        settings = self.office().record.settings
        settings.set("浙1022", {"review_mode": mode.value}, "测试", unchanged=lambda _: True, origin=OPERATOR)


def standing_in(folder: Path, *, model: bool) -> Standing:
    """Return what a court answers with: a small model and the shipped rules, or the rules alone."""
    bundles = folder / "bundles"
    bundles.mkdir()
    if model:
        (bundles / "current").write_text(tiny_bundle(bundles).name, encoding="utf-8")
    return Answered(folder, opened(folder)).standing()


def person(name: str, role: Role, court: str = "浙1022") -> Principal:
    """Return somebody of the court."""
    return Principal(
        kind="account", id=name, roles=frozenset({role}), courts=Courts(frozenset({court})),
        actions=actions_of({role}) | OWN,
    )  # fmt: skip


def read(page: str) -> str:
    """Return a page as it reads: without tags, one space where many were."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    assert found is not None, name
    return unescape(found[1])
