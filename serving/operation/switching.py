"""`fenliu-serve stop` and `resume`: the stop switch in the hand of whoever runs the service."""

from __future__ import annotations

from collections.abc import Callable

from serving.control.forms import court_of, reason_of
from serving.opening import now, operator
from serving.operation.opened import opened
from serving.repositories.switches import State, SwitchStore, Turn
from serving.settings import Settings
from serving.store.tables.models import EVERYWHERE


def switch(settings: Settings, state: State, *, court: str, reason: str, say: Callable[[str], None]) -> None:
    """Turn the switch of one court or of every one, and say how all of them stand.

    Raises
    ------
    SettingsError
        The reason is empty or too long, or the court's code is none.
    StoreUnavailableError
        Nothing was switched.
    """
    turn = Turn(court=court_of(court), state=state, reason=reason_of(reason))
    with opened(settings) as (store, keys):
        switches = SwitchStore(store, keys)
        done = switches.turn(turn, origin=operator(), at=now())
        stopped = switches.stopped()
    what = ("已停用模型，仅按规则答复", "models off, rules only") if state == "stopped" else ("已恢复模型", "models on")
    where = ("全部法院", "every court") if turn.court == EVERYWHERE else (turn.court, turn.court)
    say(f"{where[0]}：{what[0]}（第 {done.number} 号，1 秒内生效）/ {where[1]}: {what[1]}, in effect within a second")
    if state == "running" and stopped:
        rest = "、".join("全部法院" if one == EVERYWHERE else one for one in sorted(stopped))
        say(f"注意：仍停用 {rest} / still off: {', '.join(sorted(stopped))}")
