"""The page on rule tables: complete in both languages, and every example of it may be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.rules import RuleTable, profile_names
from models.rules.amounts import AMOUNTS
from models.rules.case_view import SCORES
from models.rules.conditions import TESTS
from models.rules.rule import Kind
from tests.builders_tables import HEAD

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("rules.md", "rules.zh.md")}
TABLE = RuleTable.load()


def examples(page: str) -> list[str]:
    """Return the tables and rules that a page shows; a rule by itself stands under a usual head."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGES[page], flags=re.DOTALL)
    return [block if block.startswith("format") else HEAD + block for block in blocks]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_example_may_be_used(page: str) -> None:
    """What a reader copies from the page loads without a fault."""
    assert len(examples(page)) == 3
    for text in examples(page):
        RuleTable.of([("example.toml", text)])


def test_both_languages_show_the_same_examples() -> None:
    """A court that reads one page writes the same table as one that reads the other."""
    assert examples("rules.md") == examples("rules.zh.md")


@pytest.mark.parametrize("page", sorted(PAGES))
@pytest.mark.parametrize(
    "names",
    [tuple(TESTS), tuple(AMOUNTS), tuple(SCORES), tuple(Kind), tuple(f"profile:{name}" for name in profile_names())],
    ids=["tests", "amounts", "scores", "kinds", "profiles"],
)
def test_everything_a_table_may_name_is_on_the_page(page: str, names: tuple[str, ...]) -> None:
    """Nothing can be named that a reader has no way to know."""
    assert [name for name in names if f"`{name}`" not in PAGES[page]] == []


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_parameter_is_on_the_page_with_its_bounds_and_default(page: str) -> None:
    """The numbers on the page are those that are checked and shipped."""
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*\|[^|]*) \|", PAGES[page], flags=re.MULTILINE))
    values = TABLE.sets[0].values
    for one in TABLE.declared:
        span, default = rows[one.name].split("|")
        if one.type in {"number", "chance"}:
            assert tuple(map(float, span.split("–"))) == (one.least, one.most)
            assert float(default.replace(",", "")) == values[one.name]
        assert all(code in span for code in one.includes)
