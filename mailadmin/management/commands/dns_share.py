"""manage.py dns_share: a link to a domain's DNS page for whoever keeps its DNS, to read only."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.urls import reverse

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_reports


class Command(base.PostieCommand):
    help = "Print a link that shows a domain's DNS page without sign-in; it ends by itself."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = poste.domains.get(base.domain_name(options["domain"])).name
        path = reverse("mailadmin:shared-dns", args=[dns_reports.share(name)])
        link = f"https://{settings.POSTEIO_HOSTNAME}{path}"
        return {"domain": name, "link": link, "days": dns_reports.SHARED_DAYS}
