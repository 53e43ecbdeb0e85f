"""The page at `/`: what this service is and which addresses it has; no script, no style sheet, nothing from outside."""

from __future__ import annotations

from html import escape
from typing import Final

_LINKS: Final = (
    ("/readyz", "服务是否就绪", "readiness, including the store"),
    ("/v1/models/current", "现用模型", "the model in use"),
    ("/v1/rulesets/current", "现行规则表", "the rules in force"),
    ("/v1/reason-codes", "理由代码表", "reason codes"),
    ("/v1/schema/A", "立案前评分的请求格式", "request schema before filing"),
    ("/v1/schema/B", "首次查控后评分的请求格式", "request schema after the first query"),
    ("/v1/openapi.json", "接口说明（OpenAPI 3.1）", "interface description"),
)
_DOORS: Final = (
    ("POST /v1/scores", "评分并存档", "score one case and store the advice"),
    ("POST /v1/scores:preview", "评分但不存档", "score without storing"),
    ("GET /v1/scores/{id}", "读取已存档的建议", "read stored advice"),
    ("POST /score", "BentoML 客户端入口", "door for BentoML's own clients"),
)


def start_page(*, version: str, mode_zh: str, mode_en: str, warning: str = "") -> bytes:
    """Return the page as HTML; a warning stands right below the title."""
    loud = f"<h2>⚠ {escape(warning)}</h2>\n" if warning else ""
    links = "".join(f'<li><a href="{path}">{path}</a> {zh} / {en}</li>' for path, zh, en in _LINKS)
    doors = "".join(f"<li><code>{door}</code> {zh} / {en}</li>" for door, zh, en in _DOORS)
    page = f"""<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>分流 Fenliu</title></head>
<body>
<h1>分流 Fenliu</h1>
{loud}<p>执行案件分流建议服务，版本 {escape(version)}。建议仅供参考，由人决定。/ Advice on routing enforcement cases;
a person decides.</p>
<p>当前状态：{escape(mode_zh)} / {escape(mode_en)}</p>
<h2>评分 / Scoring</h2>
<ul>{doors}</ul>
<h2>查看 / Look up</h2>
<ul>{links}</ul>
</body>
</html>
"""
    return page.encode("utf-8")
