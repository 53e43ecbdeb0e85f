"""Every page that links lead to, as every role sees it: read aloud, narrow, enlarged, hostile, and calling nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from serving.demo.people import PEOPLE
from tests.builders_browser import CHROMIUM, chromium, desk
from tests.builders_demo import DemoCourt
from tests.builders_servers import Served
from tests.builders_walk import formulas_in, kind_of, logged_in, pages_from, send_planted, shot, too_wide

WALKERS = ("lead", "judge", "clerk", "president", "scientist", "auditor", "sysadmin", "secadmin")
"""Whoever sees most comes first: what one has seen the next need not see again."""

COVERING = ("lead", "president", "auditor", "sysadmin")
"""Whose pages together are all of them, for the second language."""

FORMS_OF_THEIR_OWN = {"president": {"/models"}, "judge": {"/intake/new"}}
"""Pages on which somebody finds another form than whoever came before."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def passwords(demo_court: DemoCourt) -> dict[str, str]:
    """Return passwords that are in force now."""
    return demo_court.new_passwords()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_sound_for_every_role(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str
) -> None:
    """No violation for axe, nothing sticks out, nothing is asked of other hosts, no complaint in the console."""
    seen: set[str] = set()
    wrong: list[str] = []
    for account in WALKERS if language == "zh" else COVERING:
        with desk(browser, demo_service.url) as at:
            logged_in(at, account, passwords[account], language=language)
            seen -= {"/home", *FORMS_OF_THEIR_OWN.get(account, ())}
            for page in pages_from(at, seen):
                name = f"{account} {kind_of(page.url)}"
                wrong += [f"{name}: {rule} {html[:160]}" for rule, html in at.violations()]
                wrong += [f"{name}: {how}" for how in too_wide(at)]
                shot(page, f"{language}-{name.replace('/', '_').replace(' ', '')}")
            wrong += [f"{account}: {text}" for text in at.complaints]
            assert at.outside == []
    assert wrong == []
    assert {
        "/home",
        "/queue",
        "/intake/new",
        "/models",
        "/audit",
        "/help",
        "/kpi",
        "/batches",
        "/intake/import",
    } <= seen
    assert any(kind.startswith("/cases/") for kind in seen)
    assert {person.role for person in PEOPLE if person.name in WALKERS} == {person.role for person in PEOPLE}


def test_what_is_typed_comes_back_as_text_everywhere(
    browser: Browser, demo_service: Served, passwords: dict[str, str]
) -> None:
    """Markup and formulas in every field of every form: shown as they were typed, and no file runs them."""
    shown, sent, files = 0, 0, []
    written = {"/password", "/login"}
    for account, writes in (("lead", True), ("president", True), ("sysadmin", True), ("lead", False)):
        with desk(browser, demo_service.url) as at:
            logged_in(at, account, passwords[account])
            at.page.on("dialog", lambda asked: pytest.fail(f"ran: {asked.message}"))
            written -= {"/home", *FORMS_OF_THEIR_OWN.get(account, ())}
            for page in pages_from(at, written if writes else {"/password", "/login"}):
                here = page.url.removeprefix(at.url)
                assert page.locator("[data-planted]").count() == 0, here
                shown += "data-planted" in page.inner_text("main")
                files += page.eval_on_selector_all("main a[href*='.csv']", "links => links.map(link => link.href)")
                sent += send_planted(at, here) if writes else 0
            answers = {file: at.page.request.get(file) for file in files}
            assert [file for file, got in answers.items() if got.ok and formulas_in(got.text())] == []
            assert [text for text in at.complaints if "Content Security Policy" in text] == []
    assert (sent > 10, shown > 0, len(files) > 0) == (True, True, True)


def test_real_glyphs_are_drawn_on_screen_and_on_paper(
    browser: Browser, demo_service: Served, passwords: dict[str, str]
) -> None:
    """Rare characters of names too: every glyph comes from a font that has it, none from one of boxes."""
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "judge", passwords["judge"]).open("/queue?number=SQ")
        assert "𬭎䶮㛃" in page.inner_text("main")
        address = page.locator("main tbody th a", has_text="𬭎").get_attribute("href")
        for path in (address, f"{address}/sheet", "/kpi", "/models"):
            at.open(str(path))
            for media in ("screen", "print"):
                page.emulate_media(media=media)
                drawn = at.fonts()
                assert sum(drawn.values()) > 100, path
                assert [name for name in drawn if "CJK" not in name and "Noto Sans SC" not in name] == [], path
            page.emulate_media(media="screen")
