"""The canonical spelling of an address, and the network of its subscriber."""

import pytest

from app.core.addresses import shortest, site_network, subscriber_network


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:0:1", "2001:db8::/64"),
        ("2001:0DB8:0:0:1:2:3:4", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("x" * 100, "x" * 64),
    ],
)
def test_a_subscriber_is_an_ipv4_address_or_an_ipv6_64_network(host: str, network: str) -> None:
    assert subscriber_network(host) == network


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1::1", "2001:db8::/56"),
        ("2001:db8:0:ff:1:2:3:4", "2001:db8::/56"),
        ("2001:db8:0:100::1", "2001:db8:0:100::/56"),
        ("unknown", "unknown"),
    ],
)
def test_a_site_is_an_ipv4_address_or_an_ipv6_56_network(host: str, network: str) -> None:
    assert site_network(host) == network


def test_shortest_gives_the_canonical_spelling_of_an_address() -> None:
    assert shortest("2001:0DB8:0:0:0:0:0:1") == "2001:db8::1"
    assert shortest("::ffff:192.0.2.7") == "192.0.2.7"
    assert shortest("a name") is None
