"""What commands do at the machine: switch models off and on, and give stored answers again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.access.origin import Origin
from serving.bootstrap import open_office
from serving.opening import keys_of, open_store, operator
from serving.operation.replays import Asked, replay
from serving.operation.switching import switch
from serving.routes.table import TABLE
from serving.samples import sample
from serving.settings import Settings, SettingsError
from serving.store.tables.audit import audit
from tests.builders_models import tiny_bundle

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a court with a small model."""
    tiny_bundle(tmp_path / "bundles", "tiny-1")
    (tmp_path / "bundles" / "current").write_text("tiny-1", encoding="utf-8")
    return Settings(home=tmp_path)


def trail(settings: Settings) -> list[tuple[str, str, str]]:
    """Return actor, action and court of every row of the audit trail."""
    store = open_store(settings, keys_of(settings))
    rows = store.read(lambda connection: connection.execute(sa.select(audit).order_by(audit.c.seq)).all())
    store.close()
    return [(row.actor, row.action, row.court) for row in rows]


def test_a_court_is_switched_off_and_on_by_name(settings: Settings) -> None:
    """Said in both languages; what stays off is not passed over in silence."""
    said: list[str] = []
    switch(settings, "stopped", court="浙1022", reason="抽查", say=said.append)
    switch(settings, "stopped", court="", reason="全部停用", say=said.append)
    switch(settings, "running", court="", reason="复核无误", say=said.append)
    assert said[0].startswith("浙1022：已停用模型，仅按规则答复（第 1 号")
    assert said[1].startswith("全部法院：已停用模型")
    assert said[2:] == [
        "全部法院：已恢复模型（第 3 号，1 秒内生效）/ every court: models on, in effect within a second",
        "注意：仍停用 浙1022 / still off: 浙1022",
    ]
    me = operator().by.actor
    assert trail(settings) == [(me, "model.stop", "浙1022"), (me, "model.stop", "*"), (me, "model.resume", "*")]


@pytest.mark.parametrize(
    ("court", "reason", "why"),
    [("", " ", "--reason 须为 1 至 500 字"), ("", "x" * 501, "收到 501 字"), ("", "a\nb", "不含控制字符"),
     ("浙 1022", "x", "--court 须为法院代码"), ("浙1022\u202e", "x", "--court"), ("x" * 41, "x", "--court")],
)  # fmt: skip
def test_a_switch_needs_a_reason_and_a_court(settings: Settings, court: str, reason: str, why: str) -> None:
    """Nothing is switched by a command that was mistyped."""
    with pytest.raises(SettingsError, match=why):
        switch(settings, "stopped", court=court, reason=reason, say=print)


async def answered(settings: Settings) -> list[str]:
    """Let an office give two answers, one of them without the model, and return their ids."""
    office = open_office(settings, TABLE)
    origin = Origin(operator().by, "")
    first = await office.desk.score(sample("fast"), key="key-00000001", origin=origin)
    switch(settings, "stopped", court="", reason="试停", say=lambda _: None)
    office.desk._decider.stopped.__self__._read_at = float("-inf")  # a second later
    second = await office.desk.score(sample("urge"), key="key-00000002", origin=origin)
    assert json.loads(first.answer)["mode"] == "model"
    assert json.loads(second.answer)["degraded_reason"]["code"] == "MODEL_STOPPED"
    office.close()
    return [first.id, second.id]


async def test_every_answer_of_an_office_is_given_again(settings: Settings) -> None:
    """From the real store, the real folder of bundles and the kept rules: one by id, all of them, as JSON."""
    ids = await answered(settings)
    said: list[str] = []
    assert replay(settings, Asked(id=ids[0]), said.append) == 0
    assert replay(settings, Asked(), said.append) == 0
    assert replay(settings, Asked(as_json=True), said.append) == 0
    assert said[0].startswith(f"✓ {ids[0]} [SAME]：逐字节一致")
    assert said[1] == "共 2 件，一致 2 件 / 2 answers, 2 the same"
    assert [json.loads(line)["code"] for line in said[3:]] == ["SAME", "SAME"]
    assert replay(settings, Asked(since="2999-01-01"), said.append) == 0
    assert said[-1] == "共 0 件，一致 0 件 / 0 answers, 0 the same"


async def test_a_replay_that_fails_says_where_and_ends_with_one(settings: Settings) -> None:
    """The bundle is gone: one answer cannot be given again, the other needs none."""
    ids = await answered(settings)
    (settings.bundles / "tiny-1" / "manifest.json").unlink()
    said: list[str] = []
    assert replay(settings, Asked(), said.append) == 1
    assert said[0].startswith(f"? {ids[0]} [BUNDLE_MISSING]")
    assert said[1] == "共 2 件，一致 1 件 / 2 answers, 1 the same"


def test_an_id_that_is_not_there_ends_with_four(settings: Settings) -> None:
    """As every command that was asked for something that does not exist."""
    said: list[str] = []
    assert replay(settings, Asked(id="SCR-20261120-000001"), said.append) == 4
    assert said == ["没有编号为 SCR-20261120-000001 的建议 / there is no advice SCR-20261120-000001"]
