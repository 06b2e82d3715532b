"""manage.py dns_writer: how Postie may write to a domain's zone. Secrets come from standard input."""

import sys
from argparse import ArgumentParser
from typing import Any

from mailadmin.dns import provider
from mailadmin.dns.update import ALGORITHMS, Zone
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_plans

MOST = 16_384  # octets of standard input


class Command(base.PostieCommand):
    help = "Let Postie write to a zone: by dynamic update (TSIG secret on stdin) or by a provider's API."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--provider", help="its options on stdin, one a line: name=value")
        way.add_argument("--server", help="address of a name server that takes dynamic updates")
        way.add_argument("--forget", action="store_true", help="forget the key of this domain")
        parser.add_argument("--port", type=int, default=53)
        parser.add_argument("--key-name", default="postie")
        parser.add_argument("--algorithm", choices=ALGORITHMS, default=ALGORITHMS[0])

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = base.domain_name(options["domain"])
        if options["forget"]:
            dns_plans.forget_writer(name)
            return {"domain": name, "writer": None}
        secret = sys.stdin.read(MOST).strip()
        if not secret:
            raise ValueError("There is no secret on standard input.")
        if options["provider"]:
            self._provider(name, options["provider"], secret)
        else:
            numbers = (options["key_name"], secret, options["algorithm"], options["port"])
            dns_plans.set_writer(name, Zone(name, options["server"], *numbers))
        return {"domain": name, "writer": str(dns_plans.writer(name))}

    def _provider(self, name: str, wanted: str, text: str) -> None:
        if wanted not in provider.names():
            raise ValueError(f"{wanted!r} is not a provider: {', '.join(provider.names())}.")
        pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
        if not all(found for _name, found, _value in pairs):
            raise ValueError("One setting a line: name=value.")
        given = {key.strip().replace("-", "_"): value.strip() for key, _found, value in pairs}
        dns_plans.set_provider(name, wanted, given)
