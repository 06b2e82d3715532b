"""Settings of the connections that the DNS checks make to services. settings.py takes them in."""

import environ

env = environ.Env()

# Connections to the mail server's own services, as strangers and clients make them. Behind NAT the public
# address may lead nowhere from inside: MAIL_ROUTES says where it is (203.0.113.10=172.18.0.5); MAIL_PORTS
# where a port is (25=2525). The canary is a mailbox kept for sign-in probes and test mail.
PROBE_SERVICES = env.bool("PROBE_SERVICES", default=True)
MAIL_ROUTES = env.dict("MAIL_ROUTES", default={})
MAIL_PORTS = {int(k): int(v) for k, v in env.dict("MAIL_PORTS", default={}).items()}
CANARY_ADDRESS = env.str("CANARY_ADDRESS", default="")
CANARY_PASSWORD = env.str("CANARY_PASSWORD", default="")
SMART_HOST = env.bool("SMART_HOST", default=False)  # mail leaves through somebody else
MX_FILTERS = env.list("MX_FILTERS", default=[])  # MX hosts of an outside filter that receives for us
MX_BACKUPS = env.list("MX_BACKUPS", default=[])  # MX hosts that take mail while we are away
CLOCK_URL = env.str("CLOCK_URL", default="")  # where the server's clock is read; the mail host when empty
NEXT_CERTIFICATE_KEY = env.str("NEXT_CERTIFICATE_KEY", default="")  # PEM file: public key of the next one
# Who else is asked, each off unless named: port 25 of large servers, registration data, route origins.
OUTBOUND_PROBES = env.list("OUTBOUND_PROBES", default=[])
RDAP_URL = env.str("RDAP_URL", default="")  # https://rdap.org
DNS_NEIGHBOURS = env.bool("DNS_NEIGHBOURS", default=False)  # a block list about addresses beside ours
PROFILE_URL = env.str("PROFILE_URL", default="")  # https://mail.example.org/%s.mobileconfig
RPKI_URL = env.str("RPKI_URL", default="")  # https://stat.ripe.net

# How our ports look from outside: a witness that another person's Postie (or `manage.py witness`) is for us,
# and we for theirs. The secret is known to both; WITNESS_PORTS may say where a port is found (25=2525).
WITNESS_URL = env.str("WITNESS_URL", default="")  # https://mail.friend.example/.well-known/postie-witness
WITNESS_SECRET = env.str("WITNESS_SECRET", default="")
WITNESS_HOST = env.bool(
    "WITNESS_HOST", default=False
)  # be one: look at the asker's own address, at nobody else's
_WITNESS_PORTS = ["25", "465", "587", "993", "143", "995", "110", "4190", "443"]
WITNESS_PORTS = {
    int(port): int(place or 0)
    for port, _, place in (text.partition("=") for text in env.list("WITNESS_PORTS", default=_WITNESS_PORTS))
}
WITNESS_PRIVATE = env.bool("WITNESS_PRIVATE", default=False)  # also askers in inner networks

# The mailbox that DMARC and TLS reports arrive in, read every half an hour. On our own server with its
# password or by the master user; elsewhere: REPORTS_IMAP=imap.example.net:993 and its password.
REPORTS_MAILBOX = env.str("REPORTS_MAILBOX", default="")
REPORTS_PASSWORD = env.str("REPORTS_PASSWORD", default="")
REPORTS_IMAP = env.str("REPORTS_IMAP", default="")

# How many of Gmail's readers complain: Postmaster Tools, with a JSON file of an OAuth client and its
# refresh token (client_id, client_secret, refresh_token). Empty: Gmail is not asked.
POSTMASTER_TOOLS_KEY = env.str("POSTMASTER_TOOLS_KEY", default="")
POSTMASTER_TOOLS_URL = env.str("POSTMASTER_TOOLS_URL", default="https://gmailpostmastertools.googleapis.com")

# A cooperating mailbox on somebody else's server: the canary writes there four times a day, and what that
# server wrote on the letter is read over IMAP (host:port, TLS). A mailbox at a large provider will do.
ECHO_ADDRESS = env.str("ECHO_ADDRESS", default="")
ECHO_PASSWORD = env.str("ECHO_PASSWORD", default="")
ECHO_IMAP = env.str("ECHO_IMAP", default="")
