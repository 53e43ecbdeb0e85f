"""The pages of indicators: what they say is what was counted, small bases are counts, and nothing is ranked."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, update

from models.indicators import Period
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.repositories.indicators.figures import COUNTED, FigureStore
from serving.store.tables.indicators import case_courses, indicator_figures
from tests.builders_indicators import COURT, Court, busy_court
from tests.builders_pages import person, read
from tests.builders_serving import client, guarded

pytestmark = pytest.mark.anyio

LEAD = person("wang.fang", Role.TEAM_LEAD)
SCIENTIST = person("shen.yi", Role.DATA_SCIENTIST)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Return a court with reference intervals whose figures were counted."""
    found = busy_court(tmp_path_factory.mktemp("court"))
    found.set(intervals=["completion=35~45", "settled_before_filing=40~", "days=~90"])
    found.count()
    return found


async def get(court: Court, path: str, who: Principal = LEAD) -> httpx.Response:
    """Open a page."""
    app = guarded(court.folder, principal=who, store=court.store, clock=lambda: court.now)
    async with client(app) as caller:
        return await caller.get(path)


async def test_every_figure_on_the_page_is_the_one_that_was_counted(court: Court) -> None:
    """Name, counts and last year's, row by row; what is not recorded is said."""
    page = (await get(court, "/kpi?period=2026-01~2026-11")).text
    kept = FigureStore(court.store).of(COURT, Period("2026-01", "2026-11")).figures
    for one in COUNTED:
        name = one.words.zh + ("（日）" if one.unit == "days" else "")
        found = kept[one.id]
        shown = _row(page, name)[1]
        assert f"{found['denominator']:,.0f} 件" in shown or f"{found['denominator']:,.2f} 元" in shown
        assert f"{found['numerator']:,.0f}" in shown or f"{found['numerator']:,.1f}" in shown
    assert "32.50% 13/40 件" in read(page)
    assert read(page).count("未记录") == 5


async def test_small_bases_are_counts_without_percent_and_state(court: Court) -> None:
    """27 closed cases are too few for a rate, although an interval is set; 40 are enough."""
    page = (await get(court, "/kpi?period=2026-01~2026-11")).text
    completion, settled = (_row(page, name) for name in ("执行完毕率", "执前化解率（按立案口径）"))
    assert (completion[1], completion[-1]) == ("13/27 件", "基数不足")
    assert (settled[1], settled[3], settled[-1]) == ("32.50% 13/40 件", "不低于 40.00%", "区间外")


async def test_each_row_says_how_it_is_counted(court: Court) -> None:
    """Numerator, denominator, months, source and when."""
    page = (await get(court, "/kpi")).text
    assert page.count('<details class="formula') == len(COUNTED)
    assert "本期以执行完毕结案的首执案件" in page
    assert "case_courses" in page
    assert "2026-11-20 10:00" in page


async def test_late_filing_is_told_and_listed(court: Court) -> None:
    """Which cases, since when; and that an indicator looks better for it."""
    page, listed = [read((await get(court, path)).text) for path in ("/kpi", "/kpi/late")]
    assert "未按期立案的案件 4 件，其中尚未立案 2 件" in page
    assert "因迟立案而变好" in page
    assert [number in listed for number in ("LATE1", "LATE2", "LATE3", "LATE4", "URGED", "F0")] == [True] * 4 + [
        False
    ] * 2
    assert "2026-03-09 2026-04-01 23 日" in listed
    assert court.sql("SELECT count(*) FROM audit WHERE action = 'indicator.late'")[0][0] > 0


async def test_who_sees_no_cases_sees_figures_and_no_list(court: Court) -> None:
    """A data scientist reads the page; the numbers of cases stay closed."""
    page, listed = [await get(court, path, SCIENTIST) for path in ("/kpi", "/kpi/late")]
    assert (page.status_code, "/kpi/late" in page.text, listed.status_code) == (200, False, 403)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
async def test_administrators_do_not_look_at_figures(court: Court, role: Role) -> None:
    """Whoever runs the service has no business with them."""
    assert (await get(court, "/kpi", person("x.y", role))).status_code == 403


@pytest.mark.parametrize("path", ["/kpi", "/kpi/trend", "/kpi/late", "/kpi/figures.csv"])
async def test_another_court_and_another_time_are_not_there(court: Court, path: str) -> None:
    """404 for both, and a wrong period is refused."""
    assert (await get(court, f"{path}?court=苏0903")).status_code == 404
    assert (await get(court, f"{path}?period=2020-01~2020-02")).status_code == 404
    assert (await get(court, f"{path}?period=x")).status_code == 400


