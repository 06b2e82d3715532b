"""The logo beside the sender. BIMI drafts (brand-indicators, svg-tiny-ps, fetch-validation); I1 to I3."""

import hashlib
import itertools
import xml.etree.ElementTree as ElementTree
from collections.abc import Generator, Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from . import tags
from .bimi_words import WORDS as WORDS
from .client_checks import parse as parse_xml
from .dmarc.record import RecordFault, discover, organisation, parse
from .finding import Finding, fail, info, ok, unknown, warn
from .network import Network
from .service.certificate import read
from .subject import Subject

LARGEST = 32 * 1024
SVG = "{http://www.w3.org/2000/svg}"
MARK = "1.3.6.1.5.5.7.3.31"  # id-kp-BrandIndicatorforMessageIdentification
SOON = 30
FORBIDDEN = ("script", "image", "foreignObject", "a", "animate", "set")
PLACEHOLDERS = ("", "untitled", "title", "logo", "bimi")


def check_bimi(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    name = f"default._bimi.{subject.name}"
    records = [text for text in net.texts(name) if text.lower().startswith("v=bimi1")]
    if not records:
        yield info("bimi.none")
        return
    if len(records) > 1:
        yield fail("bimi.several", name=name)
        return
    try:
        found = tags.parse(records[0])
    except tags.TagFault as fault:
        yield fail("bimi.invalid", part=fault.part)
        return
    yield from _announced(subject, found.get("l", ""), found.get("a", ""), net)


def _announced(subject: Subject, logo: str, proof: str, net: Network) -> Iterator[Finding]:
    strange = [url for url in (logo, proof) if url and not url.startswith("https://")]
    if strange:
        yield fail("bimi.invalid", part=strange[0])
        return
    if not logo:
        yield info("bimi.declined")
        return
    yield ok("bimi.present", name=f"default._bimi.{subject.name}")
    yield from _enforced(subject, net)
    body = yield from _logo(net, logo)
    if not proof:
        yield info("bimi.no-proof")
    elif body is not None:
        yield from _proof(subject, net, proof, body)


def _enforced(subject: Subject, net: Network) -> Iterator[Finding]:
    """At the organisational domain, for all mail: quarantine or reject, no t=y, pct 100."""
    name = organisation(subject.name, net)
    try:
        texts = discover(name, net)[1]
        record = parse(texts[0]) if len(texts) == 1 else None
    except RecordFault:
        record = None
    strict = record and record.policy != "none" and record.sub_policy != "none" and not record.testing
    if strict and record and record.tags.get("pct", "100") == "100":
        yield ok("bimi.enforced")
    else:
        yield fail("bimi.not-enforced", domain=name)


def _logo(net: Network, url: str) -> Generator[Finding, None, bytes | None]:
    page = net.fetch(url)
    if page.error in ("timeout", "unmeasured"):
        yield unknown("bimi.unmeasured", url=url, reason=page.error)
        return None
    if page.status != 200:
        yield fail("bimi.logo-away", url=url, reason=page.error or str(page.status))
        return None
    faults = list(logo_faults(page.body))
    if faults:
        yield fail("bimi.logo-wrong", url=url, faults=faults)
    else:
        title = (parse_title(page.body) or "").strip()
        yield (
            info("bimi.title", title=title or "—")
            if title.lower() in PLACEHOLDERS
            else ok("bimi.logo", url=url)
        )
    return page.body


def parse_title(body: bytes) -> str | None:
    root = parse_xml(body)
    return root.findtext(f"{SVG}title") if root is not None else None


def logo_faults(body: bytes) -> Iterator[str]:
    root = parse_xml(body)
    if root is None or root.tag != f"{SVG}svg":
        yield "svg"
        return
    good = {
        "32 KiB": len(body) <= LARGEST,
        "tiny-ps": root.get("version") == "1.2" and root.get("baseProfile") == "tiny-ps",
        "x, y": root.get("x") is None and root.get("y") is None,
        "title": root.find(f"{SVG}title") is not None,
        "viewBox": _square(root),
    }
    yield from (name for name, is_good in good.items() if not is_good)
    for element in root.iter():
        tag = str(element.tag).removeprefix(SVG)
        if tag in FORBIDDEN:
            yield tag
        if any(k.rpartition("}")[2] == "href" and not v.startswith("#") for k, v in element.attrib.items()):
            yield "href"


def _square(root: ElementTree.Element) -> bool:
    try:
        numbers = [float(n) for n in root.get("viewBox", "").replace(",", " ").split()]
    except ValueError:
        return False
    return len(numbers) == 4 and numbers[2] == numbers[3] > 0


def _proof(subject: Subject, net: Network, url: str, logo: bytes) -> Iterator[Finding]:
    page = net.fetch(url)
    if page.error in ("timeout", "unmeasured"):
        yield unknown("bimi.unmeasured", url=url, reason=page.error)
        return
    try:
        chain = x509.load_pem_x509_certificates(page.body)
    except ValueError:
        yield fail("bimi.proof-wrong", url=url, faults=["PEM"])
        return
    faults = list(_proof_faults(subject, chain, logo))
    cert = read(chain[0].public_bytes(Encoding.DER))
    days = cert.days(net.now()) if cert else 0
    if days < 0:
        faults.append("date")
    if faults:
        yield fail("bimi.proof-wrong", url=url, faults=faults)
    elif days <= SOON:
        yield warn("bimi.proof-ends", days=days)
    else:
        yield ok("bimi.proof", days=days)


def _proof_faults(subject: Subject, chain: list[x509.Certificate], logo: bytes) -> Iterator[str]:
    leaf = chain[0]
    cert = read(leaf.public_bytes(Encoding.DER))
    if cert is None or not any(n == subject.name or subject.name.endswith(f".{n}") for n in cert.names):
        yield "SAN"
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if MARK not in [usage.dotted_string for usage in usages]:
            yield "EKU"
    except x509.ExtensionNotFound:
        yield "EKU"
    # RFC 3709: the logotype extension carries the digest of the picture.
    digests = [hashlib.new(name, logo).digest() for name in ("sha256", "sha512")]
    if not any(digest in leaf.public_bytes(Encoding.DER) for digest in digests):
        yield "logo"
    for below, above in itertools.pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except Exception:  # whatever is wrong with a foreign certificate, the chain is broken
            yield "chain"
            return
