"""Command fenliu-serve: exit codes, Chinese first, quick help, and a demonstration that runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders_models import tiny_bundle
from tests.builders_servers import ROOT, environment, free_port


def command(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "serving.cli", *arguments],
        cwd=ROOT, env=environment(folder, **variables), capture_output=True, text=True, timeout=300, check=False,
        encoding="utf-8",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["serve", "check", "demo", "migrate", "backup", "restore", "stop", "resume", "replay"])
def test_every_command_has_help_with_an_example(tmp_path: Path, name: str) -> None:
    """A newcomer can copy it."""
    done = command(tmp_path, name, "--help")
    assert done.returncode == 0
    assert f"fenliu-serve {name}" in done.stdout


def test_help_does_not_wait_for_the_service(tmp_path: Path) -> None:
    """Under half a second of processor time: database, models and BentoML are imported when used."""
    before = os.times()
    assert command(tmp_path, "--help").returncode == 0
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent < 1.0


def test_a_new_home_can_start(tmp_path: Path) -> None:
    """Key, store and rules are there, the model is not: rules mode is no failure."""
    done = command(tmp_path, "check")
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    assert "仅按规则答复" in done.stdout


def test_a_damaged_model_is_exit_one(tmp_path: Path) -> None:
    """It would start, without the model that the court promoted."""
    bundles = tmp_path / "home" / "bundles"
    folder = tiny_bundle(bundles, "tiny-1")
    (bundles / "current").write_text("tiny-1", encoding="utf-8")
    min(folder.rglob("*.txt")).write_text("x", encoding="utf-8")
    done = command(tmp_path, "check")
    assert (done.returncode, "模型未通过核验" in done.stdout) == (1, True)


def test_unsafe_settings_are_exit_two(tmp_path: Path) -> None:
    """A sentence in both languages on stderr, nothing on stdout, no traceback."""
    done = command(tmp_path, "serve", "--host", "0.0.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("错误 [SETTINGS] FENLIU_HOST='0.0.0.0' 可被其他机器访问")
    assert "Traceback" not in done.stderr


def test_a_leaky_key_is_exit_two_and_a_leaky_store_six(tmp_path: Path) -> None:
    """What others can read is refused before anything is served."""
    home = tmp_path / "home"
    assert command(tmp_path, "check").returncode == 0
    (home / "keys" / "token.key").chmod(0o644)
    assert command(tmp_path, "check").returncode == 2
    (home / "keys" / "token.key").chmod(0o600)
    (home / "fenliu.db").chmod(0o644)
    assert command(tmp_path, "check").returncode == 6


def test_a_wrong_rule_table_is_exit_two(tmp_path: Path) -> None:
    """The court's own table is checked before it is used."""
    (tmp_path / "court.toml").write_text('format = "fenliu-rules/1"\n', encoding="utf-8")
    done = command(tmp_path, "check", FENLIU_RULES=str(tmp_path / "court.toml"))
    assert done.returncode == 2
    assert "✗ 规则 / rules" in done.stdout


def test_a_port_in_use_is_exit_six(tmp_path: Path) -> None:
    """The address is named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = command(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 6
    assert f"无法监听 127.0.0.1:{port}" in done.stderr


def test_a_service_that_cannot_start_is_exit_six(tmp_path: Path) -> None:
    """The workers' failure ends the command; it does not restart for ever."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "fenliu.db").touch(mode=0o644)
    started = time.monotonic()
    done = command(tmp_path, "serve", "--port", str(free_port()))
    assert done.returncode == 6, done.stderr
    assert "fenliu-serve check" in done.stderr
    assert time.monotonic() - started < 120


def test_a_demonstration_does_not_speak_to_strangers(tmp_path: Path) -> None:
    """A taken port is exit 6 and names both ways out: another port, or asking whoever is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = command(tmp_path, "demo", "--once", "--port", str(port))
    assert (done.returncode, done.stdout) == (6, ""), done.stderr
    assert done.stderr.startswith(f"错误 [PORT] 端口 {port} 不可用")
    assert f"fenliu-serve demo --port {port + 1}" in done.stderr
    assert f"fenliu-serve demo --url http://127.0.0.1:{port} " in done.stderr


def test_a_demonstration_against_no_service_is_exit_six(tmp_path: Path) -> None:
    """When an address is given, no service of our own is started."""
    done = command(tmp_path, "demo", "--url", f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, "错误 [SERVICE] 服务不可达" in done.stderr) == (6, True)


def test_the_demonstration_starts_a_service_asks_and_ends(tmp_path: Path) -> None:
    """From an empty home to three answers on record, and nothing left running."""
    port = free_port()
    done = command(tmp_path, "demo", "--once", "--port", str(port))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("■ 示例") == 3
    log = tmp_path / "home" / "logs" / "demo-service.log"
    assert f"服务日志 / service log: {log}" in done.stdout
    assert (done.stderr, log.stat().st_mode & 0o777, b'"request"' in log.read_bytes()) == ("", 0o600, True)
    assert f"http://127.0.0.1:{port}/v1/scores/SCR-" in done.stdout
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=2):
        pass
