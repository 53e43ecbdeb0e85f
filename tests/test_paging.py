"""Pages: the next one begins where the last one ended, for whoever got the token and for no other list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request

from serving.access.principal import PRINCIPAL, Principal
from serving.door.guard import VALUES
from serving.door.problems import ProblemError
from serving.routes.paging import Page, page_of, paged
from tests.builders_serving import ANYONE, KEYS


def asking(path: str = "/v1/scores", *, principal: Principal = ANYONE, **values: object) -> Request:
    """Return a request for a list, as the guard lets it through."""
    query = "&".join(f"{name}={value}" for name, value in values.items()).encode()
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "query_string": query, "headers": [],
        "server": ("127.0.0.1", 80), "scheme": "http", PRINCIPAL: principal, VALUES: values,
    }  # fmt: skip
    return Request(scope)


def token(**values: object) -> str:
    """Return the token of the page after row 7 of the list with these filters."""
    answer = paged(asking(**values), ["x"], after=("2026-11-20", 7), seal=KEYS.page)
    return str(json.loads(bytes(answer.body))["next_page_token"])


def test_the_first_page_begins_at_the_start() -> None:
    """Fifty rows unless said otherwise."""
    assert page_of(asking(), KEYS.page) == Page(50, None)


def test_a_token_leads_to_the_row_after() -> None:
    """With another size if one likes."""
    found = page_of(asking(court="c", page_token=token(court="c"), page_size=10), KEYS.page)
    assert found == Page(10, ("2026-11-20", 7))


def test_the_link_repeats_the_filters() -> None:
    """A client may follow it blindly."""
    answer = paged(asking(court="c", page_token="old"), [], after=(7,), seal=KEYS.page)
    target = answer.headers["link"].partition(">")[0]
    assert target.startswith("</v1/scores?court=c&page_token=")
    assert target.endswith(json.loads(bytes(answer.body))["next_page_token"])


def test_the_last_page_has_no_link() -> None:
    """And no token."""
    answer = paged(asking(), ["x"], after=None, seal=KEYS.page)
    assert json.loads(bytes(answer.body)) == {"items": ["x"], "next_page_token": None}
    assert "link" not in answer.headers


@pytest.mark.parametrize("request_", [
    asking(court="d", page_token=token(court="c")),
    asking("/v1/others", court="c", page_token=token(court="c")),
    asking(court="c", page_token=token(court="c"), principal=Principal(kind="key", id="other")),
    asking(court="c", page_token="0" * 32 + token(court="c")[32:]),
    asking(court="c", page_token=token(court="c")[:-1]), asking(court="c", page_token="x" * 33),
])  # fmt: skip
def test_a_token_of_another_list_reader_or_maker_is_refused(request_: Request) -> None:
    """It is bound to filters, address and principal, and sealed."""
    with pytest.raises(ProblemError, match="PAGE_TOKEN_INVALID"):
        page_of(request_, KEYS.page)
