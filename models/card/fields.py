"""Which registered facts a model reads, and which facts about people no model may read."""

from __future__ import annotations

from collections.abc import Iterable

from features.feature import Feature
from features.register import Field, Privacy, Register


def read_fields(features: Iterable[Feature], register: Register) -> tuple[Field, ...]:
    """Return every registered field that one of the features reads, in the register's order."""
    read = {name.partition(".")[0] for one in features for name in one.reads}
    return tuple(one for one in register.fields if one.name in read)


def barred_fields(register: Register) -> tuple[Field, ...]:
    """Return protected attributes and other personal facts that no model may read, in the register's order."""
    barred = (one for one in register.fields if not one.usable_as_feature)
    return tuple(one for one in barred if one.privacy is not Privacy.NONE)
