"""The demonstration: three applications, one for each lane, sent to the running service and shown in Chinese."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from features.register import Stage
from models.lanes import Lane, lane_text
from serving.access.actions import Action
from serving.access.principal import EVERY_COURT
from serving.caller import own_service
from serving.client import Answer, Client, RefusedError, UnreachableError
from serving.identity.at_command import Scope, bureau
from serving.samples import SAMPLES, sample
from serving.settings import Settings

UNREACHABLE: Final = 6
_DECIDED: Final = {"rule": "由规则提出", "model": "由模型分值提出", "none": "规则与模型均未确定"}
_PIECE: Final = re.compile(r"[（【“]*(?:[!-~]+ [^!-~ ]|[!-~]+|[^!-~])[，。、；：）】”]*")
"""What stays on one line: a word or number with its unit, a Chinese character, each with its punctuation."""
_TO_LOOK_AT: Final = {
    "/": "首页",
    "/v1/models/current": "现用模型",
    "/v1/rulesets/current": "现行规则表",
    "/v1/reason-codes": "理由代码表",
    "/v1/openapi.json": "接口说明",
}


_DEMO: Final = "demo"
_SCOPE: Final = Scope(
    actions=frozenset({Action.SCORE_CREATE, Action.SCORE_READ, Action.MODEL_READ, Action.RULES_READ}),
    courts=EVERY_COURT,
    lasts=timedelta(days=1),
)


class PortTakenError(RuntimeError):
    """Something else listens where the service would."""


def show(settings: Settings, *, url: str, once: bool) -> int:
    """Run the demonstration and return the exit code; starts a service of its own unless `url` names one."""
    console = Console(highlight=False, markup=False, emoji=False)
    try:
        if url:
            present(Client(url, _key(settings)).score, url, console)
            return 0
        with _service(settings, console) as own:
            key = _key(settings)
            present(Client(own, key).score, own, console)
            if not once:
                _stay(console, own, key)
    except (UnreachableError, PortTakenError) as error:
        code = "PORT" if isinstance(error, PortTakenError) else "SERVICE"
        Console(stderr=True).print(f"错误 [{code}] {error}", markup=False, highlight=False, soft_wrap=True)
        return UNREACHABLE
    return 0


def _key(settings: Settings) -> str:
    """Return the key to show the service with: the caller's own, or one for a day on the store of this home."""
    given = os.environ.get("FENLIU_API_KEY", "").strip()
    if given:
        return given
    with bureau(settings) as found:
        for row in found.api_keys.every():
            if row.client == _DEMO and row.is_valid(found.api_keys.clock()):
                found.api_keys.revoke(row.id, origin=found.origin)
        return found.api_keys.create(_DEMO, _SCOPE, origin=found.origin).text


def present(score: Callable[[Answer], Answer], url: str, console: Console) -> None:
    """Send the samples and show what came back."""
    for number, (name, about) in enumerate(SAMPLES.items(), start=1):
        try:
            answer = score(sample(name))
        except RefusedError as error:
            raise UnreachableError(_refusal(name, error)) from None
        _case(answer, f"示例 {number}/{len(SAMPLES)}：{about}", console)
        console.print(f"  存档：{url}/v1/scores/{answer['id']}\n", soft_wrap=True)
    console.print("可以查看 / to look at:")
    for path, zh in _TO_LOOK_AT.items():
        console.print(f"  {url}{path}  {zh}", soft_wrap=True)


def _refusal(name: str, error: RefusedError) -> str:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return (
            "服务不认可这把密钥；请以环境变量 FENLIU_API_KEY 给出该服务的接口密钥 / "
            "the service does not know this key; give one of its own as FENLIU_API_KEY"
        )
    return f"示例 {name} 未被受理（{error.status} {error.code}）/ sample {name} was refused: {error.status}"


def _case(answer: Answer, title: str, console: Console) -> None:
    advice = answer["advice"]
    _say(f"■ {title}", console, indent=0)
    mark = "【模拟，不得用于办案】" if answer["simulated"] else ""
    _say(f"建议：{advice['route_text']} / {advice['route_text_en']} {mark}", console)
    _say(f"{_DECIDED[advice['decided_by']]}，须由人决定。{advice['confidence_text']}。", console)
    for reason in answer["abstain_reasons"]:
        _say(f"未评分：{reason['text']}", console)
    if not answer["abstain_reasons"]:
        _scores(answer, console)
    _listed("规则与依据", _rules(answer), console)
    _listed("什么会改变建议", _flips(answer), console)
    deadlines = "；".join(deadline["text"] for deadline in answer["deadlines"])
    if deadlines:
        _say(f"期限：{deadlines}。", console)


