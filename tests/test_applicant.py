"""The applicant's form on the public side: eight questions, nothing kept, nothing of the court's within reach."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from datetime import datetime
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from features.clock import SHANGHAI
from serving.applicant import applicant_app
from serving.pages.applicant.questions import NAMES
from serving.settings import Settings
from serving.statement import read_code

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=SHANGHAI)
WALK = (
    ("notice", {"consent": "yes"}),
    ("basis", {"basis": "mediation", "due": "2025-08-14"}),
    ("amount", {"relief": "money", "amount": "38,600元"}),
    ("debtor", {"debtor": "person"}),
    ("assets", {"asset_realty": "yes", "asset_claims": "yes"}),
    ("contact", {"contact": "yes", "paid": "unknown"}),
    ("preservation", {"preserved": "none", "expiry": ""}),
    ("urging", {"urging": "undecided"}),
)


class Phone:
    """A phone somewhere in front of the form."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return asyncio.run(self._ask("GET", path, headers=headers))

    def post(self, path: str, **data: str) -> httpx.Response:
        """Send a form."""
        return asyncio.run(self._ask("POST", path, data=data))

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=("203.0.113.9", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="https://apply.example") as client:
            return await client.request(method, path, **options)


def phone(**settings: str) -> Phone:
    """Return a phone in front of a form with these settings."""
    read = Settings.read({"FENLIU_ALLOW_REMOTE": "1", **settings})
    return Phone(applicant_app(read, clock=lambda: NOW))


@pytest.fixture(scope="module")
def visitor() -> Phone:
    """Return a phone that may call as often as it likes."""
    return phone(FENLIU_RATE_ADDRESS="10000")


def code_in(address: str) -> str:
    """Return the code that an address carries."""
    return address.partition("?code=")[2]


def walked(visitor: Phone) -> str:
    """Answer every question and return the code at the end."""
    code = ""
    for name, answers in WALK:
        sent = visitor.post(f"/apply/{name}", **answers, code=code)
        assert sent.status_code == 303, sent.text
        code = code_in(sent.headers["location"])
    assert sent.headers["location"].startswith("/apply/result?")
    return code


def test_eight_questions_lead_to_the_result(visitor: Phone) -> None:
    """The application can be made, by when, what may make it slow, what to do, and the papers; no chance."""
    page = visitor.get(f"/apply/result?code={walked(visitor)}").text
    assert "您的申请：可以直接申请执行" in page
    assert "最迟 2027-08-14 申请" in page
    assert "风险提示：低" in page
    assert len(re.findall("<ol>", page)) == 2
    assert not re.search(r"[0-9]+ ?%|概率|分值", page)


def test_each_page_shows_what_was_answered_before(visitor: Phone) -> None:
    """Going back loses nothing, an amount without its commas included."""
    code = walked(visitor)
    pages = {name: visitor.get(f"/apply/{name}?code={code}").text for name in NAMES}
    assert 'value="mediation" checked' in pages["basis"]
    assert 'value="2025-08-14"' in pages["basis"]
    assert 'value="38600"' in pages["amount"]
    assert re.findall(r'name="asset_(\w+)" value="yes" checked', pages["assets"]) == ["realty", "claims"]
    assert 'value="undecided" checked' in pages["urging"]


@pytest.mark.parametrize(
    ("name", "answers", "told"),
    [
        ("notice", {}, "请先勾选同意"),
        ("basis", {"due": "2025-08-14"}, "请选择一项"),
        ("basis", {"basis": "judgment", "due": ""}, "日期请写成"),
        ("basis", {"basis": "judgment", "due": "1999-12-31"}, "2000 年至 2060 年"),
        ("basis", {"basis": "judgment", "due": "2025-08-14", "due_unknown": "yes"}, "请不要同时勾选"),
        ("amount", {"relief": "money", "amount": "三万"}, "金额请写整数元"),
        ("amount", {"relief": "money", "amount": "0"}, "金额请写整数元"),
        ("amount", {"relief": "money", "amount": "99999999999"}, "金额请写整数元"),
        ("assets", {}, "请至少选择一项"),
        ("assets", {"asset_realty": "yes", "asset_unknown": "yes"}, "请至少选择一项"),
    ],
)
def test_what_cannot_be_taken_is_told_beside_the_question(
    visitor: Phone, name: str, answers: dict[str, str], told: str
) -> None:
    """The page comes again with 422, the words at the top and what was typed kept."""
    again = visitor.post(f"/apply/{name}", **answers, code="")
    assert again.status_code == 422
    assert again.text.count(told) == 2
    assert "错误：" in again.text
    for value in answers.values():
        assert not value or value == "yes" or f'value="{value}"' in again.text


