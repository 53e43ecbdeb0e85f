"""Batches in a real browser: from a file of rows to decisions with scripts off, and every page sound."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from serving.access.roles import Role
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.office import hand_over
from serving.pages.problem_page import problem_page
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from tests.builders_browser import CHROMIUM, Desk, chromium, desk, served
from tests.builders_identity import GOOD, judge_of
from tests.builders_pages import Courthouse, standing_in
from tests.builders_serving import ORIGIN, ROOMY, opened
from tests.builders_sheets import HEADINGS, in_excel, row, worked_off

CLERK, JUDGE = "zhang.wei", "li.ming"
CASES = int(os.environ.get("BATCH_ROWS", "60"))
"""Lines of the file; the full run takes five hundred."""
PAYABLE = (
    "文书生效日",
    "履行期限届满日",
    "给付内容是否明确",
    "是否保全",
    "住所是否在辖区",
    "公告送达",
    "被执行人数",
    "执行依据种类",
)
KNOWN = ("2026-06-01", "2026-07-01", "是", "否", "是", "否", "1", "判决")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Courthouse:
    """Return a court with rules alone, which are quick."""
    folder = tmp_path_factory.mktemp("court")
    return Courthouse(folder, opened(folder), standing_in(tmp_path_factory.mktemp("rules"), model=False))


@pytest.fixture(scope="module")
def url(court: Courthouse) -> Iterator[str]:
    """Serve the court, asking its own porter who calls."""
    office, app = court.office(), rest_app()
    for name, role in ((JUDGE, Role.JUDGE), (CLERK, Role.CLERK)):
        applicant = judge_of(name=name, roles=frozenset({role}))
        office.reception.staff.accounts.create(applicant, origin=ORIGIN, password=GOOD, must_change=False)
    hand_over(app, office)
    door = Door.of(Settings(), page_of=problem_page)
    with served(Guard(app, door, TABLE, Admission(office.reception.porter, ROOMY))) as address:
        yield address


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workbook of good lines and three wrong ones."""
    lines = [[*row(f"SQ-{n:04d}", 申请执行标的额=f"{200 * n + 0.5:,.2f}"), *KNOWN] for n in range(1, CASES + 1)]
    wrong = [[*row("SQ-0001"), *KNOWN], [*row("SQ-9001", 申请执行标的额="1.234"), *KNOWN], [*row(1e17), *KNOWN]]
    path = tmp_path_factory.mktemp("files") / "某行案件.xlsx"
    path.write_bytes(in_excel([*lines, *wrong], headings=[*HEADINGS, *PAYABLE]))
    return path


def imported(at: Desk, file: Path) -> str:
    """Send the file as the clerk, confirm, and return the address of the batch."""
    page = at.open("/intake/import")
    at.log_in(CLERK, GOOD)
    page.set_input_files("#file", file)
    page.click("main form.upload button[type=submit]")
    page.wait_for_selector("#wrong")
    page.click("main form[action$=confirm] button[type=submit]")
    page.wait_for_selector("progress")
    return page.url.removeprefix(at.url)


def decided(page: Page, group: str) -> None:
    """Open every drawn case, set two apart, and decide the rest as advised."""
    page.goto(group)
    for place in range(page.locator("form:has(input[value=look]) button").count()):
        page.goto(group)
        page.locator("form:has(input[value=look]) button").nth(place).click()
        assert "/cases/SCR-" in page.url
    for _ in range(2):
        page.goto(group)
        page.locator("form:has(input[value=except]) button").nth(3).click()
    page.check("input[name=lane][value=advised]")
    page.click("form[action$=plan] button[type=submit]")
    if page.locator("#warnings_checked input").count():
        page.check("#warnings_checked input")
    page.click("form[action$=decision] button[type=submit]")
    assert page.url.endswith("#decisions")


def test_from_file_to_decisions_with_scripts_off(browser: Browser, url: str, court: Courthouse, file: Path) -> None:
    """The clerk imports, the judge looks, sets two apart, and decides; the page says how it went; paper holds it."""
    with desk(browser, url, scripts=False) as at:
        batch = imported(at, file)
        worked_off(court)
        page = at.open(batch)
        assert page.locator("progress").count() == 0
        at.page.context.clear_cookies()
        page = at.open(batch)
        at.log_in(JUDGE, GOOD)
        group = url + page.locator("table.groups tbody th a").first.get_attribute("href")
        of = int(page.locator("table.groups tbody td").first.inner_text().replace(",", ""))
        decided(page, group)
        worked_off(court)
        page.reload()
        assert f"已决定 {of - 2}/{of - 2} 件" in page.inner_text("#decisions ~ div")
        at.open(f"{batch}/sheet")
        printed = page.pdf(prefer_css_page_size=True)
        assert 2 <= len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 3 + CASES // 25
        assert at.outside == []


