"""The applicant's form on a phone: 375 pixels, scripts off, in both languages, and one sheet of paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from features.clock import SHANGHAI
from serving.applicant import applicant_app
from serving.settings import Settings
from tests.builders_browser import CHROMIUM, chromium, desk, served

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=SHANGHAI)
PHONE = 375
CHOICES = (
    ("consent", "yes"), ("basis", "judgment"), ("relief", "money"), ("debtor", "company"), ("asset_vehicle", "yes"),
    ("contact", "no"), ("paid", "none"), ("preserved", "before_enforcement"), ("urging", "no"),
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the form."""
    with served(applicant_app(Settings.read({"FENLIU_RATE_ADDRESS": "10000"}), clock=lambda: NOW)) as address:
        yield address


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_without_scripts_gets_through_all_eight_questions(browser: Browser, url: str, lang: str) -> None:
    """No page is too wide, every target is 44 pixels high and as wide as the page, nothing is asked of another host."""
    with desk(browser, url, scripts=False, width=PHONE) as visitor:
        page = visitor.open(f"/apply/notice?lang={lang}")
        while page.locator("form").count() and "/apply/result" not in page.url:
            for name, value in CHOICES:
                box = page.locator(f"input[name={name}][value={value}]")
                if box.count():
                    box.check()
            for name, text in (("due", "2026-11-24"), ("amount", "880000")):
                if page.locator(f"input[name={name}]").count():
                    page.fill(f"input[name={name}]", text)
            boxes = [box for target in page.locator("main label:has(input), main button").all()
                     if (box := target.bounding_box())]  # fmt: skip
            assert min(box["height"] for box in boxes) >= 44
            assert min(box["width"] for box in boxes) >= 300
            assert visitor.overflow <= 0
            page.click("main button[type=submit]")
        assert page.url.startswith(f"{url}/apply/result?code=ZC-")
        text = page.inner_text("main")
        assert ("2026-11-29" in text, "2028-11-24" in text) == (True, True)
        assert visitor.overflow <= 0
        assert (visitor.outside, visitor.complaints) == ([], [])
        if lang == "zh":
            paper = page.pdf(format="A4")
            assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("step", ["", "/notice", "/basis", "/assets"])
def test_every_kind_of_page_passes_axe(browser: Browser, url: str, step: str, lang: str) -> None:
    """Also with what has to be put right on it."""
    with desk(browser, url, width=PHONE) as visitor:
        page = visitor.open(f"/apply{step}?lang={lang}")
        assert visitor.violations() == []
        if step:
            page.click("main button[type=submit]")
            assert page.locator("[role=alert] a").count() > 0
            assert visitor.violations() == []
