"""manage.py witness: be the witness for somebody else's server, without the rest of Postie."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailadmin.dns.witness import standalone
from mailadmin.dns.witness.protocol import SHORTEST_SECRET
from mailadmin.services import witness


class Command(BaseCommand):
    help = "Answer questions about how the asker's own ports look from here (WITNESS_SECRET)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8025", help="address:port; default %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        host = witness.alone()
        if len(host.secret) < SHORTEST_SECRET:
            raise CommandError(f"WITNESS_SECRET must have at least {SHORTEST_SECRET} characters.")
        ip, _, port = options["listen"].rpartition(":")
        try:
            server = standalone.server(host, ip.strip("[]"), int(port))
        except (OSError, ValueError, OverflowError) as error:
            raise CommandError(f"Cannot listen at {options['listen']}: {error}") from None
        self.stdout.write(f"http://{ip}:{server.server_port}{standalone.PATH}")
        self.stdout.flush()
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("stopped")
