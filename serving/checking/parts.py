"""The parts of the service that must be there: keys, store, audit trail, rules, and perhaps a model."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from features.register import load_register
from models.rules.rule import RuleTableError
from serving.audit.rehearsal import Rehearsal
from serving.bootstrap import current_model, load_rules
from serving.checking.finding import DAMAGED, UNREACHABLE, UNSAFE, Finding
from serving.keys import KeyFileError
from serving.model_life import NO_BUNDLE, SIMULATED
from serving.opening import keys_of, now, open_store
from serving.settings import Settings
from serving.store.engine import StoreFileError
from serving.store.faults import StoreUnavailableError
from serving.store.roles import excess_of
from serving.store.schema import KeyMismatchError, StoreSchemaError


def keys(settings: Settings) -> Finding:
    """Look at the key files."""
    try:
        keys_of(settings)
    except KeyFileError as error:
        return Finding("密钥 / keys", str(error), UNSAFE)
    return Finding("密钥 / keys", str(settings.key_folder))


def store(settings: Settings) -> Finding:
    """Open the database as a worker does, and try whether it can be written."""
    part = "存储 / store"
    try:
        opened = open_store(settings, keys_of(settings))
    except KeyFileError:
        return Finding(part, "密钥不可用，未检查 / not checked without the keys", UNSAFE)
    except KeyMismatchError as error:
        return Finding(part, str(error), UNSAFE)
    except (StoreFileError, StoreSchemaError, StoreUnavailableError, OSError) as error:
        return Finding(part, str(error), UNREACHABLE)
    ready, excess = opened.ready(), opened.read(excess_of)
    opened.close()
    shown = str(settings.database_file) if isinstance(settings.place, Path) else "PostgreSQL"
    if excess:
        shown += f"（服务角色权限过大：{'、'.join(excess)}；应与属主角色分开 / the service's role has too many rights）"
    return Finding(part, shown) if ready else Finding(part, "不可写 / not writable", UNREACHABLE)


def trail(settings: Settings) -> Finding:
    """Try whether the audit trail takes a row; nothing of it stays."""
    part = "审计 / audit"
    try:
        ring = keys_of(settings)
        opened = open_store(settings, ring)
    except (KeyFileError, KeyMismatchError):
        return Finding(part, "未检查 / not checked", UNSAFE)
    except (StoreFileError, StoreSchemaError, StoreUnavailableError, OSError):
        return Finding(part, "未检查 / not checked", UNREACHABLE)
    fault = Rehearsal(opened, ring).fault(now())
    opened.close()
    if fault:
        return Finding(part, f"不可追加 / takes no row（{fault}）", UNREACHABLE)
    return Finding(part, f"可追加；链首另存 / appendable; heads also in {settings.heads_folder}")


def rules(settings: Settings) -> Finding:
    """Read the rule tables."""
    part = "规则 / rules"
    try:
        table = load_rules(settings, load_register())
    except (RuleTableError, OSError) as error:
        return Finding(part, str(error), UNSAFE)
    return Finding(part, table.version)


def model(settings: Settings, *, today: date) -> Finding:
    """Prove and load the promoted bundle."""
    part = "模型 / model"
    life = current_model(settings)
    if life.downgrade is not None:
        none = life.downgrade is NO_BUNDLE
        status = 0 if none else DAMAGED
        return Finding(part, f"{life.downgrade.zh} / {life.downgrade.en}", status, doubtful=none)
    if life.bundle is None:
        return Finding(part, "未加载 / not loaded", DAMAGED)
    about = life.bundle.about
    notes = [f"有效至 / valid until {about.valid_until}", *([" / ".join(SIMULATED)] if about.simulated else [])]
    late = today > about.valid_until
    if late:
        notes.append("已过有效期，不评分 / past its date; no score is given")
    return Finding(part, f"{life.name}（{'；'.join(notes)}）", doubtful=late or about.simulated)
