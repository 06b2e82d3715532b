"""What a server still does after the handshake: renegotiate for a client, take early data. Check V10.

RFC 5746, 8446 (2.3 and 8). Python's own ssl can do neither, so pyOpenSSL shakes hands here, over the bytes
of the conversation that is open already. No application data is sent but EHLO.
"""

from contextlib import suppress

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from mailadmin.dns.network import Unreachable

from .dialogue import Dialogue

MOST = 10  # renegotiations a server may allow one client (NCSC-NL 2025-05)
PATIENCE = 3.0  # seconds, for each step
MOST_READS = 20


class After:
    """A TLS client in memory. `version`: SSL.TLS1_2_VERSION or TLS1_3_VERSION. Raises Unreachable."""

    def __init__(self, talk: Dialogue, version: int, name: str) -> None:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_NONE, lambda *_facts: True)
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        self.talk = talk
        talk.patience = PATIENCE
        self.connection = SSL.Connection(context, None)
        if name and not name.replace(".", "").isdigit() and ":" not in name:
            self.connection.set_tlsext_host_name(name.encode("ascii", "ignore"))
        self.connection.set_connect_state()
        self.shake()

    def shake(self) -> None:
        for _ in range(MOST_READS):
            try:
                self.connection.do_handshake()
            except SSL.WantReadError:
                self._flush()
                self.connection.bio_write(self.talk.some())
            except SSL.Error as error:
                raise Unreachable("tls", str(error)[:100]) from None
            else:
                self._flush()
                return
        raise Unreachable("garbled", "a handshake without an end")

    def _flush(self) -> None:
        with suppress(SSL.WantReadError):
            self.talk.raw(self.connection.bio_read(65536))

    def renegotiations(self) -> int:
        """How many the server allows one client; stops after one too many."""
        for count in range(MOST + 1):
            try:
                if not self.connection.renegotiate():
                    return count
                self.shake()
            except (Unreachable, SSL.Error):
                return count
            if self.connection.total_renegotiations() <= count:
                return count
        return MOST + 1

    def early_data(self, words: bytes) -> int:
        """Octets it would take before a handshake is finished, as its tickets say (RFC 8446, 4.6.1)."""
        with suppress(SSL.Error, Unreachable):
            if words:
                self.connection.send(words)
                self._flush()
            for _ in range(MOST_READS):
                try:
                    self.connection.recv(4096)
                    break
                except SSL.WantReadError:
                    if self._allowed():
                        break
                    self.connection.bio_write(self.talk.some())
        return self._allowed()

    def _allowed(self) -> int:
        session = self.connection.get_session()
        if session is None:
            return 0
        # pyOpenSSL has no word of its own for it; the binding below it does.
        return int(Binding().lib.SSL_SESSION_get_max_early_data(session._session))
