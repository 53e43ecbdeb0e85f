"""The capacity pages: what they show as files is read as files, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.strict_table import Reading
from models.teams import ROLE_ZH, capacity_on, read_teams
from models.utility import Utility
from tests.builders_teams import DAY
from training.docket.day_list import CASES

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("capacity.md", "capacity.zh.md")


def shown(page: str, kind: str) -> list[str]:
    """Return the TOML files of a kind that a page shows."""
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), flags=re.DOTALL)
    return [block for block in blocks if kind in block]


@pytest.mark.parametrize("page", PAGES)
def test_the_team_file_of_the_page_can_be_used(tmp_path: Path, page: str) -> None:
    """Whoever copies the example has a file that works."""
    [text] = shown(page, "fenliu-teams/1")
    (tmp_path / "teams.toml").write_text(text, "utf-8")
    days = capacity_on(read_teams(tmp_path / "teams.toml"), DAY)

    assert [one.team.id for one in days] == ["jr", "kz1"]
    assert days[1].free < days[1].full


def test_the_utility_file_of_the_page_can_be_used(tmp_path: Path) -> None:
    """The example changes what it names and leaves the rest."""
    [text] = shown("capacity.zh.md", "fenliu-utility/1")
    (tmp_path / "utility.toml").write_text(text, "utf-8")

    assert Utility.load(tmp_path / "utility.toml").figures.own == {"yuan_per_day", "waiting_days"}


@pytest.mark.parametrize("page", PAGES)
def test_every_heading_and_role_is_on_the_page(page: str) -> None:
    """Nobody has to guess a column or a role."""
    text = (DOCS / page).read_text("utf-8")

    assert [name for name in (*CASES, *ROLE_ZH) if f"`{name}`" not in text] == []


def test_the_shipped_settings_are_well_formed() -> None:
    """The files in the package have no key twice and no value out of range."""
    for name in ("utility.toml", "batches/batches.toml"):
        reading = Reading(name)
        reading.document((DOCS.parent / "models" / name).read_text("utf-8"))
        reading.check()
        assert reading.faults == []
