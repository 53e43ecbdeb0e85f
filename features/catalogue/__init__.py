"""The catalogue: every question that models may ask of a case, a file per family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from features.catalogue import (
    applicant,
    basis,
    claim,
    clues,
    debtor,
    history,
    preservation,
    query,
    trial,
    urging,
)
from features.extensions import ExtensionField
from features.feature import Feature
from features.register import Stage

_FAMILIES = (basis, trial, claim, applicant, debtor, history, preservation, clues, urging, query)

FEATURES: tuple[Feature, ...] = tuple(feature for family in _FAMILIES for feature in family.FEATURES)
"""Every shipped feature, in the order of the columns of a matrix."""


def catalogue(stage: Stage, extensions: Sequence[ExtensionField] = ()) -> tuple[Feature, ...]:
    """Return the features of a stage in a stable order: the shipped ones, then the court's own.

    Raises
    ------
    ValueError
        Two features have the same name.
    """
    own = tuple(feature for extension in extensions for feature in extension.features())
    chosen = tuple(feature for feature in FEATURES + own if feature.serves(stage))
    names = [feature.name for feature in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"特征重名：{twice} / features of the same name: {twice}"
        raise ValueError(msg)
    return chosen


def codes_used() -> Mapping[str, tuple[Feature, ...]]:
    """Return the features behind each reason code, codes in order; `models/reasons.csv` words them."""
    codes = sorted({feature.code for feature in FEATURES})
    return MappingProxyType({code: tuple(f for f in FEATURES if f.code == code) for code in codes})


__all__ = ["FEATURES", "catalogue", "codes_used"]
