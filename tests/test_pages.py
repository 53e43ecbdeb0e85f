"""What holds on every page: words in two languages, no logic in templates, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from features.register import load_register
from serving.pages import formats
from serving.pages.assets import address, assets
from serving.pages.entering import onward
from serving.pages.language import language
from serving.pages.rendering import environment, prepare
from serving.pages.stored_words import source_words, value_words
from tests.builders_pages import ROOT, TEMPLATES, messages

ZH, EN = language("zh-CN"), language("en")
CATALOGUES = sorted((ROOT / "serving" / "pages" / "locale" / "en").glob("*.po"))


def entries() -> list[Message]:
    """Return every entry of every catalogue."""
    found = []
    for path in CATALOGUES:
        with path.open("rb") as text:
            found += [entry for entry in read_po(text, locale="en", abort_invalid=True) if entry.id]
    return found


def zh_of(entry: Message) -> str:
    """Return the Chinese of an entry, the same for one and for several."""
    return entry.id if isinstance(entry.id, str) else entry.id[0]


def en_of(entry: Message) -> tuple[str, ...]:
    """Return the English of an entry: one wording, or one for each number."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def test_every_word_of_the_pages_has_its_english() -> None:
    """None is missing, none is left over, none stands in two catalogues, none is empty or unsure."""
    found = entries()
    said = [zh_of(entry) for entry in found]
    assert set(said) == messages()
    assert sorted(said) == sorted(set(said))
    assert [entry.id for entry in found if not all(en_of(entry)) or entry.fuzzy] == []


def test_a_translation_names_the_same_values_as_its_source() -> None:
    """A name that is missing would lose a fact, one too many would break the page."""
    names = re.compile(r"\{\w+\}|%\(\w+\)s")
    pairs = [(zh_of(entry), en) for entry in entries() for en in en_of(entry)]
    assert [zh for zh, en in pairs if sorted(names.findall(zh)) != sorted(names.findall(en))] == []


FORBIDDEN = (nodes.Compare, nodes.And, nodes.BinExpr, nodes.Filter, nodes.Test, nodes.CondExpr, nodes.Assign)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_shows_and_decides_nothing(path: Path) -> None:
    """It names properties, repeats, and leaves out; whatever is worked out has a name in a page model."""
    tree = environment("zh-CN").parse(path.read_text(encoding="utf-8"))
    logic = [type(node).__name__ for kind in FORBIDDEN for node in tree.find_all(kind)]
    calls = [node.node for node in tree.find_all(nodes.Call)]
    named = [call.name if isinstance(call, nodes.Name) else f"{getattr(call.node, 'name', '?')}." for call in calls]
    free = {"_", "asset"}
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    assert logic == []
    assert [name for name in named if name not in {*free, *macros, "parts.", "faults."}] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_nothing_inline_and_no_address_of_others(path: Path) -> None:
    """The strict policy would refuse it on the page, where nobody sees why."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:|https?://", text)
    assert not re.search(r"\|\s*safe|autoescape", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_ranks_and_brands_nobody_and_ticks_no_lane(path: Path) -> None:
    """No 排名, no 老赖; a tick stands only where the reader has made it."""
    text = path.read_text(encoding="utf-8")
    assert not re.search("排名|倒数|老赖|信用差|风险人员|红黄灯", text)
    assert re.findall(r"\bchecked\b", text) == re.findall(r"(?<=%}) (checked)(?={%)", text)


def test_every_page_can_be_made_when_the_service_starts() -> None:
    """A template that cannot be read or a damaged catalogue stops the start, not a judge's work."""
    prepare()


def test_files_are_served_under_names_that_change_with_their_content() -> None:
    """So that browsers may keep them for a year; style sheets refer to the same names."""
    sheets = [asset for asset in assets().values() if asset.kind == "text/css"]
    assert {asset.name.split(".")[0] for asset in sheets} == {"applicant", "fenliu", "fonts"}
    for sheet in sheets:
        referred = re.findall(r"url\(([^)]+)\)", sheet.body.decode("utf-8"))
        assert set(referred) <= assets().keys()
    assert re.fullmatch(r"/static/fenliu\.[0-9a-f]{12}\.css", address("fenliu.css"))
    with pytest.raises(KeyError, match="none"):
        address("none.css")


def test_the_fonts_come_with_their_licence() -> None:
    """SIL OFL 1.1 asks for it."""
    folder = ROOT / "serving" / "pages" / "static" / "fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8").upper()
    assert len(list(folder.glob("*.woff2"))) == 101


