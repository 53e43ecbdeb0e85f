"""Builders for tests in a real browser: a court that is served for real, and Chromium without scripts or with them."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

CHROMIUM: Final = shutil.which("chromium")
_FLAGS: Final = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of this machine, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, ws="none", log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)


@dataclass
class Desk:
    """Somebody at a browser: what the page asked of other hosts, and what the console complained of."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, name: str, password: str) -> None:
        """Fill in the log-in form that is open."""
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("main button[type=submit]")

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found

    def fonts(self) -> dict[str, int]:
        """Return which fonts drew how many glyphs of the page's content."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        drawn: dict[str, int] = {}
        for node in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "main *"})["nodeIds"]:
            for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
                drawn[font["familyName"]] = drawn.get(font["familyName"], 0) + int(font["glyphCount"])
        return drawn

    def violations(self) -> list[dict[str, Any]]:
        """Return what axe finds, sent over the debugger so that the strict policy stays as it is."""
        session = self.page.context.new_cdp_session(self.page)
        source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
        session.send("Runtime.evaluate", {"expression": source})
        asked = f"axe.run({{runOnly: {RULES}}}).then(found => found.violations.map(v => [v.id, v.nodes[0].html]))"
        answer = session.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
        found: list[dict[str, Any]] = answer["result"]["value"]
        return found


@contextmanager
def desk(browser: Browser, url: str, *, scripts: bool = True, width: int = 1280) -> Iterator[Desk]:
    """Open a fresh window, in Chinese."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    found = Desk(page, url)
    page.on("request", lambda asked: None if asked.url.startswith(url) else found.outside.append(asked.url))
    page.on("console", lambda said: found.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    yield found
    context.close()
