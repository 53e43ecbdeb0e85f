"""The settings of a command: the shipped ones, a court's own file over them, and what the command line says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.promotion.gates import Gate, shipped_gates
from training.config.checks import check
from training.config.settings import Settings
from training.config.strict import build_typed, load_typed, parse_file, plain_values


def load_settings(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Read the defaults, then a court's own file, then `a.b=value` overrides.

    Raises
    ------
    CommandError
        CONFIG: an unknown key, a wrong type, a value out of range, or no TOML.
    """
    settings = load_typed(
        Settings, "training", path, overrides, shipped={"gates": [plain_values(gate) for gate in shipped_gates()]}
    )
    check(settings)
    return settings


def load_gates(path: Path) -> tuple[Gate, ...]:
    """Read gates from a file of their own, in the form of `[[gates]]`."""
    return build_typed(tuple[Gate, ...], parse_file(path).get("gates", []), "gates")