def test_with_scripts_the_page_of_a_batch_goes_on_by_itself(
    browser: Browser, url: str, court: Courthouse, file: Path
) -> None:
    """It asks how far the scoring is, and shows the groups when they are there."""
    with desk(browser, url) as at:
        at.open("/login")
        at.log_in(CLERK, GOOD)
        at.open("/intake/import")
        at.page.set_input_files("#file", file)
        at.page.click("main form.upload button[type=submit]")
        at.page.wait_for_selector("text=已登记过")
        assert at.violations() == []
        at.page.check("input[name=again]")
        at.page.click("main form[action$=confirm] button[type=submit]")
        at.page.wait_for_selector("progress")
        assert at.violations() == []
        worked_off(court)
        at.page.wait_for_selector("table.groups")
        assert (at.outside, at.complaints) == ([], [])


def tabbed(page: Page, target: str) -> None:
    """Go on with the tab key until the focus is on the first of these."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("it => document.activeElement === document.querySelector(it)", target):
            return
    pytest.fail(f"the keyboard does not reach {target}")


def entered(page: Page, target: str, key: str = "Enter") -> None:
    """Go there by the keyboard and press it."""
    tabbed(page, target)
    with page.expect_navigation():
        page.keyboard.press(key)


def logged_in(page: Page, name: str) -> None:
    """Type name and password into the form, as soon as it has the focus."""
    page.wait_for_function("() => document.activeElement.id === 'name'")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(GOOD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_keyboard_alone_registers_and_decides_a_group(browser: Browser, url: str, court: Courthouse) -> None:
    """With scripts on: an application to its receipt; then a group's spot check, its check page, and the decision."""
    with desk(browser, url) as at:
        page = at.open("/login")
        logged_in(page, CLERK)
        at.open("/intake/new")
        for name, value in (("application_id", "SQ-KEYS"), ("claim_amount", "1000.00")):
            tabbed(page, f"#{name}")
            page.keyboard.type(value)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "SQ-KEYS" in page.inner_text("article.paper")
        assert page.pdf()[:5] == b"%PDF-"
        page.context.clear_cookies()
        page = at.open("/login")
        logged_in(page, JUDGE)
        at.open("/batches")
        entered(page, "table tbody th a")
        entered(page, "table.groups tbody th a")
        group = page.url
        entered(page, "form:has(input[value=look]) button")
        for place in range(1, 10):
            page.goto(group)
            page.locator("form:has(input[value=look]) button").nth(place).press("Enter")
            page.wait_for_url("**/cases/SCR-*")
        page.goto(group)
        tabbed(page, "input[name=lane]")
        page.keyboard.press("Space")
        entered(page, "form[action$=plan] button")
        if page.locator("#warnings_checked input").count():
            tabbed(page, "#warnings_checked input")
            page.keyboard.press("Space")
        entered(page, "form[action$=decision] button")
        worked_off(court)
        page.reload()
        done, of = re.findall(r"已决定 (\d+)/(\d+) 件", page.inner_text("#decisions ~ div"))[0]
        assert done == of
        entered(page, f"main a[href='/batches/{group.split('/')[4]}']")
        entered(page, "a[href$=sheet]")
        assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
        assert (at.outside, at.complaints) == ([], [])


@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 320)])
def test_every_page_of_a_batch_is_sound(browser: Browser, url: str, language: str, width: int) -> None:
    """No violation for axe, no sideways scrolling, nothing asked of others, no complaint."""
    with desk(browser, url, width=width) as at:
        at.open(f"/login?lang={language}")
        at.log_in(JUDGE, GOOD)
        page = at.open("/batches")
        batch = page.locator("table tbody th a").first.get_attribute("href") or ""
        at.open(batch)
        group = page.locator("table.groups tbody th a").first.get_attribute("href") or ""
        for path in ("/batches", batch, group, f"{batch}/source", f"{batch}/sheet"):
            at.open(path)
            assert at.violations() == [], path
            assert at.overflow <= 0, path
        assert (at.outside, at.complaints) == ([], [])


def test_the_import_is_sound(browser: Browser, url: str, file: Path) -> None:
    """The form, the form with a fault, and what was read; narrow, in English."""
    with desk(browser, url, width=320) as at:
        at.open("/login?lang=en")
        at.log_in(CLERK, GOOD)
        at.open("/intake/import")
        assert (at.violations(), max(at.overflow, 0)) == ([], 0)
        at.page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
        at.page.click("main form.upload button[type=submit]")
        at.page.wait_for_selector("[role=alert]")
        assert (at.violations(), max(at.overflow, 0)) == ([], 0)
        at.page.set_input_files("#file", file)
        at.page.click("main form.upload button[type=submit]")
        at.page.wait_for_selector("#wrong")
        assert (at.violations(), max(at.overflow, 0)) == ([], 0)
