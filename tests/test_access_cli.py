"""Commands `fenliu-serve keys` and `users`: the first ones are made here, and secrets are shown once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders_identity import GOOD
from tests.builders_servers import ROOT, environment


def command(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "serving.cli", *arguments], cwd=ROOT, env=environment(folder), input=given,
        capture_output=True, text=True, timeout=120, check=False, encoding="utf-8",
    )  # fmt: skip


def audited(folder: Path) -> list[tuple[str, str]]:
    """Return action and object of what is on the trail."""
    with sqlite3.connect(folder / "home" / "fenliu.db") as connection:
        return connection.execute("SELECT action, object_id FROM audit ORDER BY seq").fetchall()


@pytest.mark.parametrize("arguments", [
    ("keys", "create"), ("keys", "rotate"), ("keys", "revoke"), ("keys", "list"), ("users", "create"),
    ("users", "reset"), ("users", "grant"), ("users", "link"), ("users", "disable"), ("users", "enable"),
    ("users", "unlock"), ("users", "list"),
])  # fmt: skip
def test_every_command_has_help_with_an_example(tmp_path: Path, arguments: tuple[str, str]) -> None:
    """A newcomer can copy it, and learns the exit codes."""
    done = command(tmp_path, *arguments, "--help")
    assert done.returncode == 0
    assert f"fenliu-serve {' '.join(arguments)}" in " ".join(done.stdout.split())
    assert "退出码" in done.stdout


def test_a_key_is_alone_on_stdout_and_listed_without_its_text(tmp_path: Path) -> None:
    """A script can keep it; what to know about it stands on stderr; the trail names who made it."""
    made = command(tmp_path, "keys", "create", "intake", "--courts", "浙1022")
    assert (made.returncode, made.stdout[:3], made.stdout.count("\n")) == (0, "fk_", 1)
    listed = command(tmp_path, "keys", "list").stdout
    key_id = made.stdout.split("_")[1]
    assert f"{key_id}\tintake\t有效" in listed
    assert made.stdout.strip() not in listed
    assert ("key.create", key_id) in audited(tmp_path)


@pytest.mark.parametrize(("arguments", "code"), [
    (("keys", "create", "intake", "--courts", ""), "COURTS"),
    (("keys", "create", "intake", "--courts", "*", "--actions", "audit.read"), "ACTION"),
    (("keys", "create", "In take", "--courts", "*"), "KEY"), (("keys", "rotate", "nobody"), "KEY"),
    (("keys", "revoke", "00000000"), "KEY"), (("users", "disable", "nobody"), "NO_ACCOUNT"),
    (("users", "create", "Li", "--role", "judge"), "ACCOUNT"),
    (("users", "create", "li.ming", "--role", "judge", "--role", "audit_admin"), "ROLES"),
])  # fmt: skip
def test_what_cannot_be_is_exit_two_with_a_sentence(tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    """Chinese first, nothing on stdout, no traceback."""
    done = command(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"错误 [{code}] ")
    assert "Traceback" not in done.stderr


def test_a_password_comes_from_stdin_and_never_from_the_command_line(tmp_path: Path) -> None:
    """Weak ones are refused; there is no option that would show it to other users of the machine."""
    role = ("--role", "security_admin", "--password-stdin")
    weak = command(tmp_path, "users", "create", "sec", *role, given="short\n")
    assert (weak.returncode, weak.stderr.startswith("错误 [PASSWORD]")) == (2, True)
    good = command(tmp_path, "users", "create", "sec", *role, given=GOOD + "\n")
    assert (good.returncode, good.stdout) == (0, "")
    assert GOOD not in good.stderr
    assert command(tmp_path, "users", "create", "x", "--password", GOOD).returncode == 2


def test_a_made_password_is_alone_on_stdout(tmp_path: Path) -> None:
    """And the account is listed without it."""
    made = command(tmp_path, "users", "create", "li.ming", "--role", "judge", "--courts", "浙1022")
    assert (made.returncode, len(made.stdout.strip())) == (0, 23)
    assert "首次登录须修改" in made.stderr
    listed = command(tmp_path, "users", "list").stdout
    assert "li.ming\t启用\tjudge\t浙1022" in listed
    assert made.stdout.strip() not in listed
