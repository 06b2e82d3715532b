"""The profile for Apple devices (.mobileconfig). Check C7."""

import plistlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs7

from .finding import Finding, Words, _, fail, info, not_applicable, ok, unknown, warn
from .network import Network
from .subject import Subject

PASSWORDS = ("IncomingPassword", "OutgoingPassword", "Password")
MOST_PAYLOADS = 20


def check_profile(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked or not subject.server.profile:
        yield not_applicable("profile.none")
        return
    url = subject.server.profile.replace("%s", subject.name)
    page = net.fetch(url)
    if page.error in ("timeout", "unmeasured"):
        yield unknown("profile.unmeasured", url=url)
        return
    found = read(page.body) if page.status == 200 else None
    if found is None:
        yield fail("profile.broken", url=url, reason=page.error or str(page.status))
        return
    payloads = [p for p in found.get("PayloadContent", [])[:MOST_PAYLOADS] if isinstance(p, dict)]
    if any(payload.get(key) for payload in payloads for key in PASSWORDS):
        yield fail("profile.password", url=url)
    yield ok("profile.signed") if is_signed(page.body) else info("profile.unsigned")
    name = str(found.get("PayloadIdentifier", ""))
    known = subject.memory.get("profile", name)
    if not name or known != name:
        yield warn("profile.name", name=name or "—", known=known or "—")
    else:
        yield ok("profile.name-same", name=name, remember={"profile": name})


def is_signed(body: bytes) -> bool:
    """CMS SignedData (RFC 5652, 5) with at least one certificate in it."""
    try:
        return bool(pkcs7.load_der_pkcs7_certificates(body))
    except ValueError:
        return False


def read(body: bytes) -> dict[str, Any] | None:
    """The property list, also inside a signature: it stands there as it is. No document type may expand."""
    begin, end = body.find(b"<plist"), body.rfind(b"</plist>")
    if begin < 0 or end < begin or b"<!ENTITY" in body:
        return None
    try:
        found = plistlib.loads(body[begin : end + 8], fmt=plistlib.FMT_XML)
    except Exception:  # plistlib raises whatever its parser and its converters raise
        return None
    return found if isinstance(found, dict) and isinstance(found.get("PayloadContent", []), list) else None


WORDS = {
    "profile.none": Words("C7", _("No profile for Apple devices is offered.")),
    "profile.unmeasured": Words("C7", _("%(url)s could not be measured.")),
    "profile.broken": Words(
        "C7",
        _("%(url)s is no profile (%(reason)s)."),
        _("iPhones and Macs cannot set themselves up with it."),
    ),
    "profile.password": Words(
        "C7",
        _("The profile at %(url)s contains a password."),
        _("Whoever gets the file reads the mail."),
        _("Leave it out: the device asks for it."),
    ),
    "profile.signed": Words("C7", _("The profile is signed.")),
    "profile.unsigned": Words("C7", _("The profile is not signed: the device warns before it is installed.")),
    "profile.name": Words(
        "C7",
        _("The identifier of the profile changed from %(known)s to %(name)s."),
        _("A renewed profile is installed beside the old one instead of over it."),
        _("Keep PayloadIdentifier the same for ever."),
    ),
    "profile.name-same": Words("C7", _("The profile keeps its identifier: %(name)s.")),
}
