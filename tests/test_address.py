"""Addresses of callers: a trusted proxy's word counts, nobody else's does."""

from __future__ import annotations

from typing import Any

import pytest

from serving.traffic.address import Proxies

PROXIES = Proxies.of(["10.0.0.1", "192.168.7.0/24"])


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    """Return a request from this peer with these headers."""
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return {"client": None if peer is None else (peer, 50_000), "headers": headers}


@pytest.mark.parametrize(("peer", "forwarded", "caller"), [
    ("10.0.0.8", ["1.2.3.4"], "10.0.0.8"), ("127.0.0.1", ["1.2.3.4"], "127.0.0.1"),
    ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"), ("10.0.0.1", ["127.0.0.1, 1.2.3.4"], "1.2.3.4"),
    ("10.0.0.1", ["1.2.3.4, 192.168.7.9"], "1.2.3.4"), ("10.0.0.1", ["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
    ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["not an address"], "10.0.0.1"),
    ("10.0.0.1", ["1.2.3.4, nonsense"], "10.0.0.1"), ("::ffff:10.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
    ("fe80::1", [], "fe80::1"), (None, ["1.2.3.4"], "-"),
])  # fmt: skip
def test_the_last_address_that_is_no_proxy_is_the_callers(peer: str, forwarded: list[str], caller: str) -> None:
    """What stands before it anybody may have written."""
    assert PROXIES.caller(scope(peer, *forwarded)) == caller


def test_without_proxies_the_header_is_ignored() -> None:
    """Not even this machine is believed."""
    assert Proxies().caller(scope("127.0.0.1", "10.0.0.8")) == "127.0.0.1"
