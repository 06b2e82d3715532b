"""manage.py dns_reports FILE… | - | --fetch | --domain NAME: read DMARC and TLS reports, or sum them up."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from mailadmin.dns.reports.unpack import MOST_RAW
from mailadmin.health.canary import Failed
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_received, report_box


class Command(base.PostieCommand):
    help = "Read DMARC and TLS reports from files, standard input (-) or the mailbox; --domain sums up."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument("--fetch", action="store_true", help="read REPORTS_MAILBOX")
        parser.add_argument("--domain", help="who sent in its name in the last 30 days")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        if options["domain"]:
            return _summary(poste.domains.get(base.domain_name(options["domain"])).name)
        taken = [one for name in options["files"] for one in dns_received.take(poste, _read(name))]
        if options["fetch"]:
            if not report_box.is_wanted():
                raise ValueError("REPORTS_MAILBOX is not set.")
            try:
                taken += report_box.fetch(poste)
            except Failed as failed:
                raise ValueError(f"REPORTS_MAILBOX cannot be read: {failed.said or failed.code}") from None
        if any(one.state not in ("new", "known", "other") for one in taken):
            self.exit_code = 1
        return [{"state": one.state, "kind": one.kind, "domain": one.domain, "org": one.org} for one in taken]


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(MOST_RAW + 1)
        with Path(name).open("rb") as file:
            return file.read(MOST_RAW + 1)
    except OSError as error:
        raise ValueError(f"{name}: {error.strerror}") from None


def _summary(domain: str) -> list[dict[str, object]]:
    found = dns_received.summary(domain)
    return [
        {
            "source": one.address,
            "letters": one.letters,
            "aligned": one.aligned,
            "spf": one.spf,
            "dkim": one.dkim,
            "verdict": one.verdict,
        }
        for one in found.sources
    ]
