"""Signatures: whether two texts were written from one form, told without keeping a word of either."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Signature = npt.NDArray[np.uint64]

LENGTH = 128
"""Numbers in a signature: likeness is told to about 0.04."""

_SHINGLE = 5
_PRIME = np.uint64((1 << 31) - 1)
_NO_FORM = re.compile(r"[^\u4e00-\u9fff]+")


def signature(text: str) -> Signature | None:
    """Return the signature of a text, shape (LENGTH,); None for a text too short to have a form.

    Only Chinese characters count: figures, dates, account and case numbers,
    Latin letters and spaces differ from case to case and are left out before
    anything else. What remains is a set of checksums from which no text can
    be read. Names of persons remain in the text but weigh little beside the
    form; they are gone with the text.
    """
    plain = _NO_FORM.sub("", unicodedata.normalize("NFKC", text))
    if len(plain) < 2 * _SHINGLE:
        return None
    pieces = {plain[i : i + _SHINGLE] for i in range(len(plain) - _SHINGLE + 1)}
    checks = np.array([zlib.crc32(piece.encode()) for piece in pieces], dtype=np.uint64) % _PRIME
    factors, shifts = _hashes()
    return np.asarray(((factors[:, None] * checks + shifts[:, None]) % _PRIME).min(axis=1), dtype=np.uint64)


def forms(signatures: Sequence[Signature | None], likeness: float) -> npt.NDArray[np.int64]:
    """Return the form of each text, numbered from 0 in order of appearance, -1 where there is no signature.

    A text joins the first form whose first text is alike enough; forms are
    not chained by texts in between.
    """
    leaders: list[Signature] = []
    found = np.full(len(signatures), -1, dtype=np.int64)
    for place, one in enumerate(signatures):
        if one is None:
            continue
        alike = (np.array(leaders) == one).mean(axis=1) >= likeness if leaders else np.zeros(0, dtype=bool)
        if not alike.any():
            leaders.append(one)
            found[place] = len(leaders) - 1
        else:
            found[place] = int(np.argmax(alike))
    return found


@lru_cache(maxsize=1)
def _hashes() -> tuple[Signature, Signature]:
    """Return fixed multipliers and shifts; the same text has the same signature everywhere."""
    rng = np.random.default_rng(20_261_126)
    factors = rng.integers(1, int(_PRIME), LENGTH, dtype=np.uint64)
    return factors, rng.integers(0, int(_PRIME), LENGTH, dtype=np.uint64)
