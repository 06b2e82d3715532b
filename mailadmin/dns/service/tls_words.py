"""What the service checks say, second half: TLS and certificates."""

from mailadmin.dns.finding import Words, _

_NCSC = "NCSC-NL TLS 2025-05"
_DOWN = _("An attacker on the way can talk the two sides down to it and read along.")
_PROGRAMS = _("Mail programs warn (“the certificate is not trusted”) or refuse to connect.")
_DANE = _("Senders with DANE refuse to deliver: “TLSA lookup: certificate not trusted”.")
WORDS = {
    "tls.unmeasured": Words("V5", _("TLS on port %(port)s could not be measured (%(reason)s).")),
    "tls.version": Words("V5", _("Port %(port)s speaks only good versions: %(versions)s."), rfc=_NCSC),
    "tls.version-old": Words(
        "V5", _("Port %(port)s still speaks %(versions)s."), _DOWN, _("Allow TLS 1.2 and 1.3 only."), "RFC 8996"
    ),
    "tls.version-broken": Words(
        "V5", _("Port %(port)s speaks %(versions)s, which is broken."), _DOWN, _("Allow TLS 1.2 and 1.3 only."), "RFC 7568"
    ),
    "tls.suite": Words("V9", _("Port %(port)s agrees to strong ciphers only."), rfc=_NCSC),
    "tls.suite-cbc": Words("V9", _("Port %(port)s also agrees to older CBC ciphers."), rfc=_NCSC),
    "tls.suite-broken": Words(
        "V9", _("Port %(port)s agrees to broken ciphers: %(suites)s."), _DOWN, _("Allow AEAD ciphers with (EC)DHE only."), _NCSC
    ),
    "tls.exchange": Words("V10", _("The key exchange on port %(port)s is sound."), rfc=_NCSC),
    "tls.renegotiation": Words(
        "V10",
        _("Port %(port)s renegotiates insecurely."),
        _("An attacker can put his own words before those of a client (CVE-2009-3555)."),
        _("Bring the TLS library up to date."),
        "RFC 5746",
    ),
    "tls.renegotiation-client": Words(
        "V10",
        _("Port %(port)s lets a client renegotiate more than %(count)s times."),
        _("One client can keep the processor busy: the others wait."),
        _("Switch off renegotiation for clients (OpenSSL: NoRenegotiation)."),
        _NCSC,
    ),
    "tls.early-data": Words(
        "V10",
        _("Port %(port)s takes data before the handshake is finished (0-RTT, %(octets)s octets)."),
        _("Whoever recorded it can send it again: a letter arrives twice."),
        _("Switch off early data."),
        "RFC 8446, 8",
    ),
    "tls.compression": Words(
        "V10", _("Port %(port)s compresses inside TLS."), _("Passwords can be guessed from the length (CRIME)."), _("Switch compression off."), "RFC 7525, 3.3"
    ),
    "tls.exchange-sha1": Words(
        "V10", _("Port %(port)s signs its key exchange with SHA-1."), _DOWN, _("Bring the TLS library up to date."), "RFC 9155"
    ),
    "tls.master-secret": Words(
        "V10", _("Port %(port)s lacks the extended master secret."), _("Sessions can be mixed up by an attacker in the middle."), _("Bring the TLS library up to date."), "RFC 7627"
    ),
    "tls.group": Words(
        "V10", _("Port %(port)s uses a group of its own (%(bits)s bits) for Diffie-Hellman."), _DOWN, _("Use the groups of RFC 7919, or elliptic curves only."), "RFC 7919"
    ),
    "tls.key": Words("V7", _("The key of %(host)s is strong (%(bits)s bits)."), rfc=_NCSC),
    "tls.key-ageing": Words("V7", _("The key of %(host)s (%(kind)s, %(bits)s bits) is being phased out."), "", _("Use P-256 or RSA with 3072 bits next time."), _NCSC),
    "tls.key-weak": Words(
        "V7", _("The key of %(host)s (%(kind)s, %(bits)s bits) is weak."), _("Careful clients refuse: “certificate key too weak”."), _("Use P-256 or RSA with 3072 bits."), _NCSC
    ),
    "tls.key-broken": Words(
        "V7", _("The key of %(host)s (%(kind)s, %(bits)s bits) can be broken."), _("Clients refuse: “certificate key too weak”."), _("Get a new certificate with a P-256 key."), _NCSC
    ),
    "tls.signature": Words("V8", _("The certificate of %(host)s is signed well (%(hash)s)."), rfc=_NCSC),
    "tls.signature-weak": Words("V8", _("The certificate of %(host)s is signed with %(hash)s."), "", _("Get a new certificate."), _NCSC),
    "tls.signature-broken": Words(
        "V8", _("The certificate of %(host)s is signed with %(hash)s, which is broken."), _PROGRAMS, _("Get a new certificate."), "RFC 9155"
    ),
    "certificate.trusted": Words("V6", _("The certificate on port %(port)s is trusted and names %(host)s."), rfc="RFC 6125"),
    "certificate.self-signed": Words(
        "V6", _("The certificate on port %(port)s is self-signed. Between servers that is enough."), rfc="RFC 7435"
    ),
    "certificate.untrusted": Words(
        "V6", _("The certificate on port %(port)s is self-signed."), _PROGRAMS, _("Get one from Let’s Encrypt; the mail server can do that by itself."), "RFC 8314, 3"
    ),
    "certificate.chain": Words(
        "V6", _("The certificate on port %(port)s cannot be traced to a trusted authority (%(detail)s)."), _PROGRAMS, _("Send the whole chain (fullchain.pem), not only the certificate."), "RFC 5246, 7.4.2"
    ),
    "certificate.name": Words(
        "V6", _("The certificate on port %(port)s does not name %(host)s."), _PROGRAMS, _("Get a certificate for that name."), "RFC 6125"
    ),
    "certificate.dates": Words("V6", _("The certificate on port %(port)s is good until %(date)s (%(days)s days).")),
    "certificate.ends-soon": Words(
        "V6", _("The certificate on port %(port)s ends in %(days)s days."), _("It should have been renewed by itself."), _("Look at the renewal in the log of the server.")
    ),
    "certificate.ends": Words(
        "V6", _("The certificate on port %(port)s ends in %(days)s days."), _PROGRAMS, _("Renew it now.")
    ),
    "certificate.ended": Words("V6", _("The certificate on port %(port)s ended on %(date)s."), _PROGRAMS, _("Renew it now.")),
    "certificate.unmeasured": Words("V6", _("The certificate on port %(port)s could not be seen (%(reason)s).")),
    "certificate.same": Words("V11", _("The same certificate is shown on the ports %(ports)s.")),
    "certificate.differs": Words(
        "V11",
        _("Different certificates are shown on the ports %(ports)s."),
        _("After a renewal one service was not restarted: it will go on with the old certificate until it ends."),
        _("Restart the service that shows the old one."),
    ),
    "certificate.covers": Words("V12", _("The certificate names %(names)s.")),
    "certificate.names": Words(
        "V12", _("The certificate does not name %(names)s, which lead here too."), _PROGRAMS, _("Add these names to the certificate."), "RFC 6125"
    ),
    "sts.mx-certificate": Words("T9", _("%(host)s shows a certificate as the policy asks."), rfc="RFC 8461, 4.2"),
    "sts.mx-untrusted": Words(
        "T9",
        _("%(host)s shows a certificate that the policy does not allow (%(reason)s)."),
        _("Senders that obey MTA-STS do not deliver: “MTA-STS failure: certificate not trusted”."),
        _("Get a valid certificate for that name, or set the policy to testing."),
        "RFC 8461, 4.2",
    ),
    "sts.mx-unmeasured": Words("T9", _("The certificate of %(host)s could not be seen (%(reason)s).")),
    "tlsa.fits": Words("X9", _("A TLSA record fits the %(kind)s certificate of %(host)s."), rfc="RFC 7672, 3.1"),
    "tlsa.misfit": Words(
        "X9", _("No TLSA record fits the %(kind)s certificate of %(host)s."), _DANE, _("Publish this record beside the others."), "RFC 7672, 3.1"
    ),
    "tlsa.extra": Words("X9", _("Records of %(host)s that fit nothing now: %(records)s."), "", _("Fine during a key change; else remove them.")),
    "tlsa.unmeasured": Words("X9", _("The certificate of %(host)s could not be compared (%(reason)s).")),
    "tlsa.authority": Words("X10", _("The authority in the TLSA record of %(host)s is in the chain."), rfc="RFC 7671, 5.2"),
    "tlsa.authority-absent": Words(
        "X10", _("%(host)s does not send the certificate that its TLSA record %(record_text)s names."), _DANE, _("Send the whole chain, or remove the record."), "RFC 7671, 5.2"
    ),
    "tlsa.authority-name": Words(
        "X10", _("The certificate of %(host)s does not carry its name, which its TLSA record (usage 2) demands."), _DANE, _("Get a certificate for that name."), "RFC 7671, 5.2"
    ),
    "tlsa.time": Words("X11", _("The certificate of %(host)s has %(days)s days: time enough for a second TLSA record.")),
    "tlsa.one": Words(
        "X11", _("%(host)s has one TLSA record, and its certificate ends in %(days)s days."), _DANE, _("Publish the record of the next key now, or renew with the same key."), "RFC 7671, 8.1"
    ),
    "tlsa.next-unknown": Words("X12", _("The next key is not known to Postie, so it cannot be compared.")),
    "tlsa.next": Words("X12", _("The next key of %(host)s is published long enough."), rfc="RFC 7671, 8.1"),
    "tlsa.next-early": Words("X12", _("The next key of %(host)s is published; use it after %(seconds)s seconds."), rfc="RFC 7671, 8.1"),
    "tlsa.next-missing": Words(
        "X12", _("The next key of %(host)s is not published."), _DANE, _("Publish this record and wait two TTLs before the change."), "RFC 7671, 8.1"
    ),
}  # fmt: skip
