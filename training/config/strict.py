"""Settings of any kind from files and `a.b=value` overrides, strictly: an unknown key or a wrong type is refused."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from training.errors import CommandError

Kind = TypeVar("Kind")

_ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
"""A date as JSON holds it."""


def load_typed(
    kind: type[Kind],
    package: str,
    path: Path | None,
    overrides: Sequence[str],
    *,
    shipped: Mapping[str, Any] = MappingProxyType({}),
) -> Kind:
    """Read the `defaults.toml` of a package, a file and overrides over it, strictly into a settings class.

    `shipped` are defaults that stand elsewhere.

    Raises
    ------
    CommandError
        CONFIG: an unknown key, a wrong type, or no TOML.
    """
    document = {**shipped, **tomllib.loads(files(package).joinpath("defaults.toml").read_text(encoding="utf-8"))}
    if path is not None:
        document = _merged(document, parse_file(path))
    for override in overrides:
        document = _merged(document, _parse_override(override))
    return build_typed(kind, document)


def build_typed(kind: type[Kind], document: object, path: str = "") -> Kind:
    """Turn plain values, as TOML or JSON holds them, strictly into a settings class; `path` is where they stand."""
    built: Kind = _build(kind, document, path)
    return built


def plain_values(settings: Any) -> Any:  # noqa: ANN401 - a settings class, and whatever it holds
    """Return a settings class as plain values, from which `build_typed` makes it again."""
    if is_dataclass(settings) and not isinstance(settings, type):
        return {f.name: plain_values(getattr(settings, f.name)) for f in fields(settings)}
    if isinstance(settings, Mapping):
        return {name: plain_values(value) for name, value in settings.items()}
    if isinstance(settings, tuple | list):
        return [plain_values(value) for value in settings]
    return settings.isoformat() if isinstance(settings, date) else settings


def refuse(path: str, value: object, zh: str, en: str) -> NoReturn:
    """Say which value of a setting has no meaning, and what has."""
    raise CommandError("CONFIG", f"{path} 应为{zh}，收到 {value!r}", f"{path} takes {en}, got {value!r}")


def parse_file(path: Path) -> dict[str, Any]:
    """Return what a TOML or JSON file holds.

    Raises
    ------
    CommandError
        NOT_FOUND, CONFIG: there is none, or it cannot be read as such.
    """
    if not path.is_file():
        raise CommandError("NOT_FOUND", f"没有配置文件 {path}", f"no configuration file {path}")
    try:
        text = path.read_text(encoding="utf-8")
        return dict(json.loads(text)) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise CommandError("CONFIG", f"{path} 无法解析：{error}", f"{path} cannot be parsed: {error}") from error


def _parse_override(text: str) -> dict[str, Any]:
    """Read `a.b=1` as TOML; a bare word counts as a string."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise CommandError("CONFIG", f"--set 应为 键=值，收到 {text!r}", f"--set takes key=value, got {text!r}")
    for candidate in (value, '"' + value.replace('"', '\\"') + '"'):
        try:
            return tomllib.loads(f"{key}={candidate}")
        except tomllib.TOMLDecodeError:
            continue
    raise CommandError("CONFIG", f"--set 的值不是 TOML：{text!r}", f"the value of --set is not TOML: {text!r}")


def _merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    tables = [key for key in top if isinstance(base.get(key), dict) and isinstance(top[key], dict)]
    return {**base, **top, **{key: _merged(base[key], top[key]) for key in tables}}


def _build(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - a value of any declared type
    """Turn plain TOML values into the declared type, refusing everything else."""
    if is_dataclass(kind):
        return _build_dataclass(kind, value, path)
    origin, args = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _build(args[0], value, path)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(args[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return MappingProxyType({key: _build(args[1], item, f"{path}.{key}") for key, item in value.items()})
    return _scalar(kind, value, path)


def _scalar(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - a plain value
    if kind is float and type(value) is int:
        return float(value)
    if kind is date and isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return date.fromisoformat(value)
    if type(value) is kind:
        return value
    wanted = (get_origin(kind) or kind).__name__
    raise CommandError("CONFIG", f"{path} 应为 {wanted}，收到 {value!r}", f"{path} takes {wanted}, got {value!r}")


def _build_dataclass(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - any settings class
    if not isinstance(value, dict):
        raise CommandError("CONFIG", f"{path} 应为一张表，收到 {value!r}", f"{path} takes a table, got {value!r}")
    hints = get_type_hints(kind)
    prefix = f"{path}." if path else ""
    unknown = sorted(set(value) - set(hints))
    if unknown:
        names = ", ".join(prefix + name for name in unknown)
        raise CommandError("CONFIG", f"未知的配置键 {names}", f"unknown configuration key {names}")
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    missing = sorted(required - set(value))
    if missing:
        names = ", ".join(prefix + name for name in missing)
        raise CommandError("CONFIG", f"缺少配置键 {names}", f"missing configuration key {names}")
    return kind(**{name: _build(hints[name], item, prefix + name) for name, item in value.items()})
