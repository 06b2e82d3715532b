"""DNS from the command line: plan, write, take back, accept, park, silence, share."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from mailadmin.models import DnsAcceptance, DnsSilence, DnsWriter, ParkedDomain
from mailadmin.posteio.client import Client
from tests.mailadmin.dns import zoo
from tests.mailadmin.dns.test_writing import NAME, OLD, seen, world, zone

__all__ = ["world", "zone"]
pytestmark = pytest.mark.django_db


def run(*arguments: object) -> Any:
    out = io.StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def refused(*arguments: object) -> str:
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command(*map(str, arguments), "--json", stdout=out)
    return str(json.loads(out.getvalue())["error"])


def test_plan_write_and_take_back(world: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = run("dns_plan", NAME)
    assert ("spf", [OLD]) in [(one["purpose"], one["old"]) for one in planned]
    assert seen()[0] == {"somebody else", OLD}
    assert "set a key with dns_writer" in refused("dns_plan", NAME, "--write")
    monkeypatch.setattr("sys.stdin", io.StringIO(zoo.SECRET + "\n"))
    assert zoo.SECRET not in str(run("dns_writer", NAME, "--server", zoo.FIRST))
    written = run("dns_plan", NAME, "--write")
    assert len(written) == len([one for one in planned if one["kind"] != "CAA"])
    assert OLD not in seen()[0]
    assert run("dns_undo", written[0]["change"])["undone"]
    assert seen()[0] == {"somebody else", OLD}
    assert "no such change" in refused("dns_undo", written[0]["change"])
    run("dns_writer", NAME, "--forget")
    assert not DnsWriter.objects.exists()


def test_a_provider_and_its_options(world: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("auth-id=4711\nauth-password=geheim-99\n"))
    assert run("dns_writer", NAME, "--provider", "cloudns")["writer"] == f"{NAME} at cloudns"
    assert "geheim-99" not in DnsWriter.objects.get().sealed_secret
    monkeypatch.setattr("sys.stdin", io.StringIO("x=y"))
    assert "is not a provider" in refused("dns_writer", NAME, "--provider", "nobody")
    monkeypatch.setattr("sys.stdin", io.StringIO("no equals sign"))
    assert "name=value" in refused("dns_writer", NAME, "--provider", "cloudns")


def test_accept_park_silence_share(world: Client) -> None:
    assert run("dns_accept", NAME, "spf.missing", "--reason", "on purpose")["until"]
    assert DnsAcceptance.objects.get().by == "command line"
    assert run("dns_accept", NAME, "spf.missing", "--withdraw")["until"] is None
    assert not DnsAcceptance.objects.exists()
    assert "Say why" in refused("dns_accept", NAME, "spf.missing")
    assert run("dns_park", NAME)["parked"]
    assert ParkedDomain.objects.exists()
    assert not run("dns_park", NAME, "--end")["parked"]
    assert run("dns_silence", NAME, "--hours", 2)["until"]
    assert DnsSilence.objects.exists()
    run("dns_silence", NAME, "--end")
    assert not DnsSilence.objects.exists()
    assert "thirty days" in refused("dns_silence", NAME, "--hours", 1000)
    assert run("dns_share", NAME)["link"].startswith("https://mail.zoo.test/admin/dns/shared/")
