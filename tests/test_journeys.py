"""What people come for, from the log-in to the paper, as a newcomer would do it: in Chromium, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.builders_browser import CHROMIUM, Desk, chromium, desk
from tests.builders_demo import DemoCourt
from tests.builders_model_page import GATE, ModelHome
from tests.builders_models import tiny_bundle
from tests.builders_servers import Served
from tests.builders_walk import logged_in, shot

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


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


def registered(at: Desk, number: str, **more: str) -> str:
    """Register an application at the counter, and return the id of the answer from the receipt."""
    page = at.open("/intake/new")
    given = {"application_id": number, "claim_amount": "38600.00", "cause_code": "126", "due_date": "2026-08-14",
             "basis_effective_date": "2026-07-30", **more}  # fmt: skip
    for name, text in given.items():
        page.fill(f"#{name}", text)
    for name, value in (("debtor_type", "person"), ("applicant_type", "enterprise"), ("consent_urge", "agree")):
        page.select_option(f"#{name}", value)
    page.click("main form.intake button[type=submit]")
    page.wait_for_url("**/receipt")
    return re.findall(r"/cases/([^/]+)/receipt", page.url)[0]


def decide(page: Page, lane: str, *, reason: str = "") -> None:
    """Fill in the decision form of a case page and send it."""
    page.check(f"#decision input[name=lane][value={lane}]")
    if reason:
        page.check(f"#decision input[name=reason][value={reason}]")
    if page.locator("#decision input[name=warnings_checked]").count():
        page.check("#decision input[name=warnings_checked]")
    page.click("#decision form button[type=submit]")


@LANGUAGES
def test_the_clerk_registers_and_the_judge_decides_and_prints(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str
) -> None:
    """From an empty form to a decision with a sheet of at most two pages."""
    number = f"SQ-JOURNEY-1-{language}"
    with desk(browser, demo_service.url) as at:
        logged_in(at, "clerk", passwords["clerk"], language=language)
        advice_id = registered(at, number)
        assert number in at.page.inner_text("main")
        shot(at.page, f"{language}-journey-receipt")
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "judge", passwords["judge"], language=language).open(f"/queue?number={number}")
        page.click("main tbody th a")
        assert page.url.endswith(advice_id)
        page.click("#scores button")
        advised = page.locator("#decision label:has(.muted) input[name=lane]").get_attribute("value")
        decide(page, str(advised))
        page.wait_for_url("**#decision")
        shot(page, f"{language}-journey-decided")
        at.open(f"/cases/{advice_id}/sheet")
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) <= 2
        assert (at.outside, at.complaints) == ([], [])


@LANGUAGES
def test_the_judge_decides_otherwise_with_one_reason(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str
) -> None:
    """Without a reason the form comes back with what is missing; with one it is on record, in the reader's language."""
    with desk(browser, demo_service.url) as at:
        logged_in(at, "clerk", passwords["clerk"], language=language)
        advice_id = registered(at, f"SQ-JOURNEY-2-{language}")
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "judge", passwords["judge"], language=language).open(f"/cases/{advice_id}")
        decide(page, "ordinary")
        assert page.locator("[role=alert] a").count() == 1
        decide(page, "ordinary", reason="unknown_facts")
        page.wait_for_url("**#decision")
        assert {"zh": "系统未掌握的案情", "en": "facts the system does not know"}[language] in page.inner_text("main")


@LANGUAGES
def test_the_auditor_verifies_and_finds_his_own_look(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str
) -> None:
    """One button, the result in words."""
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "auditor", passwords["auditor"], language=language).open("/audit")
        page.click("form[action='/audit/verify'] button")
        assert {"zh": "完好：已核验", "en": "Intact:"}[language] in page.inner_text("#verified")
        assert "audit.verify" in page.inner_text("main tbody")
        assert at.violations() == []
        shot(page, f"{language}-journey-verified")


@LANGUAGES
def test_a_promotion_is_asked_for_signed_and_seen_on_the_model_page(
    browser: Browser, demo_service: Served, demo_court: DemoCourt, passwords: dict[str, str], language: str
) -> None:
    """A data scientist asks, the president signs, and the page names the new bundle without a restart."""
    home, name = ModelHome(demo_court.settings.home), f"tiny-{language}"
    tiny_bundle(demo_court.settings.bundles, name, seed=3 if language == "zh" else 4)
    home.measured(home.sha256(name), {"gates": [GATE]})
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "scientist", passwords["scientist"], language=language).open("/models")
        assert page.locator("#promotion input[type=radio]:checked").count() == 0
        page.check(f"#promotion input[value={name}]")
        page.fill("#ask-reason", "=演示<b>")
        page.check("#ask-demo input")
        shot(page, f"{language}-journey-promotion-asked")
        page.click(".ask-form button")
        page.wait_for_url("**/models#promotion")
        assert page.locator("[formaction$=sign]").count() == 0
        assert at.violations() == []
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "president", passwords["president"], language=language).open("/models")
        page.fill(".request textarea", "同意")
        shot(page, f"{language}-journey-promotion-waits")
        page.click("[formaction$=sign]")
        page.wait_for_url("**/models#promotion")
        assert name in page.inner_text(".model-head")
        assert "=演示<b>" in page.inner_text("main")
        assert (at.violations(), at.outside, at.complaints) == ([], [], [])
        shot(page, f"{language}-journey-promoted")