def test_everything_may_be_unknown(visitor: Phone) -> None:
    """不清楚 throughout still leads to a result."""
    unknown = {
        "notice": {"consent": "yes"}, "basis": {"basis": "unknown", "due_unknown": "yes"},
        "amount": {"relief": "unknown", "amount_unknown": "yes"}, "debtor": {"debtor": "unknown"},
        "assets": {"asset_unknown": "yes"}, "contact": {"contact": "unknown", "paid": "unknown"},
        "preservation": {"preserved": "unknown"}, "urging": {"urging": "undecided"},
    }  # fmt: skip
    code = ""
    for name in NAMES:
        code = code_in(visitor.post(f"/apply/{name}", **unknown[name], code=code).headers["location"])
    page = visitor.get(f"/apply/result?code={code}").text
    assert "履行期满日未知" in page
    assert 'name="due_unknown" value="yes" checked' in visitor.get(f"/apply/basis?code={code}").text


def test_a_code_goes_on_where_it_stopped(visitor: Phone) -> None:
    """Typed on the first page, at the first question without an answer; a wrong one is told."""
    half = code_in(visitor.post("/apply/basis", **WALK[1][1], code="").headers["location"])
    assert visitor.post("/apply", code=half.lower()).headers["location"] == f"/apply/amount?code={half}"
    assert visitor.get(f"/apply/result?code={half}").headers["location"].startswith("/apply/amount?")
    wrong = visitor.post("/apply", code="ZC-<b>")
    assert (wrong.status_code, "编号有误" in wrong.text, "<b>" in wrong.text) == (422, True, False)
    assert visitor.get("/apply/basis?code=ZC-1234").status_code == 422


def test_the_file_that_goes_inward_is_the_applicants_own_word(visitor: Phone) -> None:
    """One JSON file, named as unverified, that says what the code says."""
    code = walked(visitor)
    told = visitor.get(f"/apply/statement?code={code}").json()
    answers = read_code(code)
    assert "未经核实" in told["notice"]
    assert (told["due"], told["amount_yuan"], told["assets"]) == ("2025-08-14", 38600, ["claims", "realty"])
    assert (told["debtor"], told["urging"]) == (answers.debtor, answers.urging)


def test_the_same_answers_always_give_the_same_page(visitor: Phone) -> None:
    """There is nothing to probe."""
    code = walked(visitor)
    first, second = (visitor.get(f"/apply/result?code={code}").text for _ in range(2))
    assert first == second


def test_the_bare_address_leads_to_the_form(visitor: Phone) -> None:
    """Nobody types a path on a phone."""
    led = visitor.get("/")
    assert (led.status_code, led.headers["location"]) == (303, "/apply")


def test_it_is_read_in_english_too(visitor: Phone) -> None:
    """By the link at the top."""
    page = visitor.get(f"/apply/result?code={walked(visitor)}&lang=en").text
    assert "Your application: you can apply for enforcement now" in page
    assert not re.search("[一-鿿]", re.sub(r"中文", "", page))


@pytest.mark.parametrize("path", ["/home", "/queue", "/login", "/v1/scores", "/apply/../queue", "/apply/nothing"])
def test_nothing_of_the_court_is_within_reach(visitor: Phone, path: str) -> None:
    """Addresses of the court's own pages do not exist here; the refusal leads back to the form."""
    found = visitor.get(path, Accept="text/html")
    assert found.status_code == 404
    assert "/login" not in found.text


def test_too_many_calls_are_held_back() -> None:
    """By address, as everywhere."""
    visitor = phone(FENLIU_RATE_ADDRESS="5")
    answers = [visitor.get("/apply") for _ in range(60)]
    held = [answer for answer in answers if answer.status_code == 429]
    assert held
    assert all("Retry-After" in answer.headers for answer in held)


def test_the_public_process_loads_no_model_store_or_key() -> None:
    """What is not in the process cannot leak out of it."""
    asked = "import sys, serving.applicant; print(*sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    foreign = ("lightgbm", "bentoml", "sqlalchemy", "models.bundle", "serving.store", "serving.repositories")
    assert [name for name in found if name.startswith(foreign)] == []
