"""The demonstration: three applications, one for each lane, sent to the running service and shown in Chinese."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from serving.samples import SAMPLES, sample
from serving.settings import Settings

UNREACHABLE: Final = 6
_START_SECONDS: Final = 30.0

Answer = Mapping[str, Any]
Ask = Callable[[str, str, Mapping[str, object] | None], tuple[int, Answer]]


class UnreachableError(RuntimeError):
    """The service does not answer."""


@dataclass(frozen=True)
class Client:
    """Speaks to one service over plain HTTP, never through a proxy."""

    url: str

    def __call__(self, method: str, path: str, document: Mapping[str, object] | None) -> tuple[int, Answer]:
        """Send one request and return status and decoded body."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())} if document else {}
        body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            msg = f"服务不可达：{self.url}（{type(error).__name__}）/ the service at {self.url} does not answer"
            raise UnreachableError(msg) from error
        finally:
            connection.close()
        return response.status, json.loads(text) if text.strip() else {}


def show(settings: Settings, *, url: str, once: bool) -> int:
    """Run the demonstration and return the exit code; starts a service of its own unless `url` names one."""
    console = Console(soft_wrap=True)
    try:
        if url:
            present(Client(url), url, console)
            return 0
        with _service(settings) as own:
            present(Client(own), own, console)
            if not once:
                _stay(console)
    except UnreachableError as error:
        Console(stderr=True).print(f"错误 [SERVICE] {error}", markup=False)
        return UNREACHABLE
    return 0


def present(ask: Ask, url: str, console: Console) -> None:
    """Send the samples and show what came back."""
    for name in SAMPLES:
        status, answer = ask("POST", "/v1/scores", sample(name))
        if status not in {200, 201}:
            msg = f"示例 {name} 未被受理（{status} {answer.get('code')}）/ sample {name} was refused: {status}"
            raise UnreachableError(msg)
        for line in _lines(name, answer):
            console.print(line, markup=False, highlight=False)
        _tables(answer, console)
        console.print(f"  存档 / record: {url}/v1/scores/{answer['id']}\n", markup=False, highlight=False)
    console.print("可以查看 / to look at:", markup=False)
    for path in ("/", "/v1/models/current", "/v1/rulesets/current", "/v1/reason-codes", "/v1/openapi.json"):
        console.print(f"  {url}{path}", markup=False, highlight=False)


def _lines(name: str, answer: Answer) -> Iterator[str]:
    advice = answer["advice"]
    simulated = "（模拟数据训练的模型）" if answer["simulated"] else ""
    yield f"■ 示例 {name}：{advice['route_text']} / {advice['route_text_en']}{simulated}"
    decided = {"rule": "规则", "model": "模型", "none": "未定"}[advice["decided_by"]]
    yield f"  由{decided}提出，须由人决定。{advice.get('confidence_text', '')}"
    abstained = answer["abstain_reasons"]
    yield from (f"  未评分：{reason['text']}" for reason in abstained)
    yield from (f"  {score['text']}" for score in answer["scores"].values() if not abstained)


def _tables(answer: Answer, console: Console) -> None:
    if answer["reasons"]:
        table = _table("主要理由", "理由", "情况", "影响（件/百件）", console=console)
        for reason in answer["reasons"]:
            table.add_row(reason["text"], str(reason.get("value", "")), f"{reason['effect_per_100']:+d}")
        console.print(table)
    acting = [rule for rule in answer["rules"] if rule.get("acts")]
    if acting:
        table = _table("起作用的规则", "规则", "内容", "依据", console=console)
        for rule in acting:
            table.add_row(rule["id"], rule["text"], rule.get("basis", ""))
        console.print(table)


def _table(title: str, *headings: str, console: Console) -> Table:
    """Return an empty table; in a pipe it has no lines."""
    box = SIMPLE_HEAD if console.is_terminal else None
    return Table(*headings, title=title, title_justify="left", box=box, padding=(0, 2))


@contextmanager
def _service(settings: Settings) -> Iterator[str]:
    """Yield the address of a running service: one that is there already, or one of our own for the time being."""
    url = f"http://{settings.host}:{settings.port}"
    if _alive(url):
        yield url
        return
    command = [sys.executable, "-m", "serving.cli", "serve"]
    process = subprocess.Popen(command)  # noqa: S603 - our own command, settings come from the environment
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _alive(url):
        if process.poll() is not None or time.monotonic() > deadline:
            msg = f"服务未能启动：{url} / the service did not start"
            raise UnreachableError(msg)
        time.sleep(0.2)


def _alive(url: str) -> bool:
    try:
        status, _ = Client(url)("GET", "/v1/models/current", None)
    except (UnreachableError, ValueError):
        return False
    return status == 200


def _stay(console: Console) -> None:
    """Keep the service up until Ctrl-C."""
    console.print("服务继续运行，Ctrl-C 停止 / the service stays up until Ctrl-C", markup=False)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("已停止 / stopped", markup=False)
