"""Can the service start here? One line a part, in the order in which a worker opens them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from features.register import load_register
from models.rules.rule import RuleTableError
from serving.bootstrap import current_model, load_rules
from serving.keys import KeyFileError
from serving.model_life import NO_BUNDLE, SIMULATED
from serving.opening import keys_of, open_store
from serving.settings import Settings
from serving.store.engine import StoreFileError
from serving.store.faults import StoreUnavailableError
from serving.store.roles import excess_of
from serving.store.schema import KeyMismatchError, StoreSchemaError

DAMAGED: Final = 1
UNREACHABLE: Final = 6
UNSAFE: Final = 2


@dataclass(frozen=True)
class Finding:
    """What was found out about one part."""

    part: str
    text: str
    status: int = 0


def check(settings: Settings, say: Callable[[str], None]) -> int:
    """Check every part, say what was found, and return the exit code."""
    findings = [_key(settings), _store(settings), _rules(settings), _model(settings)]
    for finding in findings:
        say(f"{'✗' if finding.status else '✓'} {finding.part}：{finding.text}")
    return max(finding.status for finding in findings)


def _key(settings: Settings) -> Finding:
    try:
        keys_of(settings)
    except KeyFileError as error:
        return Finding("密钥 / keys", str(error), UNSAFE)
    return Finding("密钥 / keys", str(settings.key_folder))


def _store(settings: Settings) -> Finding:
    part = "存储 / store"
    try:
        store = open_store(settings, keys_of(settings))
    except KeyFileError:
        return Finding(part, "密钥不可用，未检查 / not checked without the keys", UNSAFE)
    except KeyMismatchError as error:
        return Finding(part, str(error), UNSAFE)
    except (StoreFileError, StoreSchemaError, StoreUnavailableError, OSError) as error:
        return Finding(part, str(error), UNREACHABLE)
    ready, excess = store.ready(), store.read(excess_of)
    store.close()
    shown = str(settings.database_file) if isinstance(settings.place, Path) else "PostgreSQL"
    if excess:
        shown += f"（服务角色权限过大：{'、'.join(excess)}；应与属主角色分开 / the service's role has too many rights）"
    return Finding(part, shown) if ready else Finding(part, "不可写 / not writable", UNREACHABLE)


def _rules(settings: Settings) -> Finding:
    part = "规则 / rules"
    try:
        table = load_rules(settings, load_register())
    except (RuleTableError, OSError) as error:
        return Finding(part, str(error), UNSAFE)
    return Finding(part, table.version)


def _model(settings: Settings) -> Finding:
    life = current_model(settings)
    if life.downgrade is not None:
        status = 0 if life.downgrade is NO_BUNDLE else DAMAGED
        return Finding("模型 / model", f"{life.downgrade.zh} / {life.downgrade.en}", status)
    simulated = life.bundle is not None and life.bundle.about.simulated
    return Finding("模型 / model", f"{life.name}（{' / '.join(SIMULATED)}）" if simulated else str(life.name))