def _scores(answer: Answer, console: Console) -> None:
    """Show each explained score with the sum behind it, then the other scores."""
    explained = answer["explanations"]
    for name in explained:
        _say(answer["scores"][name]["text"], console)
        console.print(Padding(_sum(explained[name]), (0, 0, 0, 4), expand=False))
    others = [score["text"] for name, score in answer["scores"].items() if name not in explained]
    if others:
        _say("".join(["另：" if explained else "", *others]), console)


def _sum(explanation: Answer) -> Table:
    """Return the sum, in cases per hundred: average, reasons, everything else, this case."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=54, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_row("本院平均（件/百件）", f"{explanation['court_average_per_100']}")
    for reason in explanation["reasons"]:
        table.add_row(f"{reason['text']}：{reason['value']}", f"{reason['effect_per_100']:+d}")
    table.add_row("其他因素合计", f"{explanation['rest_per_100']:+d}")
    table.add_row("本件", f"= {explanation['per_100']}")
    return table


def _rules(answer: Answer) -> Iterator[str]:
    """Yield the rule that decided and every other one that changed something, each with its article."""
    deciding = answer["advice"]["deciding_rule"]
    order = [rule["id"] for rule in answer["rules"]]
    for place, rule in enumerate(answer["rules"]):
        if rule["acts"] or rule["id"] == deciding:
            yield f"{rule['id']} {rule['text']}。依据：{rule['basis']}"
        elif rule["kind"] == "model" and deciding in order[place:]:
            yield f"{rule['id']} 不适用：{rule['text']}"


def _flips(answer: Answer) -> Iterator[str]:
    for flip in answer["flips"]:
        lane = None if flip["route"] is None else Lane(flip["route"])
        yield f"{flip['when']} → {lane_text(lane, Stage(answer['stage']))[0]}"


def _listed(title: str, items: Iterator[str], console: Console) -> None:
    found = list(items)
    if found:
        _say(f"{title}：", console)
    for item in found:
        _say(f"· {item}", console, indent=4)


def _say(text: str, console: Console, *, indent: int = 2) -> None:
    """Print one paragraph, folded at the width of the screen."""
    for line in folded(text.rstrip(), console.width - indent):
        console.print(" " * indent + line, soft_wrap=True)


def folded(text: str, width: int) -> list[str]:
    """Break Chinese text into lines; no number loses its unit, no line begins with a comma."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if cell_len(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


@contextmanager
def _service(settings: Settings, console: Console) -> Iterator[str]:
    """Yield the address of a service of our own, up for the time being."""
    _check_port(settings)
    url, log = f"http://{settings.host}:{settings.port}", settings.home / "logs" / "demo-service.log"
    console.print(f"服务日志 / service log: {log}", soft_wrap=True)
    with own_service(url, log):
        console.print(f"服务地址 / service: {url}\n", soft_wrap=True)
        yield url


def _check_port(settings: Settings) -> None:
    """Refuse to speak to a service that somebody else started: it may answer from another model."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host.strip("[]"), settings.port), family=family).close()
    except OSError as error:
        port = settings.port
        msg = (
            f"端口 {port} 不可用（{os.strerror(error.errno or 0)}）。换一个端口：fenliu-serve demo --port {port + 1}；"
            f"若那里已是分流服务：fenliu-serve demo --url http://{settings.host}:{port} / "
            f"port {port} cannot be used; choose another with --port, or ask a running service with --url"
        )
        raise PortTakenError(msg) from error


def _stay(console: Console, url: str, key: str) -> None:
    """Keep the service up until Ctrl-C."""
    console.print("以演示密钥查看（一日内有效）/ to look with the demonstration's key, good for a day:")
    console.print(f"  curl -H 'Authorization: Bearer {key}' {url}/v1/models/current", soft_wrap=True)
    console.print("服务继续运行，Ctrl-C 停止 / the service stays up until Ctrl-C")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("已停止 / stopped")
