"""The profile for Apple devices (.mobileconfig). Check C7."""

import plistlib
import ssl
from collections.abc import Iterator
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from .finding import Finding, Words, _, fail, info, not_applicable, ok, unknown, warn
from .network import Network, Page
from .subject import Subject

PASSWORDS = ("IncomingPassword", "OutgoingPassword", "Password")
MOST_PAYLOADS, MOST_CERTIFICATES = 20, 10


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
    yield _signature(page, net)
    name = str(found.get("PayloadIdentifier", ""))
    known = subject.memory.get("profile", name)
    if not name or known != name:
        yield warn("profile.name", name=name or "—", known=known or "—")
    else:
        yield ok("profile.name-same", name=name, remember={"profile": name})


def _signature(page: Page, net: Network) -> Finding:
    """CMS SignedData (RFC 5652, 5), by a certificate that leads to an authority a device trusts."""
    chain = certificates(page.body)
    if not chain:
        return info("profile.unsigned")
    return ok("profile.signed") if _is_trusted(chain, net) else warn("profile.untrusted", url=page.url)


def _is_trusted(chain: list[x509.Certificate], net: Network) -> bool:
    """RFC 5280, 6; the certificate of a web server is what profiles are signed with."""
    issuers = {cert.issuer for cert in chain}
    leaf = next((cert for cert in chain if cert.subject not in issuers), chain[0])
    roots = _roots(net.authorities)
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        name = names.get_values_for_type(x509.DNSName)[0].replace("*", "any", 1)
        policy = PolicyBuilder().store(Store(roots)).time(net.now().replace(tzinfo=None))
        policy.build_server_verifier(x509.DNSName(name)).verify(leaf, [c for c in chain if c is not leaf])
    except (VerificationError, x509.ExtensionNotFound, IndexError, ValueError):
        return False
    return True


def _roots(path: str) -> list[x509.Certificate]:
    """The system's, or of a file. Some old ones have no positive number, which RFC 5280, 4.1.2.2 forbids."""
    context = ssl.create_default_context(cafile=path or None)
    both = zip(context.get_ca_certs(), context.get_ca_certs(binary_form=True), strict=True)
    return [
        x509.load_der_x509_certificate(der)
        for told, der in both
        if str(told.get("serialNumber", "0")).strip("0") and "-" not in str(told["serialNumber"])
    ]


def certificates(body: bytes) -> list[x509.Certificate]:
    try:
        return list(pkcs7.load_der_pkcs7_certificates(body))[:MOST_CERTIFICATES]
    except ValueError:
        return []


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
    "profile.untrusted": Words(
        "C7",
        _("The profile is signed, but not by a certificate that a device trusts."),
        _("iPhones and Macs show it as “not verified”."),
        _("Sign it with the certificate of the web server and its whole chain."),
        "RFC 5280, 6",
    ),
    "profile.unsigned": Words("C7", _("The profile is not signed: the device warns before it is installed.")),
    "profile.name": Words(
        "C7",
        _("The identifier of the profile changed from %(known)s to %(name)s."),
        _("A renewed profile is installed beside the old one instead of over it."),
        _("Keep PayloadIdentifier the same for ever."),
    ),
    "profile.name-same": Words("C7", _("The profile keeps its identifier: %(name)s.")),
}
