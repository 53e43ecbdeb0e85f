"""What stands around every page: who is logged in, where he can go, in which language, and what must be said loudly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from serving.access.actions import Action
from serving.access.principal import NO_COURT, Principal
from serving.access.roles import ROLES
from serving.pages.language import Language


@dataclass(frozen=True)
class Link:
    """One link of the head of a page."""

    address: str
    text: str
    current: bool = False


@dataclass(frozen=True)
class Shell:
    """Everything around the content of one page.

    `path` is the address of the page itself, for the link to the other
    language. `csrf` is what every form of the session sends back.
    """

    say: Language
    path: str
    who: str = ""
    roles: str = ""
    csrf: str = ""
    links: tuple[Link, ...] = ()

    @property
    def switch(self) -> str:
        """The address of the same page in the other language."""
        return f"{self.path}{'&' if '?' in self.path else '?'}lang={self.say.other}"

    @property
    def other_tag(self) -> str:
        """The tag of the other language."""
        return self.say.pick("en", "zh-CN")

    @property
    def other_name(self) -> str:
        """What the other language calls itself."""
        return self.say.pick("English", "中文")


def shell_of(principal: Principal, *, say: Language, path: str, name: str = "") -> Shell:
    """Return what stands around a page that this principal sees; `name` is how the person is called."""
    return Shell(
        say=say,
        path=path,
        who=name or principal.id,
        roles=say.listed(say.pick(ROLES[role].zh, ROLES[role].en) for role in sorted(principal.roles)),
        csrf=principal.csrf,
        links=tuple(
            Link(place.address, place.text(say), current=path.startswith((place.address, *place.also)))
            for place in _PLACES
            if _leads_to(place, principal)
        ),
    )


@dataclass(frozen=True)
class _Place:
    address: str
    action: Action | None
    text: Callable[[Language], str]
    also: tuple[str, ...] = ()
    of_court: bool = False
    also_for: Action | None = None


def _leads_to(place: _Place, principal: Principal) -> bool:
    """Whether somebody finds something there: a page about a court is nothing to those who have none."""
    if place.of_court and principal.courts == NO_COURT:
        return False
    wanted = {place.action, place.also_for} - {None}
    return place.action is None or not wanted.isdisjoint(principal.actions)


HOME: Final = "/home"
"""Where somebody goes after logging in without having asked for a page."""

_PLACES: Final = (
    _Place(HOME, None, lambda say: say("首页")),
    _Place("/queue", Action.SCORE_READ, lambda say: say("收案分流")),
    _Place("/intake/new", Action.SCORE_CREATE, lambda say: say("新收登记")),
    _Place("/reviews", Action.REVIEW_REQUEST, lambda say: say("人工复核")),
    _Place("/batches", Action.SCORE_READ, lambda say: say("批量治理")),
    _Place("/kpi", Action.INDICATOR_READ, lambda say: say("团队与指标"), also=("/teams",)),
    _Place("/models", Action.MODEL_READ, lambda say: say("模型")),
    _Place("/settings", Action.COURT_CONFIGURE, lambda say: say("本院设置"), of_court=True, also_for=Action.COURT_SIGN),
    _Place("/audit", Action.AUDIT_READ, lambda say: say("审计记录")),
    _Place("/help", None, lambda say: say("帮助")),
)
"""The pages that the head leads to, and what somebody must be permitted to go there."""
