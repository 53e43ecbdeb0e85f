"""Where a run comes from: the code, the lock file and the home in which it leaves its traces."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from training.errors import CommandError

ROOT = Path(__file__).resolve().parents[1]


def code_version() -> str:
    """Return the package's version and, where the code stands in a git checkout, its commit."""
    try:
        release = version("fenliu")
    except PackageNotFoundError:
        release = "0+unknown"
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return release
    command = [git, "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - fixed words
    return f"{release}+g{done.stdout.strip()}" if done.returncode == 0 else release


def lock_sha256() -> str:
    """Return the hash of the lock file, empty where the package was installed without one."""
    path = ROOT / "requirements.lock"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def file_sha256(path: Path) -> str:
    """Return the hash of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Home:
    """FENLIU_HOME: histories, runs, bundles and the experiment record of one installation."""

    path: Path

    @classmethod
    def of_environment(cls) -> Home:
        """Return the home that FENLIU_HOME names, else `.fenliu` in the working directory."""
        return cls(Path(os.environ.get("FENLIU_HOME") or ".fenliu"))

    @property
    def history(self) -> Path:
        """The history that commands use unless told otherwise."""
        return self.path / "history"

    @property
    def bundles(self) -> Path:
        """Promoted bundles, and the file `current` that names the champion."""
        return self.path / "bundles"

    def new_run(self, command: str, now: datetime) -> Path:
        """Make the folder of a run, `runs/<time>-<command>`; a second run in the same second gets a number."""
        base = f"{now:%Y%m%dT%H%M%S}-{command}"
        for number in range(1, 1000):
            folder = self.path / "runs" / (base if number == 1 else f"{base}-{number}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return folder
        raise CommandError("EXISTS", f"同一秒内的运行太多：{base}", f"too many runs in one second: {base}")

    @contextmanager
    def begun_run(self, command: str, now: datetime, *, out: Path | None = None) -> Iterator[Path]:
        """Make the folder of a run, `out` where one is named, which must be new or empty.

        Where the run is refused or broken off, the folder is taken away with all in it.
        """
        folder = self.new_run(command, now) if out is None else new_folder(out)
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def find_bundle(self, name: str) -> Path:
        """Return the bundle folder that a person means: a path, a run, a promoted name, `latest` or `champion`.

        Raises
        ------
        CommandError
            NOT_FOUND: nothing of that name.
        """
        trained = sorted((self.path / "runs").glob("*-train*/bundle/*"), key=lambda path: path.parts[-3])
        named = [path for path in trained if name in {path.name, path.parts[-3]}]
        current = self.bundles / "current"
        places = {
            "latest": trained[-1:],
            "champion": [self.bundles / current.read_text(encoding="utf-8").strip()] if current.is_file() else [],
        }.get(name, [Path(name), *named, self.bundles / name])
        for place in places:
            if (place / "manifest.json").is_file():
                return place
        raise CommandError("NOT_FOUND", f"没有模型包 {name!r}（在 {self.path}）", f"no bundle {name!r} in {self.path}")

    def config_of(self, bundle: Path) -> Path | None:
        """Return the settings that a bundle was trained with: beside it, or in the run that trained it.

        A promoted bundle lies away from its run; it must not be measured by other settings for that.
        """
        trained = (path.parents[1] for path in (self.path / "runs").glob(f"*-train*/bundle/{bundle.name}"))
        places = (folder / "config.lock.json" for folder in (bundle.parent.parent, *trained))
        return next((place for place in places if place.is_file()), None)


def write_json(path: Path, document: Mapping[str, object]) -> None:
    """Write a document that people can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
    write_whole(path, text)


def new_folder(folder: Path, *, make: bool = True) -> Path:
    """Return a folder that is new or empty, made unless told otherwise.

    Raises
    ------
    CommandError
        EXISTS: something is there.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        zh, en = (
            f"{folder} 不是新的或空的目录（--force 也不覆盖）",
            f"{folder} is no new or empty folder, with --force either",
        )
        raise CommandError("EXISTS", zh, en)
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, even after a power cut."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