async def test_the_file_holds_the_figures_and_that_it_left_is_on_record(court: Court) -> None:
    """One row an indicator, as UTF-8 that a spreadsheet knows; no cell begins like a formula."""
    answer = await get(court, "/kpi/figures.csv?period=2026-01~2026-11")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(lines) == 1 + len(COUNTED) + 5
    assert any(line.startswith("浙1022,2026-01~2026-11,结案率,27/29 件,27,29,") for line in lines)
    assert not re.search(r"(^|,)[=+@]", "\n".join(lines))
    assert court.sql("SELECT count(*) FROM audit WHERE action = 'indicator.export'")[0][0] == 1


async def test_nothing_counted_is_said_and_is_not_nought(tmp_path: Path) -> None:
    """A court of the first minute."""
    court = Court.empty(tmp_path)
    page = read((await get(court, "/kpi")).text)
    assert "尚未统计" in page
    assert "0.00%" not in page


async def test_old_figures_and_open_months_are_announced(tmp_path: Path) -> None:
    """After a day without counting the page says so; a month that is not over is marked."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-11-10")
    court.count()
    fresh = read((await get(court, "/kpi?period=2026-11~2026-11")).text)
    court.now = court.now.replace(day=22)
    old = read((await get(court, "/kpi?period=2026-10~2026-10")).text)
    assert ("所选期间尚未结束" in fresh, "超过一天未更新" in fresh) == (True, False)
    assert ("所选期间尚未结束" in old, "超过一天未更新" in old) == (False, True)


async def test_simulated_cases_mark_the_page(tmp_path: Path) -> None:
    """One of them is enough."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-10-10")
    court.count()
    assert "模拟数据" not in (await get(court, "/kpi")).text
    court.store.write(lambda one: one.execute(update(case_courses).values(simulated=1)))
    court.keeping.figures.count(COURT, base=court.record.settings.of(COURT).over_12_base, at=court.now)
    assert "模拟数据" in (await get(court, "/kpi")).text


async def test_figures_of_a_large_base_stand_beside_the_interval(tmp_path: Path) -> None:
    """A rate, last year's, the interval, and one word; the strip is decoration."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-10-10")
    court.set(intervals=["completion=35~45"])
    court.count()
    _put(court, "2026-01", "2026-10", 378, 1000)
    _put(court, "2025-01", "2025-10", 351, 1000)
    row = _row((await get(court, "/kpi?period=2026-01~2026-10")).text, "执行完毕率")
    assert row[1:4] == ["37.80% 378/1,000 件", "35.10%", "35.00% 至 45.00%"]
    assert row[-1] == "区间内"


async def test_twelve_months_have_a_table_and_gaps_where_nothing_was(court: Court) -> None:
    """Every month of every indicator; a month without cases is two dashes."""
    page = (await get(court, "/kpi/trend?period=2026-01~2026-11")).text
    assert all(f">{month}</th>" in page for month in ("2025-12", "2026-11"))
    assert "--" in page
    assert 'aria-hidden="true"' in page


async def test_pages_are_read_in_english(court: Court) -> None:
    """The same figures with English words."""
    page = read((await get(court, "/kpi?lang=en&period=2026-01~2026-11")).text)
    assert "completion rate" in page
    assert "small base" in page
    assert "not recorded" in page


def _row(page: str, name: str) -> list[str]:
    rows = (_cells(row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL))
    return next(cells for cells in rows if cells and cells[0] == name)


def _cells(row: str) -> list[str]:
    plain = re.sub(r"<details.*?</details>|<svg.*?</svg>", "", row, flags=re.DOTALL)
    cells = re.findall(r"<t[hd].*?</t[hd]>", plain, re.DOTALL)
    return [read(cell).strip() for cell in cells]


def _put(court: Court, first: str, last: str, numerator: float, denominator: float) -> None:
    where = {"court_code": COURT, "first_month": first, "last_month": last, "name": "completion"}
    values = {"numerator": numerator, "denominator": denominator}
    same = [indicator_figures.c[name] == value for name, value in where.items()]
    changed = court.store.write(
        lambda one: one.execute(update(indicator_figures).where(*same).values(**values)).rowcount
    )
    if not changed:
        court.store.write(lambda one: one.execute(insert(indicator_figures), where | values))
