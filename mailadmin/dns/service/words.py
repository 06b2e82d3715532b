"""What the service checks say, first half: ports, strangers, sign-in, clock."""

from mailadmin.dns.finding import Words, _

_REFUSED = _("Nothing arrives: senders wait and give up after days with “Connection refused” or “timed out”.")
_ABUSED = _(
    "Spammers find it within hours, and the address lands on every block list (“550 5.7.1 … blocked”)."
)
_CLEAR = _("Whoever listens on the way reads the password.")
_LATER = _("The server asked to wait; the next check tries again.")
WORDS = {
    "smtp.ours-unknown": Words("V1", _("The addresses of the mail server are not set and not in the DNS.")),
    "smtp.open": Words("V1", _("%(address)s answers on port 25 after %(seconds)s seconds."), rfc="RFC 5321, 3.1"),
    "smtp.slow": Words(
        "V1",
        _("%(address)s greets only after %(seconds)s seconds."),
        _("Impatient senders hang up and try again later: mail is late."),
        _("Look for slow block list or reverse name look-ups in the server’s greeting."),
        "RFC 5321, 4.5.3.2",
    ),
    "smtp.closed": Words(
        "V1",
        _("%(address)s does not answer on port 25 (%(reason)s)."),
        _REFUSED,
        _("Check that the mail server runs and that firewall and hosting provider let port 25 in."),
        "RFC 5321, 3.1",
    ),
    "smtp.unmeasured": Words("V1", _("Port 25 of %(address)s could not be measured from here (%(reason)s)."), _LATER),
    "host.ipv6-open": Words("M12", _("The IPv6 address %(address)s answers on port 25.")),
    "host.ipv6-closed": Words(
        "M12",
        _("The IPv6 address %(address)s is published but does not answer on port 25 (%(reason)s)."),
        _("Senders with IPv6 try it first: mail is late or comes back."),
        _("Let the server listen there, or remove the AAAA record."),
        "RFC 5321, 5.1",
    ),
    "smtp.name": Words("V2", _("The server greets as %(name)s."), rfc="RFC 5321, 4.2"),
    "smtp.name-other": Words(
        "V2",
        _("The server greets as %(name)s instead of %(wanted)s."),
        _("Spam filters give points when greeting and reverse name differ."),
        _("Set the host name of the mail server to %(wanted)s."),
        "RFC 5321, 4.1.1.1",
    ),
    "smtp.name-bad": Words(
        "V2",
        _("The server greets as “%(name)s”, which is no full host name."),
        _("Receivers answer “504 5.5.2 Helo command rejected: need fully-qualified hostname”."),
        _("Set the host name of the mail server to %(wanted)s."),
        "RFC 5321, 2.3.5",
    ),
    "smtp.version-shown": Words(
        "V2",
        _("The greeting shows the version: %(greeting)s"),
        _("Attackers look for known holes by version."),
        _("Remove it from the greeting."),
    ),
    "smtp.extensions": Words("V3", _("Everything modern senders use is offered."), rfc="RFC 5321, 2.2"),
    "smtp.extensions-missing": Words("V3", _("Not offered: %(names)s."), rfc="RFC 5321, 2.2"),
    "smtp.no-starttls": Words(
        "V3",
        _("%(address)s does not offer encryption (STARTTLS)."),
        _("Mail travels readable, and strict senders refuse: “TLS is required, but was not offered”."),
        _("Give the mail server a certificate and switch TLS on."),
        "RFC 3207",
    ),
    "service.no-clear-sign-in": Words("V4", _("Port %(port)s takes no password before encryption."), rfc="RFC 8314, 3.3"),
    "service.clear-sign-in": Words(
        "V4",
        _("Port %(port)s offers to sign in without encryption (%(ways)s)."),
        _CLEAR,
        _("Allow signing in only after STARTTLS."),
        "RFC 8314, 3.3",
    ),
    "service.clear-trusted": Words(
        "V4", _("Port %(port)s offers to sign in without encryption, but it may trust the address we asked from.")
    ),
    "service.no-tls": Words(
        "V4", _("Port %(port)s (%(name)s) offers no encryption."), _CLEAR, _("Switch TLS on, or close the port."), "RFC 8314, 3"
    ),
    "service.open": Words("V11", _("%(name)s answers on port %(port)s.")),
    "service.absent": Words("V11", _("%(name)s is not offered on port %(port)s.")),
    "service.closed": Words(
        "V11",
        _("%(name)s does not answer on port %(port)s (%(reason)s), but mail programs are sent there."),
        _("They cannot fetch or send mail."),
        _("Start the service or open the port; or take it out of the DNS."),
        "RFC 6186, 3",
    ),
    "service.unmeasured": Words("V11", _("%(name)s on port %(port)s could not be measured (%(reason)s).")),
    "smtp.silent": Words("V17", _("Strangers cannot ask who has a mailbox."), rfc="RFC 5321, 7.3"),
    "smtp.tells-users": Words(
        "V17",
        _("The server tells strangers who has a mailbox (%(commands)s)."),
        _("Spammers collect addresses that way."),
        _("Switch VRFY and EXPN off."),
        "RFC 5321, 7.3",
    ),
    "smtp.no-relay": Words("V15", _("%(address)s passes nothing on for strangers (%(count)s ways tried)."), rfc="RFC 5321, 7.1"),
    "smtp.open-relay": Words(
        "V15",
        _("%(address)s passes mail on for anybody: %(ways)s."),
        _ABUSED,
        _("Close it now: only signed-in people may send to other domains."),
        "RFC 5321, 7.1",
    ),
    "smtp.relay-trusted": Words(
        "V15", _("%(address)s accepted, but it may trust the address we asked from; ask from outside.")
    ),
    "smtp.relay-later": Words("V15", _("%(address)s asked to wait (%(reply)s)."), _LATER),
    "smtp.relay-unmeasured": Words("V15", _("%(address)s could not be asked (%(reason)s).")),
    "smtp.refuses-unknown": Words("V16", _("Mail to people who do not exist is refused at once (%(reply)s).")),
    "smtp.catch-all": Words("V16", _("The domain takes mail for every name, as set.")),
    "smtp.takes-anybody": Words(
        "V16",
        _("%(domain)s takes mail for people who do not exist."),
        _("It is sent back later to forged senders (backscatter), and that leads onto block lists."),
        _("Refuse unknown recipients while the sender still waits (550 5.1.1)."),
        "RFC 5321, 3.6.2",
    ),
    "smtp.anybody-later": Words("V16", _("The server asked to wait (%(reply)s)."), _LATER),
    "smtp.recipients-unmeasured": Words("V16", _("The server could not be asked who it takes (%(reason)s).")),
    "smtp.spoof-refused": Words("V18", _("A forged sender of this domain is refused (%(reply)s).")),
    "smtp.spoof-accepted": Words(
        "V18",
        _("The server takes mail from strangers that claims to come from %(domain)s."),
        _("Your own people are the first to fall for forged mail from a colleague."),
        _("Let the server obey the DMARC policy of its own domains too."),
        "RFC 9989, 5",
    ),
    "smtp.spoof-no-policy": Words("V18", _("Without p=reject nothing has to be refused.")),
    "smtp.spoof-undecided": Words(
        "V18", _("The server did not refuse before the content; only test mail to a canary mailbox from outside can tell.")
    ),
    "smtp.spoof-unmeasured": Words("V18", _("The forgery probe could not be made (%(reason)s).")),
    "receivers.role": Words("G2", _("%(address)s takes mail."), rfc="RFC 2142, 5"),
    "receivers.role-missing": Words(
        "G2",
        _("%(address)s refuses mail (%(reply)s)."),
        _("Complaints about abuse do not reach you, and some block lists list such domains."),
        _("Create the mailbox or an alias for it."),
        "RFC 5321, 4.5.1",
    ),
    "receivers.role-later": Words("G2", _("%(address)s: the server asked to wait (%(reply)s)."), _LATER),
    "login.no-canary": Words("V14", _("No canary mailbox is set, so signing in is not tried.")),
    "login.works": Words("V14", _("Signing in to %(name)s works (%(seconds)s s).")),
    "login.slow": Words(
        "V14",
        _("Signing in to %(name)s takes %(seconds)s seconds."),
        _("People wait, and mail programs give up."),
        _("Look at the load of the server and its password check."),
    ),
    "login.refused": Words(
        "V14",
        _("Signing in to %(name)s fails: %(reply)s"),
        _("Probably nobody can sign in."),
        _("Check the mail server’s log; if only the canary’s password changed, set it anew."),
    ),
    "login.untrusted": Words("V14", _("%(name)s was not given the password: its certificate is not trusted (%(reason)s).")),
    "login.unmeasured": Words("V14", _("Signing in to %(name)s could not be tried (%(reason)s).")),
    "imap.offers": Words("V13", _("IMAP offers %(names)s."), rfc="RFC 9051"),
    "imap.missing": Words("V13", _("IMAP does not offer %(names)s."), rfc="RFC 9051"),
    "clock.right": Words("V20", _("The clock is right (%(seconds)s s apart).")),
    "clock.off": Words("V20", _("The clock is %(seconds)s seconds off."), _("Signatures and one-time codes begin to fail."), _("Switch time synchronisation (NTP) on.")),
    "clock.wrong": Words(
        "V20",
        _("The clock is %(seconds)s seconds off."),
        _("Certificates, DKIM signatures and one-time codes fail: “signature timestamp in the future”."),
        _("Switch time synchronisation (NTP) on."),
        "RFC 6376, 3.5",
    ),
    "clock.unmeasured": Words("V20", _("The clock could not be read at %(url)s (%(reason)s).")),
    "outbound.open": Words("V19", _("Mail can leave: %(hosts)s answered.")),
    "outbound.narrow": Words(
        "V19", _("Of the large servers only %(hosts)s answered."), _("Part of the mail may not leave."), _("Check the firewall for port 25 out.")
    ),
    "outbound.closed": Words(
        "V19",
        _("No mail can leave: none of %(hosts)s answers on port 25."),
        _("Everything waits in the queue: “connect to …:25: Connection timed out”."),
        _("Ask the hosting provider to open port 25 out, or use a smart host."),
    ),
    "outbound.smart-host": Words("V19", _("Mail leaves through a smart host.")),
    "outbound.not-asked": Words("V19", _("Whether port 25 is open to the outside is not asked; name servers for it in the settings.")),
    "outbound.unmeasured": Words("V19", _("None of %(hosts)s could be looked up.")),
    "submission.own-sender": Words("V21", _("Nobody can send in another’s name (%(reply)s)."), rfc="RFC 6409, 6.1"),
    "submission.any-sender": Words(
        "V21",
        _("Whoever signs in can send in anybody’s name."),
        _("One stolen password is enough to write as the boss."),
        _("Check that the sender belongs to whoever signed in."),
        "RFC 6409, 6.1",
    ),
    "submission.signed-in-only": Words("V21", _("Without signing in nothing is taken (%(reply)s).")),
    "submission.anonymous": Words(
        "V21", _("The submission port takes mail without signing in."), _ABUSED, _("Demand signing in."), "RFC 6409, 4.3"
    ),
    "submission.unmeasured": Words("V21", _("The sender check could not be tried (%(reason)s).")),
}  # fmt: skip

