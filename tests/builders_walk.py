"""Builders for walks through every page: links are followed until every kind of page was seen once."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

from tests.builders_browser import Desk

_ID: Final = re.compile(r"(?<=/)[AB]\.[a-z_]+|[A-Z]{2,4}-\d+[-\w]*|[0-9a-f]{12,}|\d+")
_LEFT_OUT: Final = re.compile(r"\.(csv|json|xlsx|docx|ndjson)$|/template$|/failed$|/letter$|^/static/|^/v1/|^/apply")
_SPACING: Final = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"


def logged_in(at: Desk, account: str, password: str, *, language: str = "zh") -> Desk:
    """Log in on the first page, in this language."""
    at.open(f"/login?lang={language}")
    at.log_in(account, password)
    at.page.wait_for_url("**/home")
    return at


def kind_of(address: str) -> str:
    """Return the kind of page at an address: numbers and ids do not tell two apart."""
    return _ID.sub("*", urlsplit(address).path)


def pages_from(at: Desk, seen: set[str]) -> Iterator[Page]:
    """Yield every page that links lead to from where somebody is, one of each kind that was not seen before."""
    waiting = [urlsplit(at.page.url).path]
    while waiting:
        address = waiting.pop(0)
        if kind_of(address) in seen:
            continue
        seen.add(kind_of(address))
        try:
            answer = at.page.goto(at.url + address)
        except Error as error:
            if "Download is starting" in str(error):
                continue
            raise
        assert answer is not None
        assert answer.ok, f"{address}: {answer.status}"
        found: list[str] = at.page.eval_on_selector_all(
            "nav a, main a", "links => links.filter(a => !a.download).map(a => a.href)"
        )
        ours = [link.removeprefix(at.url) for link in found if link.startswith(at.url)]
        waiting += [link.partition("#")[0] for link in ours if not _LEFT_OUT.search(urlsplit(link).path)]
        yield at.page


def too_wide(at: Desk) -> list[str]:
    """Return in which ways of looking at a page something sticks out: narrow, with large letters, with more space."""
    page, found = at.page, []
    for name, width, style in (
        ("320 px", 320, ""),
        ("200 %", 640, "html { font-size: 200% }"),
        ("spacing", 1280, _SPACING),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(_STYLE, style)
        if at.overflow > 0:
            found.append(name)
    page.evaluate(_STYLE, "")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


_STYLE: Final = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [sheet];
}"""


def shot(page: Page, name: str) -> None:
    """Keep a picture of a page for people to look at, where the environment says where; it is compared with nothing."""
    folder = os.environ.get("SCREENSHOTS", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


PLANTED: Final = '=1+1"><img src=x data-planted onerror=alert(1)>'
"""What somebody may type who wishes the next reader ill: markup that runs, and a formula of a spreadsheet."""

_FILL: Final = """([form, text]) => {
  form.noValidate = true;
  const radios = new Set();
  for (const one of form.elements) {
    if (['text', 'search', 'textarea', 'password'].includes(one.type)) one.value = text;
    else if (one.type === 'date') one.value = '2026-11-01';
    else if (one.type === 'checkbox') one.checked = true;
    else if (one.type === 'select-one') one.selectedIndex = one.options.length - 1;
    else if (one.type === 'radio' && !radios.has(one.name)) { radios.add(one.name); one.checked = true; }
  }
}"""


def send_planted(at: Desk, address: str) -> int:
    """Fill in every form of a page with planted text and send it, one after the other; return how many there were."""
    forms = "main form:not(:has(input[type=file]))"
    at.open(address)
    count = min(at.page.locator(forms).count(), 4)
    for place in range(count):
        at.open(address)
        form = at.page.locator(forms).nth(place)
        if form.count():
            form.evaluate(f"(form, text) => ({_FILL})([form, text])", PLANTED)
            with at.page.expect_navigation():
                form.evaluate("form => form.requestSubmit()")
            assert at.page.locator("[data-planted]").count() == 0, address
    return count


def formulas_in(table: str) -> list[str]:
    """Return the cells of a CSV file that a spreadsheet would run."""
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    return [cell for cell in cells if re.match(r"[=@\t\r]|[+-](?![\d.]+$)", cell)]