@LANGUAGES
def test_the_stop_switch_leaves_the_rules_and_says_so(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str
) -> None:
    """Off with a reason, seen on the first page, no prediction for new cases; and on again."""
    with desk(browser, demo_service.url) as leader, desk(browser, demo_service.url) as at:
        logged_in(leader, "president", passwords["president"], language=language)
        turned(leader, "stopped")
        assert {"zh": "停用模型", "en": "switched off"}[language] in leader.open("/home").inner_text("main")
        logged_in(at, "clerk", passwords["clerk"], language=language)
        advice_id = registered(at, f"SQ-JOURNEY-5-{language}")
        page = at.open(f"/cases/{advice_id}")
        assert page.locator("svg.dots").count() == 0
        assert {"zh": "仅", "en": "rules"}[language] in page.inner_text("main")
        shot(page, f"{language}-journey-stopped")
        turned(leader, "running")


def turned(at: Desk, state: str) -> None:
    """Turn the stop switch of the court on the model page."""
    page = at.open("/models")
    page.check(f"#switch input[name=state][value={state}]")
    page.fill("#switch textarea", "=演练<b>")
    page.click("#switch form button[type=submit]")
    page.wait_for_load_state()
    assert "=演练<b>" in page.inner_text("#switch")


@LANGUAGES
def test_five_hundred_cases_are_imported_and_decided_with_exceptions(
    browser: Browser, demo_service: Served, passwords: dict[str, str], language: str, tmp_path: Path
) -> None:
    """File, check, scores in the background, spot check, one case set apart, one decision for the rest of a group."""
    file = tmp_path / "serial.ndjson"
    rows = 500 if language == "zh" else 30
    file.write_text("\n".join(_serial(n, language) for n in range(rows)), encoding="utf-8")
    with desk(browser, demo_service.url) as at:
        page = logged_in(at, "lead", passwords["lead"], language=language).open("/intake/import")
        page.set_input_files("#file", file)
        page.click("form.upload button[type=submit]")
        assert str(rows) in page.inner_text("main .sums")
        page.click("form.card button[type=submit]")
        _wait_scored(page)
        shot(page, f"{language}-journey-batch")
        page.click("main table.groups tbody th a")
        group = page.url
        for place in range(page.locator("form:has(input[value=look]) button").count()):
            page.locator("form:has(input[value=look]) button").nth(place).click()
            page.goto(group)
        page.locator("form:has(input[value=except]) button").first.click()
        page.goto(group)
        page.check("#lane input >> nth=0")
        page.click("form[action$='/plan'] button[type=submit]")
        for name in ("reason", "warnings_checked"):
            if page.locator(f"input[name={name}]").count():
                page.locator(f"input[name={name}]").first.check()
        page.click("form[action$='/decision'] button[type=submit]")
        page.goto(group)
        shot(page, f"{language}-journey-batch-decided")
        assert page.locator("#decisions").count() == 1
        assert (at.outside, at.complaints) == ([], [])


def _wait_scored(page: Page) -> None:
    for _ in range(240):
        if page.locator("main table.groups").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.inner_text("main"))


def _serial(number: int, language: str) -> str:
    case = {
        "received_at": "2026-11-25T10:00:00+08:00", "basis_type": "judgment", "cause_code": "126",
        "cause_version": "2026", "claim_amount": f"{3000 + 10 * number}.00", "basis_effective_date": "2026-06-01",
        "due_date": "2026-07-01", "applicant_type": "enterprise", "debtor_type": "person", "n_debtors": 1,
        "consent_urge": "agree", "phone_provided": True, "relief_type": "money", "basis_clear": True,
    }  # fmt: skip
    return json.dumps(
        {"application_id": f"SQ-BATCH-{language}-{number:03d}", "court_code": "浙1022", "stage": "A",
         "as_of": "2026-11-25T10:00:00+08:00", "schema_version": "2026-11", "case": case}, ensure_ascii=False
    )  # fmt: skip
