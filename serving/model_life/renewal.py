"""Making what answers: at the start from whatever is there, later by exchanging only what has changed and passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from models.bundle import Bundle, load_verified, promotions
from models.bundle.manifest import NAME, DamagedBundleError, read_bundle
from models.bundle.proven import Proven
from models.bundle.proving import SECONDS_TO_VERIFY
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from serving.model_life.changeover import Change, Part, Renewed
from serving.model_life.court_windows import changes_of, tables_of
from serving.model_life.downgrade import GONE, NO_BUNDLE, Downgrade
from serving.model_life.loading import ModelLife, load_current
from serving.model_life.pointer import SHADOW
from serving.model_life.sight import Seen, Sight, take_sight
from serving.model_life.standing import Standing, register_of
from serving.repositories.urging.windows import Signed
from serving.settings import Settings
from serving.signing.signers import Signers

PROVEN: Final = Proven()
"""What workers of this service have proven; a worker that is forked later need not prove it again."""


def load_promoted(
    folder: Path,
    *,
    seconds: float = SECONDS_TO_VERIFY,
    proven: Proven | None = None,
    demand: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """Load what was promoted under this name, proven; a bundle with other hashes than the ledger's is another bundle.

    Where every hash inside a folder was made right again after a change, only
    a record outside of the folder can tell. A bundle that the ledger does not
    know is loaded all the same: its hash stands in every answer. `demand` gets
    the hash first, and refuses what nobody has vouched for.

    Raises
    ------
    DamagedBundleError
        As `load_verified`, the ledger holds another hash, or `demand` refuses.
    """
    wanted, found = promotions.promoted(folder.parents[1], folder.name), read_bundle(folder)[2]
    demand(found)
    if wanted not in {None, found}:
        raise DamagedBundleError(NAME, "与发布记录的哈希不符", "it is not what the ledger says was promoted")
    return load_verified(folder, seconds=seconds, proven=proven)


SECONDS_AT_START: Final = 10.0
"""A worker that starts waits no longer for its model: the rules can answer, and the model is tried again at once."""

Prove = Callable[[Path], Bundle]


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """Where models and rules come from.

    `rules` is the court's rule file, None for the shipped one; it is exchanged
    while running only where `watch_rules` is set, else at the next start.
    `signed` tells the urging windows that courts have signed.
    """

    bundles: Path
    rules: Path | None = None
    watch_rules: bool = False
    signed: Callable[[], Signed] = tuple
    prove: Prove = load_promoted
    prove_at_start: Prove = load_promoted

    @classmethod
    def of(cls, settings: Settings, *, signed: Callable[[], Signed] = tuple) -> Renewal:
        """Return what the settings say, trusting what siblings have proven, and no more than the signers vouch for."""
        load = partial(load_promoted, proven=PROVEN, demand=Signers.of(settings).demand)
        return cls(
            bundles=settings.bundles,
            rules=settings.rules,
            watch_rules=settings.watch_rules,
            signed=signed,
            prove=load,
            prove_at_start=partial(load, seconds=SECONDS_AT_START),
        )

    def sight(self) -> Sight:
        """Return what is on the disk and signed now."""
        return take_sight(self.bundles, rules=self.rules if self.watch_rules else None, windows=self.signed())

    def begin(self, seen: Sight) -> Renewed[Standing]:
        """Return what the first answers are made from.

        Raises
        ------
        RuleTableError, OSError
            The court's rule file is wrong: without rules nothing may be answered.
        """
        life = load_current(self.bundles, load=self.prove_at_start)
        register = register_of(life.bundle)
        rules = RuleTable.load([self.rules] if self.rules else [], register=register)
        # The challenger keeps nobody waiting: it is left for the first look.
        standing = Standing(life=life, rules=rules, register=register, sight=replace(seen, shadow=Seen(), windows=()))
        standing, windows = _windows(standing, standing, seen)
        return Renewed(standing, (_change("model", life), *windows), unfinished=seen.shadow != Seen())

    def renew(self, old: Standing, seen: Sight) -> Renewed[Standing]:
        """Exchange what has changed and passes its checks; whatever does not pass leaves the old one in use."""
        new, model = self._model(old, seen)
        new, rules = self._rules(new, seen)
        new, windows = _windows(new, old, seen)
        new, shadow = self._shadow(new, seen)
        return Renewed(new, (*model, *rules, *windows, *shadow))

    def _model(self, old: Standing, seen: Sight) -> tuple[Standing, tuple[Change, ...]]:
        if seen.model == old.sight.model and old.life.downgrade in {None, NO_BUNDLE}:
            return replace(old, life=replace(old.life, refused=None)), ()
        life = load_current(self.bundles, load=self.prove)
        if life.bundle is None:
            return _refused(old, life)
        try:
            rules = RuleTable.of(old.rules.texts, register=register_of(life.bundle))
        except RuleTableError as error:
            return _refused(old, replace(life, bundle=None, downgrade=_misfit(life, error)))
        sight = replace(old.sight, model=seen.model)
        new = replace(old, life=life, register=register_of(life.bundle), rules=rules, sight=sight)
        return new, (_change("model", life, before=_hash(old.life)),)

    def _rules(self, old: Standing, seen: Sight) -> tuple[Standing, tuple[Change, ...]]:
        if seen.rules == old.sight.rules or self.rules is None:
            return replace(old, rules_refused=None), ()
        before = old.rules.sha256
        try:
            rules = RuleTable.load([self.rules], register=old.register)
        except (RuleTableError, OSError, UnicodeDecodeError) as error:
            why = _unreadable(self.rules, error)
            return replace(old, rules_refused=why), (Change("rules", "failed", before=before, why=why),)
        new = replace(old.with_rules(rules), sight=replace(old.sight, rules=seen.rules))
        return new, (Change("rules", "done", before=before, after=rules.sha256),)

    def _shadow(self, old: Standing, seen: Sight) -> tuple[Standing, tuple[Change, ...]]:
        known = old.shadow is None or old.shadow.downgrade is None
        if seen.shadow == old.sight.shadow and known:
            return old, ()
        before = "" if old.shadow is None else _hash(old.shadow)
        sight = replace(old.sight, shadow=seen.shadow)
        life = load_current(self.bundles, load=self.prove, pointer=SHADOW)
        if life.downgrade is NO_BUNDLE:
            return replace(old, shadow=None, sight=sight), (Change("shadow", "done", before=before),)
        return replace(old, shadow=life, sight=sight), (_change("shadow", life, before=before),)


def _windows(new: Standing, old: Standing, seen: Sight) -> tuple[Standing, tuple[Change, ...]]:
    """Lay the windows that courts have signed over what is their table now."""
    if new.rules is old.rules and seen.windows == old.sight.windows:
        return new, ()
    tables = tables_of(new.rules, seen.windows, old=(old.rules, old.sight.windows, old.windows))
    changes = tuple(changes_of(new.rules, tables, old.windows))
    return replace(new, windows=tables, sight=replace(new.sight, windows=seen.windows)), changes


def _refused(old: Standing, life: ModelLife[Bundle]) -> tuple[Standing, tuple[Change, ...]]:
    """Keep what is in use; where nothing is, say the newest reason."""
    why = GONE if life.downgrade is NO_BUNDLE else life.downgrade
    if old.life.bundle is None:
        return replace(old, life=life), (_change("model", life),)
    before = _hash(old.life)
    kept = replace(old, life=replace(old.life, refused=why))
    return kept, (Change("model", "failed", before, why=why),)


def _change(part: Part, life: ModelLife[Bundle], *, before: str = "") -> Change:
    """Return what became of a bundle; to have none because none was promoted is no failure."""
    failed = life.downgrade not in {None, NO_BUNDLE}
    return Change(part, "failed" if failed else "done", before, _hash(life), life.downgrade)


def _hash(life: ModelLife[Bundle]) -> str:
    return "" if life.bundle is None else life.bundle.sha256


def _misfit(life: ModelLife[Bundle], error: RuleTableError) -> Downgrade:
    first = error.faults[0]
    zh = f"规则表不适用于模型 {life.name} 的字段：{first.zh}"
    return Downgrade("RULES_MISFIT", zh, f"the rules do not fit the fields of {life.name}: {first.en}")


def _unreadable(path: Path, error: Exception) -> Downgrade:
    said = error.faults[0] if isinstance(error, RuleTableError) else None
    zh = f"规则文件 {path.name} 未采用：{said.zh if said else type(error).__name__}"
    en = f"the rule file {path.name} was not taken: {said.en if said else type(error).__name__}"
    return Downgrade("RULES_REFUSED", zh, en)
