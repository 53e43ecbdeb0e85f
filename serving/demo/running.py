"""Running the demonstration: a court is opened, a service started, samples are sent, and people told how to log in."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from serving.access.actions import Action
from serving.access.principal import EVERY_COURT
from serving.caller import own_service
from serving.client import Answer, Client, UnreachableError
from serving.demo.people import ASKING, EVERY, MODE_TEXT, MODES, PEOPLE, Opened
from serving.demo.showing import present
from serving.identity.at_command import Scope, bureau
from serving.opening import now
from serving.samples import received_lately, sample
from serving.settings import Settings

UNREACHABLE: Final = 6
_SCOPE: Final = Scope(
    actions=frozenset({Action.SCORE_CREATE, Action.SCORE_READ, Action.MODEL_READ, Action.RULES_READ}),
    courts=EVERY_COURT,
    lasts=timedelta(days=1),
)


class PortTakenError(RuntimeError):
    """Something else listens where the service would."""


class OpensCourt(Protocol):
    """What opens the court; it needs libraries that the service itself does without, so it is handed in."""

    def __call__(self, settings: Settings, *, tell: Callable[[str], None], count: Callable[[int, int], None]) -> Opened:
        """Return who can log in."""


def show(settings: Settings, *, url: str, once: bool, opens: OpensCourt | None = None) -> int:
    """Run the demonstration and return the exit code; starts a service of its own unless `url` names one.

    The court is opened where a service of ours stays up.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    _stop_as_by_key()
    try:
        if url:
            present(Client(url, _key(settings)).score, url, console)
            return 0
        _check_port(settings)
        court = Opened({}) if once or opens is None else _court(settings, opens, console)
        with _service(settings, console) as own:
            key = _key(settings)
            present(Client(own, key).score, own, console, ask=_lately)
            if not once:
                _tell(console, own, key, court)
                _stay(settings, console)
    except (UnreachableError, PortTakenError) as error:
        code = "PORT" if isinstance(error, PortTakenError) else "SERVICE"
        Console(stderr=True).print(f"错误 [{code}] {error}", markup=False, highlight=False, soft_wrap=True)
        return UNREACHABLE
    return 0


def _stop_as_by_key() -> None:
    """End as by Ctrl-C when told to stop or when the terminal is closed: what was started is stopped too."""
    for told in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(told) is signal.SIG_DFL:  # under nohup it stays unheard
            signal.signal(told, signal.default_int_handler)


def _lately(name: str) -> Answer:
    return received_lately(sample(name), now())


def _court(settings: Settings, opens: OpensCourt, console: Console) -> Opened:
    """Open the demonstration court and show how far it is."""
    columns = (TextColumn("演示法院办理三个月模拟工作 / simulating"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        tell = partial(console.print, soft_wrap=True)
        return opens(settings, tell=tell, count=lambda n, of: progress.update(task, completed=n, total=of))


def _key(settings: Settings) -> str:
    """Return the key to show the service with: the caller's own, or one for a day on the store of this home."""
    given = os.environ.get("FENLIU_API_KEY", "").strip()
    if given:
        return given
    with bureau(settings) as found:
        for row in found.api_keys.every():
            if row.client == ASKING and row.is_valid(found.api_keys.clock()):
                found.api_keys.revoke(row.id, origin=found.origin)
        return found.api_keys.create(ASKING, _SCOPE, origin=found.origin).text


@contextmanager
def _service(settings: Settings, console: Console) -> Iterator[str]:
    """Yield the address of a service of our own, up for the time being."""
    url, log = f"http://{settings.host}:{settings.port}", settings.home / "logs" / "demo-service.log"
    console.print(f"服务日志 / service log: {log}", soft_wrap=True)
    with own_service(url, log):
        console.print(f"服务地址 / service: {url}\n", soft_wrap=True)
        yield url


def _listener(settings: Settings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host.strip("[]"), port), family=family)


def _check_port(settings: Settings) -> None:
    """Refuse to speak to a service that somebody else started: it may answer from another model."""
    try:
        _listener(settings, settings.port).close()
    except OSError as error:
        port = settings.port
        msg = (
            f"端口 {port} 不可用（{os.strerror(error.errno or 0)}）。换一个端口：fenliu-serve demo --port {port + 1}；"
            f"若那里已是分流服务：fenliu-serve demo --url http://{settings.host}:{port} / "
            f"port {port} cannot be used; choose another with --port, or ask a running service with --url"
        )
        raise PortTakenError(msg) from error


def _tell(console: Console, url: str, key: str, court: Opened) -> None:
    """Say how to come in."""
    console.print("以演示密钥查看（一日内有效）/ to look with the demonstration's key, good for a day:")
    console.print(f"  curl -H 'Authorization: Bearer {key}' {url}/v1/models/current\n", soft_wrap=True)
    if court.passwords:
        _log_ins(console, url, court)
    elif court.why:
        console.print(court.why, soft_wrap=True)


def _stay(settings: Settings, console: Console) -> None:
    """Keep the service up until Ctrl-C, and beside it the applicants' form, which knows no case."""
    port = _beside(settings)
    url, log = f"http://{settings.host}:{port}", settings.home / "logs" / "demo-applicant.log"
    with own_service(url, log, command=("applicant", "--port", str(port)), alive="/apply"):
        console.print(
            f"申请人页面（独立进程，无须登录）/ the applicants' form, without log-in: {url}/apply", soft_wrap=True
        )
        console.print("服务继续运行，Ctrl-C 停止 / the service stays up until Ctrl-C")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            console.print("已停止 / stopped")


def _beside(settings: Settings) -> int:
    """Return a free port for the applicants' form: the next one, or any other where that is taken."""
    for port in (settings.port + 1, 0):
        with suppress(OSError, OverflowError), _listener(settings, port) as own:
            return int(own.getsockname()[1])
    msg = "没有可用的端口 / no port is free"
    raise PortTakenError(msg)


def _log_ins(console: Console, url: str, court: Opened) -> None:
    """Print who can log in with which password: this once, nowhere else."""
    console.print(f"在浏览器打开 / open in a browser: {url}/", soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("账户", "口令", "角色", "法院"):
        table.add_column(title, no_wrap=True)
    for person in PEOPLE:
        table.add_row(
            person.name,
            court.passwords[person.name],
            person.role_text,
            {"": "—", EVERY: "全部"}.get(person.court, person.court),
        )
    console.print(table)
    console.print("口令每次启动重新生成，只显示这一次 / passwords are new at every start and shown this once")
    for code, mode in MODES.items():
        console.print(f"  {code}：{MODE_TEXT[mode]}", soft_wrap=True)
    console.print("【模拟数据，不得用于办案 / SIMULATED, not for real cases】\n")
