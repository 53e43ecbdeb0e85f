"""The manifest of a bundle: what every file must hash to, checked before anything in it is believed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from models.bundle.contents import DEEPEST, below

NAME = "manifest.json"
FORMAT = "fenliu-bundle/1"
SUFFIXES = frozenset({".json", ".txt"})
"""Kinds of files there are in a bundle; no other is taken, whatever the manifest says of it."""
MOST_MANIFEST = 4 * 1024 * 1024
"""Bytes beyond which a manifest is none."""
LARGEST = 256 * 1024 * 1024
"""Bytes beyond which a file is no file of a bundle."""
MOST_FILES = 1000
MOST_BYTES = 1024 * 1024 * 1024
"""Bytes beyond which all files together are no bundle."""


class DamagedBundleError(ValueError):
    """A bundle is not what was promoted: `file` names the first part that is wrong."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(f"模型包已损坏：{file}：{zh} / damaged bundle: {file}: {en}")
        self.file = file
        self.zh = zh
        self.en = en


def canonical(document: Mapping[str, object]) -> bytes:
    """Return the one spelling of a JSON document."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n").encode()


def manifest_of(about: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of these files.

    The seal is the hash of the manifest itself without the seal, so that an
    edited manifest is noticed without any other record; the promotion ledger
    keeps the hash of the whole.
    """
    listed = {name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()}
    open_document = {"format": FORMAT, "about": dict(about), "files": listed}
    return canonical({**open_document, "seal": sha256(canonical(open_document)).hexdigest()})


def write_bundle(folder: Path, about: Mapping[str, object], files: Mapping[str, bytes]) -> str:
    """Write all files and the manifest into a new folder, or nothing; return the manifest's SHA-256.

    Raises
    ------
    FileExistsError
        The folder is there already: a bundle is never changed.
    """
    if folder.exists():
        msg = f"模型包 {folder.name} 已存在，不得改写 / bundle {folder.name} exists and is never changed"
        raise FileExistsError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    partial.chmod(0o755)
    manifest = manifest_of(about, files)
    try:
        for name, content in [*files.items(), (NAME, manifest)]:
            _write(partial / name, content)
        partial.rename(folder)
    except BaseException:
        rmtree(partial, ignore_errors=True)
        raise
    return sha256(manifest).hexdigest()


def read_bundle(folder: Path) -> tuple[Mapping[str, object], Mapping[str, bytes], str]:
    """Return what the manifest says, every file's content as hashed, and the manifest's SHA-256.

    What is returned is what was hashed: nothing is read twice.

    Raises
    ------
    DamagedBundleError
        A file is changed, cut, missing, too many, too large, or no plain file.
    """
    found = dict(_plain_files(folder))
    if NAME not in found:
        raise DamagedBundleError(NAME, "文件缺失", "the file is missing")
    manifest = _read(found.pop(NAME), NAME, most=MOST_MANIFEST)
    document = _opened(manifest)
    listed = document["files"]
    for name in sorted(found.keys() - listed.keys()):
        raise DamagedBundleError(name, "清单之外的文件", "the file is not in the manifest")
    contents: dict[str, bytes] = {}
    left = MOST_BYTES
    for name in sorted(listed):
        if name not in found:
            raise DamagedBundleError(name, "文件缺失", "the file is missing")
        contents[name] = _read(found[name], name, most=min(LARGEST, left))
        left -= len(contents[name])
        if sha256(contents[name]).hexdigest() != listed[name]["sha256"]:
            raise DamagedBundleError(name, "内容与清单不符", "the content is not what the manifest says")
    return document["about"], contents, sha256(manifest).hexdigest()


def parsed(files: Mapping[str, bytes], name: str) -> dict[str, object]:
    """Return the JSON object in one of the verified files.

    Raises
    ------
    DamagedBundleError
        The file is not there or is no JSON object.
    """
    if name not in files:
        raise DamagedBundleError(name, "文件缺失", "the file is missing")
    return _json(files[name], name)


def _opened(manifest: bytes) -> dict[str, dict[str, dict[str, object]]]:
    """Return the manifest if it is sealed, spelt as it was written, and of a format that is understood."""
    document = _json(manifest, NAME)
    if not _sealed(document, manifest):
        raise DamagedBundleError(NAME, "清单已被改动", "the manifest was changed")
    if document.get("format") != FORMAT:
        said = str(document.get("format"))[:40]
        raise DamagedBundleError(NAME, f"不支持的格式 {said}", f"unknown format {said}")
    if not _well_formed(document):
        raise DamagedBundleError(NAME, "清单格式不对", "the manifest is not built as a manifest is")
    return document  # type: ignore[return-value]


def _sealed(document: Mapping[str, object], manifest: bytes) -> bool:
    """Whether the seal is right and the manifest spelt as it was written; what cannot be spelt at all is not."""
    plain = {name: value for name, value in document.items() if name != "seal"}
    try:
        seal = sha256(canonical(plain)).hexdigest()
        return canonical({**plain, "seal": seal}) == manifest
    except (ValueError, RecursionError):
        return False


def _well_formed(document: Mapping[str, object]) -> bool:
    """Whether the parts that are read before the child process are there; a right seal promises nothing."""
    files = document.get("files")
    return (
        isinstance(document.get("about"), dict)
        and isinstance(files, dict)
        and all(isinstance(entry, dict) and "sha256" in entry for entry in files.values())
    )


def _json(content: bytes, name: str) -> dict[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedBundleError(name, "不是有效的 JSON", "the file is no JSON") from error
    if not isinstance(document, dict):
        raise DamagedBundleError(name, "不是 JSON 对象", "the file holds no JSON object")
    return document


def _plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file below the folder; links, other kinds, and any flood of them are refused."""
    if not folder.is_dir() or folder.is_symlink():
        raise DamagedBundleError(NAME, "模型包文件夹不存在", "there is no such bundle folder")
    for number, (path, level) in enumerate(below(folder)):
        # A name need not be text at all, and must be fit to be told.
        place = os.fsencode(path.relative_to(folder)).decode("utf-8", errors="backslashreplace")
        if number >= MOST_FILES:
            raise DamagedBundleError(NAME, f"文件多于 {MOST_FILES} 个", f"there are more than {MOST_FILES} files")
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise DamagedBundleError(place, "不是普通文件", "not a plain file")
        if level > DEEPEST:
            raise DamagedBundleError(place[:80], f"文件夹多于 {DEEPEST} 层", f"deeper than {DEEPEST} folders")
        if stat.S_ISREG(mode) and path.suffix not in SUFFIXES:
            raise DamagedBundleError(place, "模型包中没有这类文件", "a bundle has no files of this kind")
        if stat.S_ISREG(mode):
            yield place, path


def _read(path: Path, name: str, *, most: int = LARGEST) -> bytes:
    """Read a plain file of bounded size; neither a link nor a pipe put in its place is followed or waited for."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DamagedBundleError(name, "不是普通文件", "not a plain file")
            content = file.read(most + 1)
    except OSError as error:
        raise DamagedBundleError(name, "无法读取", "the file cannot be read") from error
    if len(content) > most:
        raise DamagedBundleError(name, "文件过大", "the file is too large")
    return content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
