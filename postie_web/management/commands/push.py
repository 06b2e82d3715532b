"""manage.py push: serves /events/ to open tabs (postie_web/push)."""

import asyncio.sslproto
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandParser

from postie_web.lib.logs import log_settings
from postie_web.push.app import Application


class Command(BaseCommand):
    help = "Tells open tabs of new mail and changes, as Server-Sent Events."
    requires_system_checks = ()  # they would load every page of the web, 30 MiB

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        # asyncio sets aside 256 KiB for every TLS connection; ours say a line now and then.
        asyncio.sslproto.SSLProtocol.max_size = 16 * 1024
        uvicorn.run(
            Application(),
            host=options["host"],
            port=options["port"],
            log_config=log_settings("json", "INFO"),
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # judged by ourselves (TRUSTED_PROXIES)
            server_header=False,
            timeout_graceful_shutdown=3,
            backlog=2048,
            ws="none",
        )
