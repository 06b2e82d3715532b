"""One small process: the REST API, Postfix's policy services, Dovecot's auth policy, the log reader.

usage: python -m mailserver.api --root ROOT --base BASE
Starts as root only to read what only root may; then it is the mail user.
"""

import argparse
import asyncio
import grp
import json
import os
from pathlib import Path

import uvicorn

from mailserver.ports import ports
from mailserver.site import VMAIL

from . import homes
from .app import application
from .database import Database
from .dovecot import Dovecot
from .policy import RecipientPolicy, SubmissionLimits, serve
from .service import Service
from .statistics import LogReader

DAY = 24 * 3600


def become_mail_user() -> None:
    os.umask(0o007)
    if os.geteuid() == 0:
        # Postfix drops supplementary groups, so the database belongs to its own group.
        os.setgroups([grp.getgrnam("postfix").gr_gid])
        os.setgid(VMAIL)
        os.setuid(VMAIL)


async def sweep(mail_root: Path) -> None:
    while True:
        await asyncio.to_thread(homes.sweep, mail_root)
        await asyncio.sleep(DAY)


async def run(root: Path, base: int, listen: str) -> None:
    listeners = ports(base)
    secrets = json.loads((root / "data/secrets.json").read_text())
    dovecot = Dovecot(
        listeners["dovecot_http"], listeners["sieve"], secrets["DOVEADM_KEY"], secrets["MASTER_PASSWORD"]
    )
    database = Database(root)
    app = application(Service(database, dovecot))
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=listen, port=listeners["api"], loop="asyncio", log_level="warning", access_log=False
        )
    )
    async with (
        await serve(listeners["policy_quota"], RecipientPolicy(database, dovecot)),
        await serve(listeners["policy_limits"], SubmissionLimits(database)),
    ):
        others = [
            asyncio.create_task(LogReader(database, root / "log/postfix.log").run()),
            asyncio.create_task(sweep(database.mail_root)),
        ]
        await server.serve()
        for task in others:
            task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mailserver.api")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--base", type=int, required=True)
    parser.add_argument("--listen", default="127.0.0.1")
    arguments = parser.parse_args()
    os.chdir(arguments.root)
    # A checkout may lie where only root can look: everything is imported before root is given up.
    uvicorn.Config(lambda: None, factory=True, loop="asyncio").load()
    "warm".encode("idna")
    become_mail_user()
    asyncio.run(run(arguments.root, arguments.base, arguments.listen))


if __name__ == "__main__":
    main()
