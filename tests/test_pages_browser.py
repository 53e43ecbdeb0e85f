"""The pages in a real browser: with scripts off, narrow, by keyboard, on paper, read aloud, and calling nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from serving.access.roles import Role
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.model_life import NO_BUNDLE, ModelLife
from serving.office import hand_over
from serving.pages.problem_page import problem_page
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from tests.builders_browser import CHROMIUM, chromium, desk, served
from tests.builders_case import ABSENT, case_document, stage_b_document
from tests.builders_identity import GOOD, judge_of
from tests.builders_pages import Courthouse, standing_in
from tests.builders_serving import ORIGIN, ROOMY, opened

NAME = "li.ming"
LONGEST = "超长申请编号" * 25


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Courthouse:
    """Return a court with a model and two judges."""
    folder = tmp_path_factory.mktemp("court")
    standing = standing_in(tmp_path_factory.mktemp("model"), model=True)
    return Courthouse(folder, opened(folder), standing)


@pytest.fixture(scope="module")
def url(court: Courthouse) -> Iterator[str]:
    """Serve the court, asking its own porter who calls."""
    office, app = court.office(), rest_app()
    for name, role in ((NAME, Role.JUDGE), ("zhang.wei", Role.CLERK)):
        applicant = judge_of(name=name, roles=frozenset({role}))
        office.reception.staff.accounts.create(applicant, origin=ORIGIN, password=GOOD, must_change=False)
    hand_over(app, office)
    door = Door.of(Settings(), page_of=problem_page)
    with served(Guard(app, door, TABLE, Admission(office.reception.porter, ROOMY))) as address:
        yield address


EXPLAINED = {"explain": {"reasons": 5, "flips": 3}}


def test_a_judge_decides_with_scripts_off(browser: Browser, url: str, court: Courthouse) -> None:
    """From the link in a message through log-in, a look at the predictions and a mistake, to the decision."""
    advice_id = court.score(case_document(**EXPLAINED))
    with desk(browser, url, scripts=False) as at:
        page = at.open(f"/cases/{advice_id}")
        at.log_in(NAME, GOOD)
        assert page.url.endswith(f"/cases/{advice_id}")
        page.click("text=查看预测")
        assert page.locator("svg.dots").count() == 2
        page.check("input[name=lane][value=ordinary]")
        page.click("text=提交决定")
        assert page.title().startswith("错误：")
        page.check("input[name=reason][value=party]")
        page.click("text=提交决定")
        assert page.url.endswith("#decision")
        assert "李明" in page.inner_text("#decision")
        assert at.outside == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_sound(browser: Browser, url: str, court: Courthouse, language: str) -> None:
    """No violation for axe, nothing asked of others, no complaint, no sideways scrolling; without scores as well."""
    unscored = court.score(case_document(application_id="SQ-1", claim_amount=ABSENT, principal=ABSENT))
    without_model = court.score(case_document(application_id="SQ-2"), life=ModelLife(None, None, NO_BUNDLE))
    shown = court.score(case_document(application_id=LONGEST, **EXPLAINED))
    paths = ["/login", "/help", "/queue", "/queue?number=none", f"/cases/{unscored}", f"/cases/{without_model}",
             "/password", f"/cases/{shown}",
             f"/cases/{court.score(stage_b_document())}", "/intake/new", f"/cases/{shown}/receipt",
             f"/cases/{shown}/sheet", f"/cases/{shown}/party-sheet", "/cases/SCR-20200101-000001"]  # fmt: skip
    with desk(browser, url) as at:
        at.open(f"/login?lang={language}")
        at.log_in(NAME, GOOD)
        for path in paths:
            at.open(path)
            assert at.violations() == [], path
            assert at.overflow <= 0, path
        page = at.open(f"/cases/{shown}")
        page.click("#scores button")
        assert at.violations() == []
        assert at.outside == []
        assert [text for text in at.complaints if "404" not in text] == []


def test_a_narrow_screen_and_large_letters_lose_nothing(browser: Browser, url: str, court: Courthouse) -> None:
    """320 pixels, and letters of twice the size."""
    advice_id = court.score(case_document(application_id=LONGEST, **EXPLAINED))
    with desk(browser, url, width=320) as at:
        page = at.open(f"/cases/{advice_id}")
        at.log_in(NAME, GOOD)
        page.click("#scores button")
        for path in (f"/cases/{advice_id}", f"/cases/{advice_id}/sheet", "/help"):
            at.open(path)
            assert at.overflow <= 0, path
        page.set_viewport_size({"width": 640, "height": 900})
        at.open(f"/cases/{advice_id}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert at.overflow <= 0


def test_the_keyboard_alone_decides(browser: Browser, url: str, court: Courthouse) -> None:
    """The first tab skips to the content; arrows choose, enter sends."""
    advice_id = court.score(stage_b_document())
    with desk(browser, url) as at:
        page = at.open(f"/cases/{advice_id}")
        page.keyboard.type(NAME)
        page.keyboard.press("Tab")
        page.keyboard.type(GOOD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#decision")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.focus("input[name=lane]")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**#decision")
        assert "暂不采纳，按原流程办理" in page.inner_text("#decision")


def test_the_sheets_are_printed_on_two_pages_and_one(browser: Browser, url: str, court: Courthouse) -> None:
    """With real Chinese glyphs, even for the longest reasons and the longest number."""
    advice_id = court.score(case_document(application_id=LONGEST, **EXPLAINED))
    with desk(browser, url) as at:
        page = at.open(f"/cases/{advice_id}")
        at.log_in(NAME, GOOD)
        page.click("#scores button")
        for path, most, wide in (("sheet", 2, 210), ("party-sheet", 1, 210), ("receipt", 1, 148)):
            at.open(f"/cases/{advice_id}/{path}")
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= most, path
            sizes = {round(float(found) / 72 * 25.4) for found in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+)", printed)}
            assert sizes == {wide}, path
            assert LONGEST in page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--running')")
            page.emulate_media(media="print")
            drawn = at.fonts()
            assert sum(drawn.values()) > 100
            assert [name for name in drawn if "CJK" not in name and "Noto Sans SC" not in name] == []
            page.emulate_media(media="screen")
