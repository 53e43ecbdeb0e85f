"""JSON Schemas of sessions, accounts and API keys as they are shown."""

from __future__ import annotations

from typing import Final

from serving.describe.case_schemas import INSTANT

_TEXT: Final[dict[str, object]] = {"type": "string"}
_WORDS: Final[dict[str, object]] = {"type": "array", "items": _TEXT}


def session_schema() -> dict[str, object]:
    """Return the schema of a session as its holder sees it."""
    return {
        "type": "object",
        "required": ["account", "display_name", "roles", "courts", "actions", "csrf_token", "expires_at"],
        "properties": {
            "account": _TEXT,
            "display_name": _TEXT,
            "roles": _WORDS,
            "courts": _WORDS,
            "actions": _WORDS,
            "csrf_token": _TEXT,
            "expires_at": INSTANT,
            "idle_minutes": {"type": "integer"},
            "must_change_password": {"type": "boolean"},
        },
    }


def account_schema() -> dict[str, object]:
    """Return the schema of an account; `password` is there once, when it was made."""
    return {
        "type": "object",
        "required": ["name", "display_name", "state", "roles", "courts"],
        "properties": {
            "name": _TEXT,
            "display_name": _TEXT,
            "state": {"enum": ["enabled", "disabled"]},
            "roles": _WORDS,
            "courts": _WORDS,
            "external": {"type": "boolean"},
            "must_change_password": {"type": "boolean"},
            "rights_wait": {"type": "boolean"},
            "created_at": INSTANT,
            "created_by": _TEXT,
            "password": _TEXT,
        },
    }


def api_key_schema() -> dict[str, object]:
    """Return the schema of an API key; `key` is there once, when it was made."""
    return {
        "type": "object",
        "required": ["id", "client", "state", "actions", "courts", "expires_at"],
        "properties": {
            "id": _TEXT,
            "client": _TEXT,
            "state": {"enum": ["valid", "waiting", "revoked", "expired"]},
            "actions": _WORDS,
            "courts": _WORDS,
            "created_at": INSTANT,
            "created_by": _TEXT,
            "approved_at": {"type": ["string", "null"]},
            "approved_by": {"type": ["string", "null"]},
            "expires_at": INSTANT,
            "last_used_on": {"type": ["string", "null"]},
            "key": _TEXT,
        },
    }