_NO_WEBMAIL = _("Browsers show an error instead of the webmail.")
WORDS |= {
    "web.no-name": Words("W1", _("The webmail has no name of its own (ALLOWED_HOSTS).")),
    "web.reached": Words("W1", _("The webmail at %(host)s answers.")),
    "web.no-address": Words("W1", _("The name %(host)s has no address."), _NO_WEBMAIL, _("Publish an A record for it.")),
    "web.refused": Words("W1", _("Nothing listens on port 443 of %(host)s."), _NO_WEBMAIL, _("Start Traefik (docker compose up -d traefik) and check its ports.")),
    "web.silent": Words("W1", _("Port 443 of %(host)s does not answer (%(reason)s)."), _NO_WEBMAIL, _("Open port 443 in the firewall, and check that the name leads to this server.")),
    "web.certificate": Words("W1", _("The certificate of %(host)s is not trusted (%(reason)s)."), _("Browsers warn: “Your connection is not private”."), _("Look in Traefik’s log for ACME: port 80 must be open and the router must name the host.")),
    "web.tls": Words("W1", _("%(host)s does not speak TLS on port 443 (%(reason)s)."), _NO_WEBMAIL, _("Check Traefik’s entry point websecure.")),
    "web.no-router": Words("W1", _("Traefik answers, but knows no way for %(host)s."), _NO_WEBMAIL, _("Check the label traefik.http.routers.…rule of the web container: it must be Host(`%(host)s`).")),
    "web.away": Words("W1", _("Traefik answers, but the web container does not (%(status)s)."), _NO_WEBMAIL, _("Look at docker compose ps and the log of the web container.")),
    "web.broken": Words("W1", _("The web container answers with an error (%(status)s)."), _NO_WEBMAIL, _("Look at the log of the web container: often the database or Redis is away.")),
    "web.unmeasured": Words("W1", _("%(host)s could not be measured (%(reason)s).")),
}  # fmt: skip
