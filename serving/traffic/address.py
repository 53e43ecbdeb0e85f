"""The address of a caller: that of the connection, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

UNKNOWN: Final = "-"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Proxies:
    """The proxies in front of the service, whose word on a caller's address is believed."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, named: Iterable[str]) -> Proxies:
        """Take the addresses and networks from the settings."""
        return cls(tuple(ipaddress.ip_network(text) for text in named))

    def caller(self, scope: Scope) -> str:
        """Return the address the call comes from.

        Through trusted proxies it is the last address in `X-Forwarded-For`
        that is not a proxy itself: what stands before it anybody may have
        written. From everybody else the header is ignored.
        """
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._trusts(peer):
            return UNKNOWN if peer is None else str(peer)
        found = peer
        for text in reversed(_forwarded(scope)):
            address = _address(text)
            if address is None:
                break
            found = address
            if not self._trusts(address):
                break
        return str(found)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _forwarded(scope: Scope) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [part.strip() for part in ",".join(values).split(",")]


def _address(text: str) -> Address | None:
    """Read an address; one of IPv4 in the clothes of IPv6 is the same caller."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
