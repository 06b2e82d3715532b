"""Where mail that leaves a closed server ends: a Maildir. `python -m mailserver.sink DIRECTORY PORT`.

Every file begins with the envelope (X-Envelope-From, X-Envelope-To). Recipients called `unknown…` are
refused, so that bounces can be watched.
"""

import asyncio
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 60 * 1024 * 1024


class Maildir:
    def __init__(self, directory: Path) -> None:
        self.directory, self.count = directory, 0
        for name in ("tmp", "new", "cur"):
            (directory / name).mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's word
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("unknown"):
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.count += 1
        name = f"{time.time_ns()}.{self.count}.eml"
        sender = (envelope.mail_from or "").strip("<>")  # a bounce comes from "<>"
        head = f"X-Envelope-From: <{sender}>\r\n"
        head += "".join(f"X-Envelope-To: <{address}>\r\n" for address in envelope.rcpt_tos)
        content = envelope.content or b""
        text = content if isinstance(content, bytes) else content.encode()
        (self.directory / "tmp" / name).write_bytes(head.encode() + text)
        (self.directory / "tmp" / name).rename(self.directory / "new" / name)
        return "250 Kept"


async def serve(directory: Path, port: int) -> None:
    maildir = Maildir(directory)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(maildir, hostname="sink.test", data_size_limit=LARGEST, enable_SMTPUTF8=True),
        "127.0.0.1",
        port,
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
