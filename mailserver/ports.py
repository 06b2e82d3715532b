"""Where every program listens: a base and an offset, so that several servers live side by side."""

OFFSETS = {
    "smtp": 25,
    "smtp_proxy": 26,
    "inject": 27,  # internal: vacation answers and sieve redirects, never published
    "forward": 28,  # internal: forwarded mail passes here to get its SRS sender
    "dns": 53,
    "web": 80,
    "push": 81,  # /events/, which a proxy would route on the web's own port
    "imap": 143,
    "imap_proxy": 144,
    "sieve": 190,
    "sieve_proxy": 191,
    "rspamd_milter": 332,
    "rspamd_http": 334,
    "dovecot_http": 343,
    "redis": 379,
    "api": 380,
    "policy_quota": 390,
    "policy_limits": 391,
    "srs_forward": 395,
    "srs_reverse": 396,
    "submissions": 465,
    "submissions_proxy": 466,
    "submission": 587,
    "submission_proxy": 588,
    "sink": 599,  # closed flavour: everything that leaves ends here
    "imaps": 993,
    "imaps_proxy": 994,
}


def ports(base: int) -> dict[str, int]:
    return {name: base + offset for name, offset in OFFSETS.items()}


def resolver_address(base: int) -> str:
    """Postfix cannot be told a DNS port: unbound also listens on port 53 of a loopback address of our own."""
    return f"127.0.{base // 1000 % 256}.53"


def name_servers(base: int) -> tuple[str, str]:
    """The demonstration's authoritative servers: the DNS names them by address alone, so on port 53 too."""
    network = f"127.0.{base // 1000 % 256}"
    return f"{network}.54", f"{network}.55"
