"""Builders for tests of a group's pages: a court with one batch in one group, and a judge at it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
from sqlalchemy import select
from starlette.types import ASGIApp

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.record.decisions import tag_of
from serving.repositories.queue import Sought
from tests.builders_pages import Courthouse, hidden, person, read
from tests.builders_serving import client, opened
from tests.builders_sheets import in_csv, row, sent_and_confirmed

ZHANG = person("zhang.wei", Role.CLERK)
LI, WANG = person("li.ming", Role.JUDGE), person("wang.fang", Role.JUDGE)
CASES = 12


@dataclass
class Bench:
    """A court with one batch in one group, and a judge at it."""

    court: Courthouse
    batch: str
    app: ASGIApp

    @property
    def group(self) -> str:
        """The address of the group."""
        return f"/batches/{self.batch}/groups/missing"

    async def get(self, path: str = "") -> str:
        """Return how a page of the group reads."""
        async with client(self.app) as caller:
            return read((await caller.get(self.group + path)).text)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form."""
        async with client(self.app) as caller:
            return await caller.post(path, data={"csrf_token": "", **fields})

    async def marks(self, kind: str) -> list[str]:
        """Return the answers that the page offers for a mark."""
        async with client(self.app) as caller:
            page = (await caller.get(self.group)).text
        return re.findall(rf'name="advice" value="([^"]+)"><input type="hidden" name="kind" value="{kind}"', page)

    async def looked(self) -> None:
        """Open every case of the spot check."""
        for advice in await self.marks("look"):
            answer = await self.post(f"/batches/{self.batch}/marks", advice=advice, kind="look")
            assert answer.headers["Location"] == f"/cases/{advice}"

    async def planned(self, lane: str = "advised") -> dict[str, str]:
        """Ask what would happen and return what the page carries unseen."""
        answer = await self.post(f"{self.group}/plan", lane=lane)
        assert answer.status_code == 200, read(answer.text)
        return {"lane": lane, **{name: hidden(answer.text, name) for name in ("seal", "key")}}

    async def decided(self, lane: str = "advised", **more: str) -> httpx.Response:
        """Decide about the group."""
        return await self.post(f"{self.group}/decision", **await self.planned(lane), **more)

    def rows(self, table: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a table."""
        query = select(table)
        return self.court.store.read(lambda c: [dict(one) for one in c.execute(query).mappings()])


def scored_in(folder: Path, rules: Standing) -> tuple[Path, str]:
    """Return a folder with a batch that is scored and grouped, and the batch's id."""
    court = Courthouse(folder, opened(folder), rules)
    lines = [row(f"SQ-{n:02d}", 申请执行标的额=f"{n},000.50") for n in range(1, CASES + 1)]
    batch = anyio.run(sent_and_confirmed, court, court.app(ZHANG), in_csv(lines))
    court.store.close()
    return folder, batch


def bench_in(folder: Path, rules: Standing, scored: tuple[Path, str]) -> Bench:
    """Return a copy of such a court, whose judge has not looked at anything yet."""
    copied = folder / "court"
    shutil.copytree(scored[0], copied)
    court = Courthouse(copied, opened(copied), rules)
    return Bench(court, scored[1], court.app(LI))


def decide_alone(bench: Bench, number: str, who: Any = WANG) -> None:
    """Decide on one case by the single road."""
    office, origin = bench.court.office(), Origin(who)
    found = office.record.queue.page(Sought(number=number), origin=origin).rows[0]
    file = office.record.decisions.file(found["advice_id"], origin=origin)
    asked = {"advice_id": found["advice_id"], "lane": "ordinary", "reason": "other"}
    office.record.decisions.decide(asked, key=f"alone-{number}", tags=tag_of(file).__eq__, origin=origin)
