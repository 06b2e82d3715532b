"""A bounce in plain words: what happened and what to do."""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Explanation:
    code: str
    what: str | Promise
    do: str | Promise
    evidence: str = ""


# The first that fits is taken: the particular before the general.
KNOWN: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        r"5\.7\.26|unauthenticated|DMARC|not accepted due to domain's",
        _("The receiver refused it because the sender’s domain is not proven (SPF, DKIM, DMARC)."),
        _("Open the DNS page of the sending domain and repair what is red there."),
    ),
    (
        r"5\.7\.25|PTR record|reverse DNS|Client host rejected: cannot find your hostname",
        _("The receiver refused it because the server’s address has no matching name."),
        _("Ask the hosting provider to set the reverse name (PTR) to the name of the mail server."),
    ),
    (
        r"5\.7\.23|SPF (validation|check) (failed|error)|SPF fail",
        _("The sending server is not allowed by the SPF record of the sender’s domain."),
        _("Add the server to the SPF record; the DNS page shows the exact text."),
    ),
    (
        r"spamhaus|barracuda|spamcop|block(ed)? (list|using)|blacklist|S3150|5\.7\.511",
        _("The address of the sending server is on a block list."),
        _("Find and stop what sent spam, then ask the list to remove the address."),
    ),
    (
        r"MTA-STS|STARTTLS|TLS (required|negotiation)|certificate",
        _("No secure connection could be made with the receiving server."),
        _("Check the certificate of the receiving server and its MTA-STS policy."),
    ),
    (
        r"5\.1\.10|null MX",
        _("The receiver’s domain says that it takes no mail."),
        _("Check the address; if it is right, reach the person another way."),
    ),
    (
        r"5\.1\.2|5\.4\.4|Host (or domain name )?not found|Domain not found",
        _("The receiver’s domain does not exist or cannot be reached."),
        _("Check the part after the @ for a typing mistake."),
    ),
    (
        r"5\.1\.1|user unknown|no such user|does not exist|mailbox unavailable|recipient rejected",
        _("The mailbox does not exist at the receiver."),
        _("Check the part before the @ for a typing mistake."),
    ),
    (
        r"5\.2\.2|4\.2\.2|over ?quota|mailbox (is )?full",
        _("The receiver’s mailbox is full."),
        _("Tell the person another way, and try again later."),
    ),
    (
        r"5\.3\.4|5\.2\.3|message (size|too large)|exceeds",
        _("The message is too large for the receiver."),
        _("Send the attachment as a link, or in smaller parts."),
    ),
    (
        r"4\.7\.\d|greylist|try again later|rate limit|too many|421",
        _("The receiver asks to wait."),
        _("Nothing to do: the server tries again by itself. If it lasts for days, write to the receiver."),
    ),
    (
        r"4\.4\.[12]|timed out|connection refused|no route",
        _("The receiving server does not answer."),
        _("The server tries again by itself for some days."),
    ),
    (
        r"5\.7\.1|spam|content rejected|policy",
        _("The receiver refused it by its own rules, most often as suspected spam."),
        _("Check the DNS page of the sending domain, then write to the receiver’s postmaster."),
    ),
    (
        r"relay(ing)? (access )?denied|not permitted to relay",
        _("The server was asked to pass mail on for somebody it does not know."),
        _("Sign in to the mail server when sending, and check the address of the receiver."),
    ),
)


def explain(text: str) -> Explanation:
    """Any text; an unknown one gives its code and says so."""
    text = text[:LONGEST]
    found = re.search(r"\b([245]\.\d{1,3}\.\d{1,3})\b", text) or re.search(r"\b([45]\d\d)\b", text)
    code = found[1] if found else ""
    for pattern, what, do in KNOWN:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            line = next((x.strip() for x in text.splitlines() if match.group() in x), match.group())
            return Explanation(code, what, do, line[:300])
    return Explanation(
        code,
        _("This text is not known here."),
        _("Look for a line with a number such as 550 5.7.1 and ask the receiver’s postmaster about it."),
    )
