"""Indicators, teams and settings in a real browser: sound in two languages, narrow, on paper, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from serving.access.roles import Role
from tests.builders_browser import CHROMIUM, chromium, desk, served
from tests.builders_indicators import COURT, Court, busy_court, filed
from tests.builders_pages import person
from tests.builders_serving import guarded
from tests.test_team_loads import TEAMS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Return a court with figures, intervals and teams."""
    found = busy_court(tmp_path_factory.mktemp("court"))
    found.set(teams=TEAMS, intervals=["completion=35~45", "settled_before_filing=20~40"])
    for n in range(3):
        found.case(f"(2026)浙1022执{1200 + n}号", f"2026-11-0{1 + n}", filed(4), lane="fast")
    found.count()
    return found


@pytest.fixture(scope="module")
def lead(court: Court) -> Iterator[str]:
    """Serve the court to a lead of a team."""
    who = person("wang.fang", Role.TEAM_LEAD)
    with served(guarded(court.folder, principal=who, store=court.store, clock=lambda: court.now)) as url:
        yield url


@pytest.fixture(scope="module")
def admin(court: Court) -> Iterator[str]:
    """Serve the court to a system administrator."""
    who = person("he.yun", Role.SYSTEM_ADMIN)
    with served(guarded(court.folder, principal=who, store=court.store, clock=lambda: court.now)) as url:
        yield url


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_sound(browser: Browser, lead: str, admin: str, language: str) -> None:
    """No violation for axe, nothing asked of other hosts, no complaint, and nothing overflows 320 pixels."""
    own = {lead: ["/kpi", "/kpi/trend", "/kpi/late", "/teams", "/teams/kz1"], admin: ["/settings", "/settings/history"]}
    for url, paths in own.items():
        with desk(browser, url) as at:
            for path in paths:
                page = at.open(f"{path}?lang={language}")
                page.set_viewport_size({"width": 1280, "height": 900})
                for details in page.locator(".formula summary").all()[:1]:
                    details.click()
                assert at.violations() == [], path
                page.set_viewport_size({"width": 320, "height": 900})
                assert at.overflow <= 0, path
            assert (at.outside, at.complaints) == ([], [])


def test_the_indicators_are_printed_on_one_page_with_real_glyphs(browser: Browser, lead: str) -> None:
    """Table, six lines and three sentences; buttons and forms stay on the screen."""
    with desk(browser, lead) as at:
        for language in ("zh", "en"):
            page = at.open(f"/kpi?lang={language}&period=2026-01~2026-11")
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
            page.emulate_media(media="print")
            assert page.locator(".figures tbody tr:visible").count() == 8
            assert page.locator(".trends figure:visible").count() == 6
            assert page.locator(".points li:visible").count() == 3
            assert page.locator("form:visible, button:visible").count() == 0
            assert [name for name in at.fonts() if "CJK" not in name and "Noto Sans SC" not in name] == []
            page.emulate_media(media="screen")


def test_a_lead_chooses_months_and_assigns_cases_with_scripts_off(browser: Browser, lead: str, court: Court) -> None:
    """By a button, not on change; what is ticked goes to the team and leaves the list."""
    with desk(browser, lead, scripts=False) as at:
        page = at.open("/kpi")
        page.select_option("#period", "2026-05~2026-05")
        page.click("form.filters button")
        assert "2026 年 5 月" in page.inner_text("h1")
        page = at.open("/teams")
        before = page.locator("main form tbody tr").count()
        page.locator("input[type=checkbox]").first.check()
        page.select_option("#team", "kz1")
        page.click("main form button[type=submit]")
        assert "已分配 1 件" in page.inner_text("main")
        assert page.locator("main form tbody tr").count() == before - 1
        assert court.sql("SELECT count(*) FROM team_assignments")[0][0] == 1


def test_an_administrator_changes_an_interval_by_form(browser: Browser, admin: str, court: Court) -> None:
    """A mistake keeps what was typed in; put right, it is in force."""
    with desk(browser, admin, scripts=False) as at:
        page = at.open("/settings")
        page.fill("#high_days", "500")
        page.fill("#low_days", "600")
        page.fill("#reason", "年度参考区间")
        page.click("form[action='/settings'][method=post] button[type=submit]")
        assert page.title().startswith("错误：")
        assert page.input_value("#low_days") == "600"
        page.fill("#low_days", "60")
        page.click("form[action='/settings'][method=post] button[type=submit]")
        assert "已变更" in page.inner_text("main")
    assert court.record.settings.of(COURT).intervals["days"].low == 60.0
