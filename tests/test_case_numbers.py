"""Parts of numbers: a case is found from every place at which somebody may begin to type its number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.repositories.case_numbers import LONGEST, parts_of, spelt
from serving.repositories.queue import Sought
from serving.store.tables.queue import open_case_parts
from tests.builders_pages import Courthouse, person, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import document
from tests.builders_store import Database

LI = Origin(person("li.ming", Role.JUDGE), "req-1")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.mark.parametrize(
    ("number", "typed"),
    [("SQ20261120-0187", "0187"), ("SQ20261120-0187", "187"), ("SQ20261120-0187", "sq2026"),
     ("（2026）浙1022执1236号", "执1236"), ("(2026)浙1022执1236号", "（2026）浙"), ("(2026)浙1022执1236号", "1236")],
)  # fmt: skip
def test_what_somebody_types_begins_a_part(number: str, typed: str) -> None:
    """A number, a word, with and without leading noughts, full-width signs and small letters."""
    assert any(part.startswith(spelt(typed)) for part in parts_of(number))


@given(st.text(min_size=1, max_size=60))
def test_every_part_is_a_piece_of_the_number(number: str) -> None:
    """And the number itself is one of them, as far as anybody types."""
    whole = spelt(number)
    assert all(part in whole and 0 < len(part) <= LONGEST for part in parts_of(number))
    assert not whole or whole[:LONGEST] in parts_of(number)


def test_cases_are_found_by_beginnings_and_by_what_is_inside(
    database: Database, tmp_path: Path, rules: Standing
) -> None:
    """On both databases; of another court nothing is found."""
    court = Courthouse(tmp_path, database.open(), rules)
    for number in ("SQ20261120-0187", "SQ20261120-0188", "(2026)浙1022执1236号"):
        court.score(document(application_id=number))

    def found(typed: str, who: Origin = LI) -> list[str]:
        rows = court.office().record.queue.page(Sought(number=typed), origin=who).rows
        return sorted(row["application_id"] for row in rows)

    assert found("187") == ["SQ20261120-0187"]
    assert found("执123") == ["(2026)浙1022执1236号"]
    assert found("61120-018") == ["SQ20261120-0187", "SQ20261120-0188"]
    assert found("%") == []
    assert found("187", Origin(person("sun.li", Role.JUDGE, "浙1001"))) == []


def test_a_case_that_leaves_the_queue_leaves_no_part(database: Database, tmp_path: Path, rules: Standing) -> None:
    """Whether it is decided, scored anew or taken back."""
    store = database.open()
    court = Courthouse(tmp_path, store, rules)
    advice_id = court.score(document(application_id="SQ-7"))
    decisions = court.office().record.decisions
    asked = {"advice_id": advice_id, "lane": "ordinary", "reason": "other"}
    decisions.decide(asked, key="key-00000001", tags=lambda _: True, origin=OPERATOR)
    assert store.read(lambda one: one.execute(open_case_parts.select()).all()) == []
