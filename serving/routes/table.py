"""The whole service in one table: every address, and the application that answers them."""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette

from serving.routes import (
    audit_rows,
    court_settings,
    decisions,
    health,
    human_reviews,
    jobs,
    many,
    models,
    native,
    outcomes,
    persons,
    reviews,
    scores,
    self_description,
)
from serving.routes.access import accounts, api_keys, sessions, sign_on
from serving.routes.binding import application_of, bound
from serving.routes.pages import (
    audit,
    cases,
    entering,
    facts,
    help_page,
    home,
    indicators,
    intake,
    intake_drafts,
    intake_hints,
    preferences,
    prints,
    promotions,
    queue,
    queue_lists,
    sending_back,
    settings,
    statement,
    static,
    teams,
    urging_window,
)
from serving.routes.pages import models as model_pages
from serving.routes.pages.batches import completing, deciding, importing, looking, papers
from serving.routes.pages.reviews import answering as review_answering
from serving.routes.pages.reviews import looking as review_looking
from serving.routes.pages.reviews import registering as review_registering

_RESOURCES: Final = (
    health,
    models,
    native,
    scores,
    many,
    decisions,
    reviews,
    court_settings,
    human_reviews,
    persons,
    outcomes,
    self_description,
    sessions,
    sign_on,
    accounts,
    api_keys,
    jobs,
    audit_rows,
    static,
    entering,
    home,
    help_page,
    preferences,
    cases,
    facts,
    sending_back,
    prints,
    queue,
    queue_lists,
    intake,
    intake_hints,
    intake_drafts,
    statement,
    importing,
    looking,
    deciding,
    completing,
    papers,
    audit,
    indicators,
    review_looking,
    review_registering,
    review_answering,
    model_pages,
    promotions,
    teams,
    settings,
    urging_window,
)
TABLE, _HANDLERS = bound(_RESOURCES)
"""Everything that exists; a mismatch of addresses and handlers is raised here, before anything is served."""

NATIVE: Final = frozenset(endpoint.path for endpoint in TABLE.endpoints if endpoint.native)
"""Addresses that BentoML itself answers."""


def rest_app() -> Starlette:
    """Return the application of all handlers of ours; it answers after `hand_over`."""
    return application_of(_HANDLERS)
