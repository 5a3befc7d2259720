"""Who asks, behind proxies of ours; and that nobody else's word about it counts."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fieldcheck.settings import BadSettings, read_settings
from fieldcheck.web.gate import Gate
from fieldcheck.web.main import PAGES
from fieldcheck.web.proxies import seen_through
from fieldcheck.web.rates import Buckets, Rate

OURS = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))


def asked_by(peer: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope = {"type": "http", "client": (peer, 4711), "headers": headers}
    return str(seen_through(scope, OURS)["client"][0])


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),  # no proxy of ours: what it says is nothing
        ("192.0.2.9", ["10.0.0.1"], "192.0.2.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.5, 198.51.100.1"], "198.51.100.1"),  # what she wrote herself stands before
        ("10.0.0.1", ["203.0.113.5", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.5, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense, 10.0.0.7"], "10.0.0.7"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_only_proxies_of_ours_say_who_asks(peer: str, forwarded: list[str], who: str) -> None:
    assert asked_by(peer, *forwarded) == who


def test_without_proxies_nothing_is_believed() -> None:
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-for", b"198.51.100.1")]}

    assert seen_through(scope, ()) == scope


@pytest.mark.parametrize("said", ["everybody", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.300"])
def test_proxies_that_cannot_be_meant_are_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(BadSettings, match="FIELDCHECK_TRUSTED_PROXIES"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_TRUSTED_PROXIES": said})


def test_proxies_are_read_from_the_environment(tmp_path: Path) -> None:
    said = read_settings({"FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_TRUSTED_PROXIES": "10.0.0.0/24, fd00::/8"})

    assert said.proxies == OURS


def many(gate: Gate, peer: str, forwarded: list[str]) -> list[int]:
    client = TestClient(gate, gate.settings.url, client=(peer, 50000))
    return [client.get("/api/health", headers={"X-Forwarded-For": one}).status_code for one in forwarded]


def test_whoever_hammers_through_a_proxy_is_counted_and_a_forged_address_frees_nobody(settings_gate: Gate) -> None:
    forged = [f"203.0.113.{n}" for n in range(8)]

    through = many(settings_gate, "10.0.0.1", [f"{one}, 198.51.100.1" for one in forged])
    neighbour = many(settings_gate, "10.0.0.1", ["198.51.100.2"])
    direct = many(settings_gate, "192.0.2.9", forged)

    assert through[:4] == [200] * 4 and set(through[6:]) == {429}
    assert neighbour == [200]  # the proxy itself is not what is counted
    assert set(direct[6:]) == {429}


@pytest.fixture
def settings_gate(tmp_path: Path) -> Gate:
    from starlette.responses import PlainTextResponse

    settings = replace(read_settings({"FIELDCHECK_DATA": str(tmp_path)}), proxies=OURS)
    rate = Rate(at_once=5, a_second=0.001)
    return Gate(PlainTextResponse("well"), settings, PAGES, buckets=Buckets(rate, rate), ticks=lambda: 0.0)
