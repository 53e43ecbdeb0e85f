"""The demonstration: three applications, one for each lane, sent to the running service and shown in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from features.register import Stage
from models.lanes import Lane, lane_text
from serving.client import Answer, RefusedError, UnreachableError
from serving.samples import SAMPLES, sample

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


def present(
    score: Callable[[Answer], Answer], url: str, console: Console, *, ask: Callable[[str], Answer] = sample
) -> None:
    """Send the samples, as `ask` returns them by name, and show what came back."""
    for number, (name, about) in enumerate(SAMPLES.items(), start=1):
        try:
            answer = score(ask(name))
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
