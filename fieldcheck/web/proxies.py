"""Where a request really comes from, when proxies of ours stand between.

What `X-Forwarded-For` says is believed only as far as those say it who are named in the settings: read from its end,
each address that is a proxy of ours vouches for the one before it, and the first that is none is who asks. What a
stranger writes into it changes nothing.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network


def seen_through(scope: Scope, proxies: Collection[Network]) -> Scope:
    """Give the connection with the address of who asks in the place of our proxy's."""
    peer = scope.get("client")
    if not proxies or not peer or not _is_ours(_address(peer[0]), proxies):
        return scope
    said = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    last = peer[0]
    for one in reversed(said):
        found = _address(one.strip())
        if found is None:  # no address: whoever wrote that vouches for nobody
            break
        last = str(found)
        if not _is_ours(found, proxies):
            break
    return {**scope, "client": (last, 0)}


def _is_ours(address: IPv4Address | IPv6Address | None, proxies: Collection[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)


def _address(said: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(said)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