@pytest.mark.parametrize(
    ("asked", "leads"),
    [("/cases/SCR-20261120-000001", True), ("/queue?lane=urge&lang=en", True), ("//evil.example", False),
     ("/\\evil.example", False), ("https://evil.example", False), ("javascript:alert(1)", False), ("", False),
     ("/a\nb", False), ("/%0d%0aSet-Cookie:x", True)],
)  # fmt: skip
def test_logging_in_leads_on_to_pages_of_ours_only(asked: str, *, leads: bool) -> None:
    """Whatever stands in the hidden field."""
    assert onward(asked) == (asked if leads else "")


@given(st.text())
def test_no_text_at_all_leads_elsewhere(asked: str) -> None:
    """It is an address on this host, or nothing."""
    found = onward(asked)
    assert found == "" or re.match(r"/([^/\\]|$)", found)


def test_money_and_days_read_the_same_everywhere() -> None:
    """With separators and two decimals; with the unit in the reader's language; unknown is said, never nought."""
    assert formats.money("6120000", ZH) == "6,120,000.00 元"
    assert formats.money(Decimal("38600.5"), EN) == "38,600.50 yuan"
    assert (formats.money(None, ZH), formats.amount(None), formats.day(None, EN)) == ("未知", "--", "unknown")
    assert formats.instant("2026-11-20T01:12:59+00:00") == "2026-11-20 09:12"
    assert [formats.signed(value) for value in (11, -7, 0)] == ["+11", "−7", "0"]


@pytest.mark.parametrize(
    ("due", "zh", "en"),
    [("2026-11-27", "7 日后到期", "7 days left"), ("2026-11-20", "今日届满", "ends today"),
     ("2026-11-19", "已过 1 日", "1 day overdue")],
)  # fmt: skip
def test_a_deadline_says_how_far_it_is(due: str, zh: str, en: str) -> None:
    """Over is over from the day after, not before."""
    today = date(2026, 11, 20)
    assert formats.left(date.fromisoformat(due), today, ZH) == zh
    assert formats.left(date.fromisoformat(due), today, EN) == en


def test_money_has_one_name_in_english() -> None:
    """Yuan, as in the words of the rules; the code CNY stands in no sentence."""
    told = [en for entry in entries() for en in en_of(entry)]
    assert [en for en in told if "CNY" in en or "RMB" in en] == []
    assert formats.money("1", EN) == "1.00 yuan"


@pytest.mark.parametrize(
    ("zh", "en"),
    [("285日", "285 days"), ("1件", "1 case"), ("1 日", "1 day"), ("36,000元", "36,000 yuan"), ("是", "yes"),
     ("2025-11-20（5日）", "2025-11-20 (5 days)"), ("仲裁裁决", "arbitral award"), ("金融借款", "financial loan"),
     ("22%", "22%"), ("浙1022", "浙1022")],
)  # fmt: skip
def test_what_a_record_keeps_in_chinese_is_told_in_english(zh: str, en: str) -> None:
    """Answers, numbers with units, allowed values; what has no English stands as it is, Chinese is only spaced."""
    assert (value_words(zh, EN), value_words(zh, ZH).replace(" ", "")) == (en, zh.replace(" ", ""))


def test_every_source_of_the_register_has_its_english() -> None:
    """Whoever reads English reads where a fact comes from."""
    sources = {field.source_zh for field in load_register().fields}
    assert [source for source in sources if source_words(source, EN) == source] == []


def test_english_pages_are_punctuated_as_english_is() -> None:
    """The marks of a template are changed, those of what is told or on record are not."""
    template = "{{ _('理由') }}：{{ told }}（{{ _('现用') }}）"
    assert environment("en").from_string(template).render(told="甲：乙") == "Reason: 甲：乙 (Champion) "
    assert environment("zh-CN").from_string(template).render(told="甲：乙") == "理由：甲：乙（现用）"
    assert (EN.listed(["a", "b"]), ZH.listed(["甲", "乙"])) == ("a, b", "甲、乙")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("285日", "285 日"),
        ("30 日", "30 日"),
        ("2024-12-10（-5日）", "2024-12-10（-5 日）"),
        ("1,234.50元", "1,234.50 元"),
        ("3.5倍", "3.5 倍"),
        ("(2026)浙1022民初3321号", "(2026)浙1022民初3321号"),
        ("108.3", "108.3"),
        ("是", "是"),
    ],
)
def test_a_number_on_record_is_written_as_every_other_one(stored: str, shown: str) -> None:
    """A space before its unit, on answers of before as well; whatever is no number with a unit stays as it is."""
    assert value_words(stored, ZH) == shown
