"""Declared addresses: one table, no doubles, and handlers that match it."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door.endpoint import Body, DeclarationError, Endpoint, Reply, Table, component
from serving.door.parameters import Parameter, Text
from serving.routes.binding import bound
from serving.routes.table import TABLE

OK = Reply(status=200, zh="好", en="fine")
NOTE = Parameter(name="id", place="path", form=Text("N-[0-9]+"), zh="编号", en="id")


def endpoint(**changes: Any) -> Endpoint:
    """Return a declaration; `changes` replace its parts."""
    base = {"method": "GET", "path": "/notes", "zh": "记", "en": "notes", "action": None, "replies": (OK,), **changes}
    return Endpoint(**base)


def module(**names: object) -> ModuleType:
    """Return a module with these names."""
    found = ModuleType("notes")
    vars(found).update(names)
    return found


async def handler(_: Request) -> Response:
    """Answer nothing."""
    return Response()


def test_the_service_declares_what_it_has() -> None:
    """The table of the service is whole; what is open is what was agreed."""
    opened = {one.path for one in TABLE.endpoints if one.action is None}
    health = {"/livez", "/readyz", "/healthz"}
    ways_in = {"/login", "/login/oidc", "/login/oidc/callback", "/v1/sessions"}
    assert opened == {"/", *health, *ways_in, "/static/{name}", "/v1/openapi.json", "/v1/problems/{code}"}


def test_one_path_may_have_several_methods() -> None:
    """Each method has its own permission; GET brings HEAD."""
    read, write = endpoint(action=Action.SCORE_READ), endpoint(method="POST", action=Action.SCORE_CREATE)
    methods, _ = Table((read, write)).at("/notes")
    assert dict(methods) == {"GET": read, "HEAD": read, "POST": write}


def test_a_parameter_in_the_path_has_a_form() -> None:
    """What has not the form is no address; what has it is taken apart."""
    table = Table((endpoint(path="/notes/{id}:close", method="POST", parameters=(NOTE,)),))
    assert table.at("/notes/N-12:close")[1] == {"id": "N-12"}
    assert table.at("/notes/N-1x:close") == table.at("/notes/N-12") == ({}, {})


def test_an_address_cannot_be_declared_twice() -> None:
    """Nobody could say which one answers."""
    with pytest.raises(DeclarationError, match="GET /notes: declared twice"):
        Table((endpoint(), endpoint()))


def test_a_path_has_one_form_for_all_its_methods() -> None:
    """Otherwise a wrong number would be 405 by one method and 404 by another."""
    other = replace(NOTE, form=Text("M-[0-9]+"))
    with pytest.raises(DeclarationError, match="different forms"):
        Table((endpoint(path="/notes/{id}", parameters=(NOTE,)),
               endpoint(path="/notes/{id}", parameters=(other,), method="PUT")))  # fmt: skip


@pytest.mark.parametrize(("changes", "match"), [
    ({"problems": ("NO_SUCH",)}, "no such problem"), ({"replies": ()}, "no reply"),
    ({"path": "/notes/{id}"}, "path names"), ({"parameters": (NOTE,)}, "path names"),
])  # fmt: skip
def test_a_declaration_names_only_what_exists(changes: dict[str, Any], match: str) -> None:
    """Mistakes are found when the module is imported."""
    with pytest.raises(DeclarationError, match=match):
        endpoint(**changes)


def test_problems_follow_from_what_is_declared() -> None:
    """Permission, parameters and body bring their problems with them."""
    plain = set(endpoint().codes)
    full = endpoint(
        path="/notes/{id}", method="POST", action=Action.SCORE_READ, parameters=(NOTE,),
        body=Body(schema=component("Note")),
    )  # fmt: skip
    assert {"UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "JSON_INVALID", "PAYLOAD_TOO_LARGE"} <= set(full.codes)
    assert not {"UNAUTHENTICATED", "NOT_FOUND", "JSON_INVALID"} & plain


@pytest.mark.parametrize(("names", "match"), [
    ({"LIST": endpoint(), "ROUTES": {}}, "declared and not bound: GET /notes"),
    ({"ROUTES": {endpoint(): None}}, "no handler"), ({"ROUTES": {endpoint(native=True): handler}}, "BentoML's own"),
])  # fmt: skip
def test_addresses_and_handlers_must_match(names: dict[str, object], match: str) -> None:
    """The service does not start with an address that nobody answers."""
    with pytest.raises(DeclarationError, match=match):
        bound([module(**names)])
