"""The pointers beside the bundles: small files that name which bundle answers and which one is only compared."""

from __future__ import annotations

import os
import re
import stat
from itertools import chain, islice
from pathlib import Path
from typing import Final

from models.bundle.contents import below

CURRENT: Final = "current"
SHADOW: Final = "shadow"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_BYTES: Final = 256
_MOST_FILES: Final = 2000

Signature = tuple[tuple[str, int, int, int], ...]
"""Place, inode, size and time of change of everything in a folder: equal as long as nobody has touched it."""


class PointerError(ValueError):
    """A pointer does not name a bundle folder beside it."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(f"{file}：{zh} / {file}: {en}")
        self.file = file
        self.zh = zh
        self.en = en


def read_pointer(bundles: Path, pointer: str) -> str | None:
    """Return the name of the bundle that the pointer names; None where there is no such file.

    A name is a name: no path, no link, no text that hides another. Whatever
    lies in the file's place is neither followed nor waited for.

    Raises
    ------
    PointerError
        The pointer cannot be read or does not hold a name.
    """
    try:
        content = _read(bundles / pointer)
        name = content.decode("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise PointerError(pointer, f"无法读取（{type(error).__name__}）", "cannot be read") from error
    if not _NAME.fullmatch(name):
        raise PointerError(pointer, "内容不是模型文件夹名", "does not name a bundle folder")
    return name


def is_name(text: str) -> bool:
    """Whether a text may be the name of a bundle's folder."""
    return _NAME.fullmatch(text) is not None


def signature_of(folder: Path) -> Signature:
    """Return the signature of a folder; it reads no file, so it may be taken every second."""
    found: list[tuple[str, int, int, int]] = []
    for path in chain([folder], (path for path, _ in islice(below(folder), _MOST_FILES))):
        try:
            status = path.lstat()
        except OSError:
            continue
        found.append((path.relative_to(folder.parent).as_posix(), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found))


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            msg = f"{path.name} 不是普通文件 / is not a plain file"
            raise OSError(msg)
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        msg = f"{path.name} 过长 / is too long"
        raise OSError(msg)
    return content
