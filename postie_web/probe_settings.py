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
CLOCK_URL = env.str("CLOCK_URL", default="")  # where the server's clock is read; the mail host when empty
NEXT_CERTIFICATE_KEY = env.str("NEXT_CERTIFICATE_KEY", default="")  # PEM file: public key of the next one
# Who else is asked, each off unless named: port 25 of large servers, registration data, route origins.
OUTBOUND_PROBES = env.list("OUTBOUND_PROBES", default=[])
RDAP_URL = env.str("RDAP_URL", default="")  # https://rdap.org
DNS_NEIGHBOURS = env.bool("DNS_NEIGHBOURS", default=False)  # a block list about addresses beside ours
PROFILE_URL = env.str("PROFILE_URL", default="")  # https://mail.example.org/%s.mobileconfig
RPKI_URL = env.str("RPKI_URL", default="")  # https://stat.ripe.net
