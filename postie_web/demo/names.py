"""The demonstration's DNS, published by Postie's own plan: one domain well kept, one with five faults."""

import os
from contextlib import suppress

from mailadmin.dns.network import Network
from mailadmin.dns.update import Zone
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, NotFound
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_plans, dns_reports, dns_writing
from postie_web.demo.people import DOMAIN

FAULTY = "tambo.test"
BY = "demo"
WEB = ("mta-sts", "autoconfig", "autodiscover")  # nothing here would answer under these names


def publish(poste: Client, network: Network) -> None:
    """Does nothing where scripts/start.sh has no name server of its own. Raises update.UpdateRefused."""
    server, key = os.environ.get("POSTIE_DEMO_DNS"), os.environ.get("POSTIE_DEMO_DNS_KEY")
    if not (server and key):
        return
    with suppress(Duplicate):
        poste.domains.create(NewDomain(name=FAULTY))
    for domain in (DOMAIN, FAULTY):
        _key(poste, domain)
        dns_plans.set_writer(domain, Zone(domain, server, "postie", key))
        dns_reports.verify(poste, network, domain)
    found = dns_plans.writer(DOMAIN)
    changes = [change for change in dns_plans.proposed(DOMAIN) if not _is_web(change.name)]
    if found and changes:
        dns_writing.follow(dns_writing.write(found, network, changes, BY), network)
        dns_reports.verify(poste, network, DOMAIN)


def _key(poste: Client, domain: str) -> None:
    try:
        poste.domains.dkim(domain)
    except NotFound:
        poste.domains.create_dkim(domain)


def _is_web(name: str) -> bool:
    return name.removeprefix("_").startswith(WEB)
