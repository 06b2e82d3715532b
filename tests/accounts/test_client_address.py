"""Whose address do we believe?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postie_web.lib import client_address

PROXIES = client_address.networks(["10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # a stranger claims to be another
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "8.8.8.8, 198.51.100.1", "198.51.100.1"),  # what stands left was written by the visitor
        ("10.0.0.1", "198.51.100.1, 10.2.3.4", "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, junk", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1::1", "2001:db8:2::9", "2001:db8:2::9"),
        ("", "198.51.100.1", ""),  # a Unix socket
    ],
)
def test_only_our_proxies_are_believed(peer: str, forwarded: str, expected: str) -> None:
    assert client_address.visitor(peer, forwarded, PROXIES) == expected


@given(st.text())
def test_no_header_breaks_it(forwarded: str) -> None:
    found = client_address.visitor("10.0.0.1", forwarded, PROXIES)
    assert client_address.parse(found) is not None


def test_a_thousand_hops_are_not_walked() -> None:
    assert client_address.visitor("10.0.0.1", ",".join(["10.0.0.2"] * 1000), PROXIES) == "10.0.0.2"
