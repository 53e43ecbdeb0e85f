"""Opening the demonstration court: built where nothing is, kept for the day, never upon somebody else's record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from serving.demo.building import Ground, build
from serving.demo.house import House, look, mark, set_aside
from serving.demo.people import Opened, new_passwords, policy_of
from serving.identity.opening import open_accounts
from serving.opening import keys_of, now, open_store, operator
from serving.settings import Settings

Tell = Callable[[str], None]
Count = Callable[[int, int], None]


_FOREIGN: Final = (
    "此运行目录已有其他记录，未加入模拟工作；另指定目录：FENLIU_HOME=.fenliu-demo make demo / "
    "this home holds other records; no simulated work was added. Name another home to see the court"
)
_NO_CASES: Final = (
    "没有模拟案件，未建演示法院；请以 make demo 启动 / there are no simulated cases; start with `make demo`"
)


def open_court(settings: Settings, *, folder: Path, tell: Tell, count: Count) -> Opened:
    """Build the court from the simulated cases of a folder, or find it as it was built today; give new passwords.

    An earlier day's court is set aside, where it is a file of ours: what was
    due then is long overdue now. Nothing else is ever moved or built upon.
    """
    house = _found(settings)
    if house is House.EARLIER and not settings.database:
        tell(f"早先的演示库已移至 / an earlier demonstration was moved to {set_aside(settings, at=now())}")
        house = House.EMPTY
    if house is House.OTHERS:
        return Opened({}, _FOREIGN)
    if house is House.EMPTY and not (folder / "cases.parquet").exists():
        return Opened({}, _NO_CASES)
    return _opened(settings, folder, house, tell=tell, count=count)


def _found(settings: Settings) -> House:
    keys = keys_of(settings)
    store = open_store(settings, keys)
    try:
        accounts = open_accounts(store, keys, policy=policy_of(settings), clock=now)
        names = frozenset(row.name for row in accounts.every())
        return look(settings, store, names, today=now().date())
    finally:
        store.close()


def _opened(settings: Settings, folder: Path, house: House, *, tell: Tell, count: Count) -> Opened:
    keys = keys_of(settings)
    store = open_store(settings, keys)
    try:
        if house is House.EMPTY:
            built = build(Ground(settings, store, keys, now()), folder, by=operator(), tell=count)
            mark(settings, today=now().date())
            tell(f"演示法院：模拟案件 {built.cases} 件 / the demonstration court: {built.cases} simulated cases")
        accounts = open_accounts(store, keys, policy=policy_of(settings), clock=now)
        return Opened(new_passwords(accounts, origin=operator()))
    finally:
        store.close()
