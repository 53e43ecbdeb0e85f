"""What an answer of the past was made from, found again by hash: bundles in their folder, rule tables in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from features.register import Register
from models.bundle import Bundle, load_verified
from models.bundle.manifest import DamagedBundleError
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from serving.model_life.kept import manifests
from serving.model_life.standing import register_of
from serving.repositories.rule_texts import RuleTextStore


class MissingError(LookupError):
    """Something that an answer was made from is not there any more: `code` as in a verdict, `about` names it."""

    def __init__(self, code: str, about: str) -> None:
        super().__init__(f"{code}: {about}")
        self.code = code
        self.about = about


SHIPPED: Final = ""
"""In the place of a bundle's hash: the fields that every court has."""


MOST_LOADED: Final = 4
"""Bundles that are held in memory at once; the one that came first goes first."""


@dataclass(frozen=True)
class Means:
    """Finds bundles and rule tables by hash, and keeps them for the next answer that was made from the same."""

    bundles: Path
    rules: RuleTextStore
    load: Callable[[Path], Bundle] = load_verified
    _loaded: dict[str, Bundle] = field(default_factory=dict, repr=False)
    _tables: dict[tuple[str, str], RuleTable] = field(default_factory=dict, repr=False)

    def bundle(self, sha256: str) -> Bundle:
        """Return the bundle with this hash; of several copies the first one that is whole.

        Raises
        ------
        MissingError
            BUNDLE_MISSING, BUNDLE_DAMAGED.
        """
        if sha256 not in self._loaded:
            if len(self._loaded) >= MOST_LOADED:
                self._loaded.pop(next(iter(self._loaded)))
            self._loaded[sha256] = self._found(sha256)
        return self._loaded[sha256]

    def table(self, sha256: str, *, fields: str) -> RuleTable:
        """Return the rule table with this hash, read with the fields of a bundle's court, or with the shipped ones.

        Raises
        ------
        MissingError
            RULES_MISSING, RULES_UNREADABLE, and whatever is wrong with the bundle.
        """
        key = (sha256, fields)
        if key not in self._tables:
            self._tables[key] = self._read(sha256, register_of(self.bundle(fields) if fields else None))
        return self._tables[key]

    def fields(self) -> Iterator[str]:
        """Yield by whose fields an answer of rules alone may have been read: the shipped ones, then each court's own.

        Courts' own are named by the hash of a bundle that holds them.
        """
        yield SHIPPED
        for sha256, _, _ in manifests(self.bundles):
            try:
                own = bool(self.bundle(sha256).extensions)
            except MissingError:
                continue
            if own:
                yield sha256

    def _read(self, sha256: str, register: Register) -> RuleTable:
        texts = self.rules.texts(sha256)
        if texts is None:
            raise MissingError("RULES_MISSING", sha256[:12])
        try:
            return RuleTable.of(texts, register=register)
        except RuleTableError as error:
            raise MissingError("RULES_UNREADABLE", sha256[:12]) from error

    def _found(self, sha256: str) -> Bundle:
        folders = [place for digest, place, _ in manifests(self.bundles) if digest == sha256]
        damaged = ""
        for folder in folders:
            try:
                return self.load(folder)
            except (DamagedBundleError, OSError):
                damaged = folder.name
        if not folders:
            raise MissingError("BUNDLE_MISSING", sha256[:12])
        raise MissingError("BUNDLE_DAMAGED", damaged)
