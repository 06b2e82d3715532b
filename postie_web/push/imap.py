"""A small IMAP session for asyncio. Only commands of our own making go out; a person's words never do."""

import asyncio
import base64
import ssl
from collections.abc import Callable
from functools import lru_cache

from postie_web.lib import proxy_protocol
from postie_web.lib.credentials import Credentials
from webmail.imap import door, errors
from webmail.imap.parser import Response, literal_size, response
from webmail.imap.wire import Atom, Value, encode

_LONGEST_LINE = 64 * 1024  # of a folder's name and its numbers; a tab asks the web for all else
_LARGEST_LITERAL = 16 * 1024
_MOST_UNTAGGED = 20_000
_BROKEN = (OSError, EOFError, ssl.SSLError, asyncio.LimitOverrunError, ValueError)
Hear = Callable[[Response], object]


@lru_cache(maxsize=4)
def _context(server: door.Server) -> ssl.SSLContext:
    # One for all: each holds the certificates of every authority, about 1 MB.
    return door.tls_context(server)


class Session:
    """One connection, one reader. `hear` is told every untagged response, asked for or not."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._reader, self._writer, self._seconds = reader, writer, seconds
        self._number = 0
        self.is_tagged = False  # was the last response the end of our command?
        self.capabilities: frozenset[str] = frozenset()

    def has(self, capability: str) -> bool:
        return capability in self.capabilities

    async def run(self, *command: Value, hear: Hear | None = None) -> None:
        """Sends a command and reads up to its end. Raises what a NO means."""
        chunks = encode(command)
        if len(chunks) != 1:
            raise errors.Rejected("a name too long to be watched")
        await self.send_line(chunks[0])
        await self._finish(hear)

    async def secret(self, line: bytes, *, more: bytes = b"") -> None:
        """AUTHENTICATE: in lines of our own making; `more` after the server's "+"."""
        await self.send_line(line + b"\r\n")
        if more:
            while (item := await self.read(self._seconds)) is not None and item.name != "+":
                if item.name in ("NO", "BAD"):
                    raise errors.Unauthorized("The mail server refuses this address and password.")
            self._writer.write(more + b"\r\n")
        await self._finish(None)

    async def send_line(self, octets: bytes, *, tagged: bool = True) -> None:
        if tagged:
            self._number += 1
        self._writer.write((b"E%d " % self._number if tagged else b"") + octets)
        try:
            await asyncio.wait_for(self._writer.drain(), self._seconds)
        except (TimeoutError, *_BROKEN) as error:
            raise errors.Unavailable("The mail server did not answer.") from error

    async def read(self, seconds: float) -> Response | None:
        """The next response; None when nothing came for so long. A tagged one has its name: OK, NO, BAD."""
        try:
            line = await asyncio.wait_for(self._reader.readline(), seconds)
        except TimeoutError:
            return None
        except _BROKEN as error:
            raise errors.Unavailable("The mail server sent what cannot be read.") from error
        if not line.endswith(b"\n"):
            raise errors.Lost("The mail server closed the connection.")
        if line.startswith(b"+"):
            return Response("+")
        pieces = await self._whole(line.rstrip(b"\r\n"))
        head, _, rest = pieces[0].partition(b" ")
        if head not in (b"*", b"E%d" % self._number):
            raise errors.Unavailable("The mail server answered to something that was not asked.")
        item = response([rest, *pieces[1:]])
        if item.name == "BYE":
            raise errors.Lost(item.text or "The mail server said goodbye.")
        self.is_tagged = head != b"*"
        return item

    async def _whole(self, line: bytes) -> list[bytes]:
        """A folder's name may come as a literal: line, literal, … line."""
        pieces = [line]
        while pieces[-1].endswith(b"}") and (size := literal_size(pieces[-1])) is not None:
            if size > _LARGEST_LITERAL or len(pieces) > 40:
                raise errors.Unavailable("The mail server sent more than we can hold.")
            try:
                async with asyncio.timeout(self._seconds):
                    pieces.append(await self._reader.readexactly(size))
                    pieces.append((await self._reader.readline()).rstrip(b"\r\n"))
            except (TimeoutError, *_BROKEN) as error:
                raise errors.Unavailable("The mail server did not finish.") from error
        return pieces

    async def _finish(self, hear: Hear | None) -> None:
        for _ in range(_MOST_UNTAGGED):
            item = await self.read(self._seconds)
            if item is None:
                raise errors.Unavailable("The mail server did not answer.")
            self._see(item)
            if self.is_tagged:
                if item.name == "OK":
                    return
                raise errors.from_no(item.text, item.code)
            if hear is not None:
                hear(item)
        raise errors.Unavailable("The mail server does not come to an end.")

    def _see(self, item: Response) -> None:
        data = item.data if item.name == "CAPABILITY" else item.code_data if item.code == "CAPABILITY" else []
        if data:
            self.capabilities = frozenset(word.decode("latin-1").upper() for word in data)

    async def start_tls(self, server: door.Server) -> None:
        name = server.server_name or server.host
        await self._writer.start_tls(_context(server), server_hostname=name)

    async def greeting(self) -> None:
        item = await self.read(self._seconds)
        if item is None or item.name not in ("OK", "PREAUTH"):
            raise errors.Unavailable("The mail server does not greet.")

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    def close(self) -> None:
        # Not `close`: over TLS that waits for the other's farewell, in a loop that may end before it comes.
        self._writer.transport.abort()


async def open_session(server: door.Server, credentials: Credentials) -> Session:
    """Signed in, with everything the server can do known; door.py does the same for the web."""
    try:
        async with asyncio.timeout(server.timeout):
            reader, writer = await asyncio.open_connection(server.host, server.port, limit=_LONGEST_LINE)
            session = Session(reader, writer, server.timeout)
            try:
                await _greet(session, server, credentials)
                await _sign_in(session, credentials)
            except BaseException:
                session.close()
                raise
    except (TimeoutError, *_BROKEN) as error:
        raise errors.Unavailable("The mail server cannot be reached.") from error
    return session


async def _greet(session: Session, server: door.Server, credentials: Credentials) -> None:
    if server.proxy_protocol:
        session.write(proxy_protocol.header(credentials.client_address, "127.0.0.1", 0, server.port))
    if server.security == "tls":
        await session.start_tls(server)
    await session.greeting()
    if server.security == "starttls":
        await session.run(Atom("STARTTLS"))
        await session.start_tls(server)


async def _sign_in(session: Session, credentials: Credentials) -> None:
    await session.run(Atom("CAPABILITY"))
    token = base64.b64encode(f"\0{credentials.address}\0{credentials.password}".encode())
    try:
        if session.has("AUTH=PLAIN") and session.has("SASL-IR"):
            await session.secret(b"AUTHENTICATE PLAIN " + token)
        elif session.has("AUTH=PLAIN"):
            await session.secret(b"AUTHENTICATE PLAIN", more=token)
        else:
            await session.run(Atom("LOGIN"), credentials.address, credentials.password)
    except errors.Rejected as error:
        if "connections" in error.reason.lower() or error.code == "LIMIT":
            raise errors.TooMany("Too many connections to this mailbox.") from error
        raise errors.Unauthorized("The mail server refuses this address and password.") from error
    await session.run(Atom("CAPABILITY"))
    if session.has("ENABLE") and session.has("CONDSTORE"):
        await session.run(Atom("ENABLE"), Atom("CONDSTORE"))
