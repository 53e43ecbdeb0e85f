"""The model pages in a real browser: charts under the strict policy, the switch without scripts, paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from serving.access.roles import Role
from tests.builders_browser import CHROMIUM, chromium, desk, served
from tests.builders_case import NOW
from tests.builders_model_page import ModelHome, evaluation
from tests.builders_pages import person
from tests.builders_serving import guarded

LEADER = replace(person("zhao.ying", Role.LEADERSHIP), csrf="t" * 16)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all of these tests."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium：apt-get install chromium fonts-noto-cjk / no Chromium is installed")
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a court with a model that was measured, to its leadership."""
    home = ModelHome(tmp_path_factory.mktemp("home"))
    (home.folder / "bundles").mkdir()
    home.measured(home.promote(), evaluation())
    with served(guarded(home.folder, principal=LEADER, clock=lambda: NOW)) as address:
        yield address


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_a_score_is_read_by_everybody(browser: Browser, url: str, lang: str) -> None:
    """Drawn under the strict policy, without a complaint, an outside request or a barrier."""
    with desk(browser, url) as at:
        page = at.open(f"/models/A.ability?lang={lang}")
        page.wait_for_selector(".drawn canvas")
        assert not page.is_visible("svg.calibration")
        assert page.get_attribute(".drawn .canvas", "aria-label")
        assert (at.violations(), at.complaints, at.outside) == ([], [], [])


@pytest.mark.parametrize("path", ["/models", "/models/A.ability", "/models/A.ability/brief"])
def test_pages_are_narrow_without_scripts(browser: Browser, url: str, path: str) -> None:
    """At 320 pixels nothing is lost to the side; the server's drawing stands where no script runs."""
    with desk(browser, url, scripts=False, width=320) as at:
        page = at.open(path)
        assert (at.overflow, at.complaints, at.outside) == (0, [], [])
        assert path != "/models/A.ability" or page.is_visible("svg.calibration")


def test_the_models_are_stopped_and_go_on_by_a_plain_form(browser: Browser, url: str) -> None:
    """With scripts off: stop with a reason, see it, go on again."""
    with desk(browser, url, scripts=False) as at:
        page = at.open("/models")
        for state, reason, said in (("stopped", "抽查异常", "部分法院已停用"), ("running", "复核无误", "正常")):
            page.check(f"input[name=state][value={state}]")
            page.fill("#reason", reason)
            page.click(".switch-form button[type=submit]")
            assert page.url.endswith("/models#switch")
            assert reason in page.inner_text("#switch")
            assert said in page.inner_text(".model-head")


def test_the_leadership_prints_one_page_and_the_file_a_few(browser: Browser, url: str) -> None:
    """领导一页 is one page in both languages; 模型备案材料 six at most, with lines to sign on."""
    with desk(browser, url) as at:
        brief, whole = "/models/A.ability/brief", "/models/A.ability"
        for path, most in ((brief, 1), (f"{brief}?lang=en", 1), (whole, 6)):
            printed = at.open(path).pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= most, path
        page = at.page
        page.emulate_media(media="print")
        assert page.is_visible(".sign")
        assert page.is_visible("svg.calibration")
