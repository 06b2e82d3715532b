"""Connections to the services are made seldom and shared by all domains; the settings decide about them."""

import dataclasses
import socket
from typing import Any

import pytest
from django.core.cache import cache

from mailadmin.dns import suite
from mailadmin.dns.doors import Doors, Weary
from mailadmin.dns.network import Unreachable
from mailadmin.dns.subject import Subject
from mailadmin.services import dns_probes
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.servers import Loopback, Smtp, serve
from tests.mailadmin.dns.test_service_ports import ABOUT


@pytest.fixture(autouse=True)
def _probing(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    settings.PROBE_SERVICES = True


def test_the_server_is_asked_once_for_all_its_domains() -> None:
    server = Smtp(answers={"STARTTLS": "502 no"})
    with serve(server) as port:
        net = Loopback({("e.test", "MX"): ["10 mail.zoo.test."]}, ports={25: port})
        first = dns_probes.findings(ABOUT, net)
        heard = len([line for line in server.heard if "probe@example.net" in line])
        again = dns_probes.findings(ABOUT, net)
        other = dns_probes.findings(dataclasses.replace(ABOUT, name="e.test"), net)
    assert first == again
    assert heard == len([line for line in server.heard if "probe@example.net" in line])
    shared = set(suite.SERVER_PROBES)
    assert [f for c, f in first if c in shared] == [f for c, f in other if c in shared]
    assert any("e.test" in line for line in server.heard)


def test_probes_can_be_switched_off(settings: Any) -> None:
    settings.PROBE_SERVICES = False
    assert dns_probes.findings(ABOUT, Loopback(ports={})) == []


def test_nobody_outside_is_asked_unless_named(settings: Any) -> None:
    assert dns_probes.outside() == {}
    settings.DNS_BLOCK_LISTS, settings.OUTBOUND_PROBES = True, ["mx.test"]
    assert set(dns_probes.outside()) >= {"block-lists", "outbound"}


class Silent(Loopback):
    """Every connection runs into the void."""

    tried = 0

    def connect(self, ip: str, port: int) -> socket.socket:
        type(self).tried += 1
        raise Unreachable("timeout")


def test_an_address_where_nothing_answers_is_given_up_soon() -> None:
    net = Silent(ports={})
    weary = Weary(net)
    for check in suite.SERVER_PROBES.values():
        suite.judge(check, ABOUT, weary)
    assert net.tried == 2


def test_a_closed_world_ends_at_its_own_server() -> None:
    with serve(Smtp()) as port:
        doors = Doors({"203.0.113.10": "127.0.0.1"}, {25: port}, closed=True)
        doors.open("203.0.113.10", 25).close()
        with pytest.raises(Unreachable) as refused:
            doors.open("127.0.0.1", 25)
    assert refused.value.ours


def test_the_canarys_password_is_never_shown(settings: Any) -> None:
    settings.CANARY_ADDRESS, settings.CANARY_PASSWORD = "c@d.test", "secret-of-the-canary"
    about = Subject(name="d.test", server=dns_probes.server())
    assert about.server.canary_password == "secret-of-the-canary"
    assert "secret-of-the-canary" not in repr(about)
    assert "secret-of-the-canary" not in repr(dns_probes.findings(about, Loopback(ports={})))


def test_the_next_key_is_read_from_its_file(settings: Any, tmp_path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    path = tmp_path / "next.pem"
    path.write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    settings.NEXT_CERTIFICATE_KEY = str(path)
    der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    assert dns_probes.server().next_key == public.public_bytes(*der)
    assert SERVER.next_key == b""
