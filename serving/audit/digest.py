"""The digest of a record's row: what the audit row keeps of it, so that a changed record is found."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson


def row_digest(row: Mapping[str, object]) -> str:
    """Return SHA-256 over all columns of a row as stored: text and numbers as they are, bytes by their own digest.

    No key is needed to check it; the audit row that holds it is protected by
    the chain. Empty columns do not count, so that a table may get a new column
    without making its old rows look changed.
    """
    plain = {
        str(name): sha256(value).hexdigest() if isinstance(value, bytes) else value
        for name, value in row.items()
        if value is not None
    }
    return sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
