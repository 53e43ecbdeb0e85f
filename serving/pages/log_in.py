"""The log-in page: a form that works without scripts, and what went wrong, in words."""

from __future__ import annotations

from html import escape
from typing import Final

_SINGLE_SIGN_ON: Final = """<p><a href="/login/oidc">用法院统一身份认证登录 / log in through the court</a></p>
"""


def log_in_page(*, message: str = "", name: str = "", single_sign_on: bool = False) -> bytes:
    """Return the page as HTML; `message` tells what went wrong, `name` saves typing it again."""
    told = f'<p role="alert"><strong>{escape(message)}</strong></p>\n' if message else ""
    other = _SINGLE_SIGN_ON if single_sign_on else ""
    focus, after = ("", " autofocus") if name else (" autofocus", "")
    page = f"""<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>登录 · 分流 Fenliu</title></head>
<body>
<main>
<h1>登录 / Log in</h1>
{told}<form method="post" action="/login" autocomplete="on">
<p><label>账户名 / name<br><input name="name" value="{escape(name)}" autocomplete="username" maxlength="32"
 required{focus}></label></p>
<p><label>口令 / password<br><input name="password" type="password" autocomplete="current-password" maxlength="128"
 required{after}></label></p>
<p><button type="submit">登录 / Log in</button></p>
</form>
{other}<p>忘记口令请联系系统管理员。/ The system administrator can reset a password.</p>
</main>
</body>
</html>
"""
    return page.encode("utf-8")


def going_on_page(*, where: str) -> bytes:
    """Return a page that leads on by itself: a cookie that came from another site's answer is sent from here."""
    target = escape(where)
    page = f"""<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}">
<title>已登录 · 分流 Fenliu</title></head>
<body><main><p>已登录。<a href="{target}">继续 / go on</a></p></main></body>
</html>
"""
    return page.encode("utf-8")
