"""What every command is given, and how trouble that several of them meet is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from features.register import Stage
from models.bundle import Bundle
from models.bundle.manifest import DamagedBundleError
from models.rules.rule import RuleTableError
from training.config import Settings, load_settings
from training.console import Console
from training.errors import CommandError, refusals
from training.history import HistoryError
from training.importing.reading import DataRejectedError
from training.importing.strict_record import MappingError
from training.provenance import Home
from training.rule_tools.tables.opening import rejected

DONE, GATE_FAILED, REJECTED = 0, 1, 3


@dataclass(frozen=True)
class Session:
    """What every command is given: its voice, the home, the instant, and the options they share."""

    console: Console
    home: Home
    now: datetime
    config: Path | None = None
    overrides: tuple[str, ...] = ()
    seed: int | None = None
    data: Path | None = None
    out: Path | None = None
    dry_run: bool = False
    force: bool = False

    def settings(self) -> Settings:
        """Return the settings that the options ask for."""
        extra = () if self.seed is None else (f"seed={self.seed}",)
        return load_settings(self.config, (*self.overrides, *extra))

    @property
    def history(self) -> Path:
        """The history to work on."""
        return self.data or self.home.history


@contextmanager
def refusing_bad_data() -> Iterator[None]:
    """Turn what readers of data say into refusals of a command; their codes stay the same."""
    try:
        yield
    except (HistoryError, DataRejectedError, MappingError) as error:
        code = error.code if error.code in refusals() else "DATA_REJECTED"
        raise CommandError(code, error.zh, error.en) from error
    except RuleTableError as error:
        raise rejected(error.faults) from error


@contextmanager
def resumable(verb: str, folder: Path) -> Iterator[None]:
    """Say where work that is broken off can be gone on with."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        how = f"fenliu {verb} --resume {folder}"
        zh, en = f"fenliu {verb} 被中断，续做：{how}", f"fenliu {verb} was interrupted; go on with: {how}"
        raise CommandError("INTERRUPTED", zh, en) from stopped


def begun_before(session: Session, verb: str, name: str, *, plan: str) -> Path:
    """Return the folder that a person means: a path, a run, or the latest run of the verb that has a plan."""
    runs = session.home.path / "runs"
    latest = sorted(runs.glob(f"*-{verb}*/{plan}")) if name == "latest" else []
    places = [Path(name), runs / name, *(file.parent for file in latest[-1:])]
    return next((place for place in places if (place / plan).is_file()), Path(name))


@contextmanager
def taking_away_if_empty(folder: Path) -> Iterator[None]:
    """Take the folder of a run away where its plan could not be written."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            folder.rmdir()
        raise


def load_bundle(folder: Path) -> Bundle:
    """Return the bundle of a folder; a damaged one is refused."""
    try:
        return Bundle.load(folder)
    except DamagedBundleError as error:
        raise CommandError("BUNDLE_DAMAGED", f"{error.file}：{error.zh}", f"{error.file}: {error.en}") from error


def stages_of(name: str | None) -> list[Stage]:
    """Return the asked stage, both when none is asked for."""
    if name is None:
        return list(Stage)
    if name not in list(Stage):
        raise CommandError("USAGE", f"--stage 应为 A 或 B，收到 {name!r}", f"--stage takes A or B, got {name!r}")
    return [Stage(name)]


def free_output(session: Session, run: Path, asked: Path | None, *, name: str) -> Path:
    """Return where a list goes, in the folder of the run unless told; what is there already stays unless forced."""
    return free_file(asked or run / name, force=session.force)


def free_file(out: Path, *, force: bool) -> Path:
    """Return the file if it may be written.

    Raises
    ------
    CommandError
        EXISTS: it is there and may not be overwritten, or it is a folder.
    """
    if out.is_dir() or (out.exists() and not force):
        raise CommandError("EXISTS", f"{out} 已存在", f"{out} exists")
    return out
