"""The files for deployment and the papers on operation: they name what exists, and promise what is there."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from serving.checking.surroundings import names
from serving.cli.main import app
from serving.health.findings import CODES
from serving.settings import Settings
from tests.builders_servers import ROOT

DEPLOY = ROOT / "docs" / "deploy"
PAPERS = ("docs/operation.md", "docs/operation.zh.md")


def text(name: str) -> str:
    """Return a file's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def variables(name: str) -> dict[str, str]:
    """Return every FENLIU variable that a file mentions."""
    return dict.fromkeys(re.findall(r"FENLIU_[A-Z_]+", text(name)), "x")


@pytest.mark.parametrize("name", [*PAPERS, *(f"docs/deploy/{path.name}" for path in sorted(DEPLOY.iterdir()))])
def test_every_setting_that_is_mentioned_exists(name: str) -> None:
    """A mistyped setting in an example would be silently not made."""
    assert not names(variables(name)).doubtful


def test_the_example_of_settings_is_accepted() -> None:
    """As it stands, comments left out."""
    lines = (line for line in text("docs/deploy/fenliu.env").splitlines() if line and not line.startswith("#"))
    settings = Settings.read(dict(line.split("=", 1) for line in lines))
    assert (settings.workers, settings.metrics_port) == (2, 9300)


@pytest.mark.parametrize("name", PAPERS)
def test_every_command_that_is_mentioned_exists(name: str) -> None:
    """Each is in the command's own help."""
    help_of = {"": CliRunner().invoke(app, ["--help"]).output}
    help_of["models "] = CliRunner().invoke(app, ["models", "--help"]).output
    found = re.findall(r"fenliu-serve (models )?([a-z]+)", text(name))
    assert len(found) >= 8
    assert [verb for group, verb in found if not re.search(rf"\b{verb}\b", help_of[group])] == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_finding_of_readiness_is_explained(name: str) -> None:
    """An operator who meets a code finds it in the paper."""
    assert [code for code in CODES if f"`{code}`" not in text(name)] == []


def test_the_unit_gives_the_service_no_more_than_it_needs() -> None:
    """No new rights, nothing writable but its own folder, no network but this machine, bounded memory and end."""
    unit = text("docs/deploy/fenliu.service")
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "CapabilityBoundingSet=\n",
                 "IPAddressDeny=any", "UMask=0077", "Restart=always", "Type=notify", "KillMode=mixed"):  # fmt: skip
        assert f"\n{line}" in unit
    assert re.search(r"^MemoryMax=\d", unit, flags=re.MULTILINE)
    longest = Settings().drain_seconds + 25
    assert int(re.findall(r"^TimeoutStopSec=(\d+)", unit, flags=re.MULTILINE)[0]) > longest


def test_the_proxy_repeats_only_what_carries_a_key() -> None:
    """One place repeats, and only calls with an idempotency key come to it."""
    conf = text("docs/deploy/nginx.conf")
    keyed = conf[conf.index("location @keyed") :]
    assert conf.count("non_idempotent") == 1
    assert "non_idempotent" in keyed[: keyed.index("}")]
    assert conf.count("proxy_next_upstream off;") == 2
    assert re.search(r'map \$http_idempotency_key \$fenliu_keyed \{\s+default 1;\s+""\s+0;', conf)
