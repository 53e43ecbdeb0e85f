"""Short words of the queue: every flag that a shipped rule can raise has one, and it says what the record says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models.lifecycle import ConversionCause
from models.routes import FACTS_MISSING
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.pages.flag_words import FLAG_WORDS, FlagWord, flag_words
from serving.pages.language import Language
from serving.repositories.queue_flags import FINER, Flag, read, written
from serving.store.tables.queue import open_cases
from tests.builders_case import case_document
from tests.builders_pages import Courthouse, person, standing_in
from tests.builders_pages import read as as_read
from tests.builders_serving import client, opened

ZH, EN = Language("zh-CN"), Language("en")
TABLES = sorted((Path(__file__).parent.parent / "models" / "rules").rglob("*.toml"))
EXPLAINED = {"explain": {"reasons": 5, "flips": 3}}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.fixture
def court(tmp_path: Path, rules: Standing) -> Courthouse:
    """Return a court that answers by rules."""
    return Courthouse(tmp_path, opened(tmp_path), rules)


def raised() -> set[str]:
    """Return the code of every flag and the rule of every priority in the shipped tables and profiles."""
    found = {FACTS_MISSING, "lacking", *(f"conversion.{cause}" for cause in ConversionCause)}
    for path in TABLES:
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", []):
            found |= {rule["flag"]} if rule.get("flag") else set()
            found |= {rule["id"]} if rule["kind"] == "priority" else set()
    return found | set(FINER)


def test_every_flag_that_a_rule_can_raise_has_a_short_word() -> None:
    """Of all tables that are shipped; no word is left over, none is a sentence."""
    assert len(TABLES) > 10
    assert raised() == set(FLAG_WORDS)
    assert max(len(zh) for zh, _ in FLAG_WORDS.values()) <= 10
    assert all(zh and en and "，" not in zh for zh, en in FLAG_WORDS.values())


def test_what_is_said_more_exactly_is_not_said_twice() -> None:
    """A pressing time gives way to which time it is, one that is near to one that is over; same words stand once."""
    flags = [Flag("P03", "a", "a"), Flag("limitation_below", "b", "b", 75), Flag("P01", "c", "c")]
    assert [one.text for one in flag_words([*flags, Flag("livelihood_team", "d", "d")], ZH)] == [
        "时效不足 75 日",
        "涉民生",
    ]
    assert [one.text for one in flag_words([*flags, Flag("limitation_passed", "e", "e")], EN)] == [
        "livelihood", "limitation passed",
    ]  # fmt: skip


def test_a_flag_of_a_courts_own_keeps_the_words_of_its_table() -> None:
    """So do rows of before, which hold pairs of words alone."""
    own = read(written([Flag("ours", "本院另行规定", "our own")]))
    before = read('[["保全将届满，应即立案", "file now"]]')
    assert flag_words([*own, *before], ZH) == (
        FlagWord("本院另行规定", "本院另行规定"), FlagWord("保全将届满，应即立案", "保全将届满，应即立案"),
    )  # fmt: skip


def pressing(**case: Any) -> dict[str, Any]:
    """Return an application with little time left in every way."""
    found = case_document(**EXPLAINED)
    found["case"] |= {
        "batch_size": 5, "due_date": "2024-12-10", "basis_effective_date": "2024-11-25", "livelihood": "labour_pay",
        "pres_stage": "pre_enforcement", **case,
    }  # fmt: skip
    return found


@pytest.mark.anyio
async def test_the_queue_says_in_short_words_what_the_rules_say(court: Courthouse) -> None:
    """Each word with the sentence of the record for whoever points at it; no number that the record does not hold."""
    court.score(pressing())
    async with client(court.app(person("li.ming", Role.JUDGE))) as caller:
        page, sheet = (await caller.get("/queue")).text, (await caller.get("/queue.csv")).text
    words = "涉民生 执前保全将届满 执前保全已逾五日 时效不足 75 日 同一被执行人在执 批次"
    assert words in as_read(page)
    assert 'title="保全将届满，应即立案并提示续行查封、冻结">执前保全将届满' in page
    assert words.replace(" ", "；").replace("不足；75；日", "不足 75 日") in sheet


@pytest.mark.anyio
async def test_rows_of_before_are_shown_with_their_sentences(court: Courthouse) -> None:
    """Whatever stood in the queue when the words became short."""
    court.score(pressing())
    old = update(open_cases).values(notices=json.dumps([["优先立案", "file first"]]))
    court.store.write(lambda connection: connection.execute(old))
    async with client(court.app(person("li.ming", Role.JUDGE))) as caller:
        assert "优先立案" in (await caller.get("/queue")).text


@pytest.mark.anyio
async def test_how_many_key_facts_are_missing_is_said(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where that is why there is no score."""
    model = standing_in(tmp_path_factory.mktemp("model"), model=True)
    court, found = Courthouse(tmp_path, opened(tmp_path), model), pressing()
    for name in ("debtor_type", "claim_amount", "principal", "ordinary_interest"):
        found["case"].pop(name)
    court.score(found)
    async with client(court.app(person("li.ming", Role.JUDGE))) as caller:
        assert "缺 2 项" in as_read((await caller.get("/queue")).text)
