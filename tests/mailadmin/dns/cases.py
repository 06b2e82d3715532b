# ruff: noqa: E501  a table reads best with one case a line
"""The table: check · what is published · codes that must be found. Each line is a zone of its own.

A code written with "!" in front must not be found. Zones are named c<number>.zoo.test.
"""

import base64
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailadmin.dns.subject import Key, MailServer, Subject
from tests.mailadmin.dns.partners import NOW

OURS = ipaddress.ip_address("203.0.113.10")
SERVER = MailServer(
    host="mail.zoo.test", addresses=frozenset({OURS}), reports="postmaster@zoo.test", backups=frozenset()
)


def _public(bits: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


GOOD_KEY, OTHER_KEY, SHORT_KEY, LONG_KEY = _public(2048), _public(2048), _public(1024), _public(5120)
ED_KEY = ed25519.Ed25519PrivateKey.generate().public_key()
ED_SPKI = ED_KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
ED_RAW = base64.b64encode(ED_KEY.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def p(key: bytes) -> str:
    return base64.b64encode(key).decode()


def key_text(text: str, name: str = "s._domainkey") -> str:
    chunks = [text[n : n + 250] for n in range(0, len(text), 250)]
    return f"{name} TXT " + " ".join(
        '"' + chunk.replace("\\", "\\\\").replace('"', '\\"') + '"' for chunk in chunks
    )


@dataclass(frozen=True)
class Case:
    check: str
    zone: str
    codes: str
    parked: bool = False
    key: Key | None = None
    options: tuple[tuple[str, object], ...] = ()

    def subject(self, name: str) -> Subject:
        keys = (self.key,) if self.key else ()
        return Subject(name=name, server=SERVER, parked=self.parked, keys=keys, **dict(self.options))  # type: ignore[arg-type]


def spf(record: str, codes: str, more: str = "") -> Case:
    return Case("spf", f'@ TXT "{record}"\n{more}', codes)


def dmarc(record: str, codes: str, more: str = "", parked: bool = False) -> Case:
    return Case("dmarc", f'_dmarc TXT "{record}"\n{more}', codes, parked)


def dkim(record: str, codes: str, key: bytes = GOOD_KEY, age: int = 10) -> Case:
    return Case("dkim", key_text(record), codes, key=Key("s", key, NOW - timedelta(days=age)))


def mx(zone: str, codes: str, parked: bool = False) -> Case:
    return Case("mx", zone, codes, parked)


def srv(zone: str, codes: str) -> Case:
    return Case("services", zone, codes)


IP = "ip4:203.0.113.10"
RSA = f"p={p(GOOD_KEY)}"
RUA = "rua=mailto:d@zoo.test"
CASES = [
    # SPF
    Case("spf", "", "spf.missing"),
    Case("spf", '@ TXT "hello"', "spf.missing"),
    Case("spf", '@ TXT "v=spf1 -all"', "spf.parked !spf.missing", True),
    Case("spf", '@ TXT "v=spf1 mx -all"', "spf.parked-open", True),
    Case("spf", "", "spf.parked-open", True),
    spf(f"v=spf1 {IP} -all", "spf.present spf.sender-passes spf.all spf.syntax-good spf.lookups spf.size"),
    spf(f"V=SPF1 {IP} ~all", "spf.present spf.sender-passes spf.all"),
    spf("v=spf1 a:mail.zoo.test -all", "spf.sender-passes spf.ehlo"),
    spf("v=spf1 mx -all", "spf.sender-passes", "@ MX 10 mail.zoo.test."),
    spf("v=spf1 include:good.zoo.test -all", "spf.sender-passes spf.includes spf.authorised"),
    spf("v=spf1 redirect=good.zoo.test", "spf.sender-passes spf.all-redirected"),
    spf("v=spf1 exists:%{i}.void.zoo.test -all", "spf.sender-fails"),
    spf("v=spf1 a:%{d2}.test -all", "spf.syntax-good"),
    spf("v=spf1 -all", "spf.sender-fails spf.all"),
    spf(f"v=spf1 ?{IP} -all", "spf.sender-fails"),
    spf(f"v=spf1 ~{IP} -all", "spf.sender-fails"),
    spf("v=spf1 ip4:203.0.113.0/24 -all", "spf.sender-passes spf.narrow"),
    spf("v=spf1 ip4:203.0.113.99 -all", "spf.sender-fails"),
    spf("v=spf10 -all", "spf.missing spf.not-recognised"),
    spf(" v=spf1 -all", "spf.missing spf.not-recognised"),
    spf("v=spf1;-all", "spf.missing spf.not-recognised"),
    spf("spf2.0/pra -all", "spf.sender-id spf.missing"),
    Case("spf", '@ TXT "v=spf1 -all"\n@ TXT "v=spf1 ~all"', "spf.several"),
    Case("spf", '@ TXT "v=spf1 ip4:203." "0.113.10 -all"', "spf.sender-passes"),
    spf(f"v=spf1 {IP}", "spf.all-absent"),
    spf(f"v=spf1 {IP} ?all", "spf.all-neutral"),
    spf(f"v=spf1 {IP} +all", "spf.all-open"),
    spf(f"v=spf1 {IP} all", "spf.all-open"),
    spf(f"v=spf1 {IP} -all a", "spf.after-all"),
    spf(f"v=spf1 {IP} -all redirect=good.zoo.test", "spf.after-all"),
    spf(f"v=spf1 {IP} foo=bar -all", "spf.unknown-modifier"),
    spf(f"v=spf1 {IP}~all", "spf.syntax"),
    spf("v=spf1 ip4:203.0.113.10/33 -all", "spf.syntax"),
    spf("v=spf1 ip4:203.0.113 -all", "spf.syntax"),
    spf("v=spf1 ip6:::1/129 -all", "spf.syntax"),
    spf("v=spf1 ip6:203.0.113.10 -all", "spf.syntax"),
    spf("v=spf1 a/24//64 -all", "!spf.syntax"),
    spf("v=spf1 a/33 -all", "spf.syntax"),
    spf("v=spf1 include -all", "spf.syntax"),
    spf("v=spf1 include: -all", "spf.syntax"),
    spf("v=spf1 exists -all", "spf.syntax"),
    spf("v=spf1 all:x", "spf.syntax"),
    spf("v=spf1 ipv4:203.0.113.10 -all", "spf.syntax"),
    spf("v=spf1 redirect=a.test redirect=b.test", "spf.syntax"),
    spf("v=spf1 exp=a.test exp=b.test -all", "spf.syntax"),
    spf("v=spf1 a:%{x} -all", "spf.syntax"),
    spf("v=spf1 a:%(d) -all", "spf.syntax"),
    spf("v=spf1 a:%{d0}.x.test -all", "spf.syntax"),
    spf("v=spf1 exists:%{c}.x.test -all", "spf.syntax"),
    spf("v=spf1 a:host.123 -all", "spf.syntax"),
    spf("v=spf1 a:host.test:25 -all", "spf.syntax"),
    spf("v=spf1 +-all", "spf.syntax"),
    spf("v=spf1 include:void.zoo.test -all", "spf.include-missing"),
    spf("v=spf1 include:nothere.zoo.test -all", "spf.include-missing"),
    spf("v=spf1 include:twice.zoo.test -all", "spf.include-several"),
    spf("v=spf1 include:broken.zoo.test -all", "spf.include-syntax"),
    spf("v=spf1 include:loop1.zoo.test -all", "spf.include-loop"),
    spf("v=spf1 include:open.zoo.test -all", "spf.include-open"),
    spf("v=spf1 redirect=void.zoo.test", "spf.include-missing"),
    spf("v=spf1 include:good.zoo.test include:good.zoo.test -all", "spf.include-twice"),
    spf("v=spf1 include:deep.zoo.test include:good.zoo.test a mx -all", "spf.lookups", "@ A 203.0.113.9\n@ MX 1 mail.zoo.test."),
    spf("v=spf1 include:deep.zoo.test include:deep.zoo.test -all", "spf.lookups-many"),
    spf("v=spf1 include:deep.zoo.test include:deep.zoo.test include:deep.zoo.test -all", "spf.lookups-too-many"),
    spf(f"v=spf1 {IP} a:no1.zoo.test -all", "spf.voids spf.sender-passes"),
    spf(f"v=spf1 {IP} a:no1.zoo.test a:no2.zoo.test -all", "spf.voids"),
    spf(f"v=spf1 {IP} a:no1.zoo.test a:no2.zoo.test a:no3.zoo.test -all", "spf.voids-too-many"),
    spf(f"v=spf1 {IP} ptr -all", "spf.ptr"),
    spf(f"v=spf1 {IP} ip4:10.0.0.0/8 -all", "spf.wide"),
    spf(f"v=spf1 {IP} ip4:0.0.0.0/0 -all", "spf.wide"),
    spf(f"v=spf1 {IP} -all", "spf.size-large", "\n".join(f'@ TXT "{n}{"x" * 200}"' for n in range(3))),
    spf(f"v=spf1 {IP} -all", "spf.size-growing", "\n".join(f'@ TXT "{n}{"x" * 197}"' for n in range(2))),
    # DMARC
    Case("dmarc", "", "dmarc.inherited"),
    Case("dmarc", '@ TXT "v=DMARC1; p=reject"', "dmarc.at-apex"),
    dmarc(f"v=DMARC1; p=reject; {RUA}", "dmarc.present dmarc.policy dmarc.syntax-good dmarc.reports dmarc.tags"),
    dmarc(f"v=DMARC1;p=quarantine;{RUA}", "dmarc.policy"),
    dmarc(f"v=DMARC1; p=none; {RUA}", "dmarc.none"),
    Case("dmarc", f'_dmarc TXT "v=DMARC1; p=none; {RUA}"', "dmarc.watching", options=(("since", {"dmarc.watching": NOW + timedelta(days=365 * 50)}),)),
    dmarc(f"v=DMARC1; p=reject; t=y; {RUA}", "dmarc.testing"),
    dmarc(f"v=DMARC1; p=quarantine; t=y; {RUA}", "dmarc.testing dmarc.none"),
    dmarc(f"v=DMARC1; p=reject; sp=none; {RUA}", "dmarc.sub-open"),
    dmarc(f"v=DMARC1; p=reject; pct=50; {RUA}", "dmarc.share dmarc.old-tags"),
    dmarc(f"v=DMARC1; p=reject; rf=afrf; ri=86400; {RUA}", "dmarc.old-tags"),
    dmarc(f"v=DMARC1; {RUA}", "dmarc.no-policy"),
    dmarc(f"v=DMARC1; {RUA}; p=reject", "dmarc.order"),
    dmarc("v=DMARC1; p=reject", "dmarc.no-reports"),
    dmarc("v=DMARC1; p=rejected", "dmarc.invalid"),
    dmarc("v=DMARC1; p=reject; p=none", "dmarc.invalid"),
    dmarc("v=DMARC1; p=reject; adkim=x", "dmarc.invalid"),
    dmarc("v=DMARC1; p=reject; aspf=strict", "dmarc.invalid"),
    dmarc("v=DMARC1; p=reject; fo=7", "dmarc.invalid"),
    dmarc("v=DMARC1; p=reject; garbage", "dmarc.invalid"),
    dmarc(f"v=DMARC1; p=reject; fo=0:1; {RUA}", "dmarc.fo-useless"),
    dmarc(f"v=DMARC1; p=reject; fo=1; {RUA}", "dmarc.fo-useless"),
    dmarc(f"v=DMARC1; p=reject; fo=1; ruf=mailto:x@zoo.test; {RUA}", "dmarc.fo"),
    dmarc(f"v=DMARC1; p=reject; unknown=1; {RUA}", "dmarc.policy dmarc.syntax-good"),
    dmarc(f"v=DMARC1 ; p = reject ; {RUA}", "dmarc.policy"),
    dmarc(" v=DMARC1; p=reject", "dmarc.not-recognised"),
    dmarc("v=dmarc1; p=reject", "dmarc.not-recognised"),
    dmarc("p=reject; v=DMARC1", "dmarc.not-recognised"),
    Case("dmarc", '_dmarc TXT "v=DMARC1; p=reject"\n_dmarc TXT "v=DMARC1; p=none"', "dmarc.several"),
    Case("dmarc", f'_dmarc TXT "v=DMARC1; p=reject; {RUA}"\n_dmarc TXT "other"', "dmarc.stray dmarc.policy"),
    Case("dmarc", f'x._dmarc TXT "v=DMARC1; p=reject; {RUA}"\n_dmarc CNAME x._dmarc', "dmarc.policy"),
    dmarc("v=DMARC1; p=reject; rua=https://x.test/", "dmarc.report-scheme"),
    dmarc("v=DMARC1; p=reject; rua=d@zoo.test", "dmarc.report-malformed"),
    dmarc("v=DMARC1; p=reject; rua=mailto:", "dmarc.report-malformed"),
    dmarc("v=DMARC1; p=reject; rua=mailto:a@zoo.test,mailto:b@zoo.test,mailto:c@zoo.test", "dmarc.many-reports"),
    dmarc("v=DMARC1; p=reject; rua=mailto:d@zoo.test!10m", "dmarc.report-size !dmarc.reports"),
    dmarc("v=DMARC1; p=reject; rua=mailto:d@void.zoo.test", "dmarc.report-no-mx"),
    dmarc("v=DMARC1; p=reject; rua=mailto:d@friend.zoo.test", "dmarc.report-refused"),
    dmarc("v=DMARC1; p=reject; sp=reject; np=reject", "dmarc.parked", parked=True),
    dmarc("v=DMARC1; p=reject", "dmarc.parked", parked=True),
    dmarc("v=DMARC1; p=none", "dmarc.parked-open", parked=True),
    dmarc("v=DMARC1; p=reject; sp=none", "dmarc.parked-open", parked=True),
    # DKIM
    Case("dkim", "", "dkim.no-selector"),
    Case("dkim", "", "dkim.not-signing", options=(("signs", False),)),
    Case("dkim", "", "dkim.missing", key=Key("s", GOOD_KEY)),
    dkim(f"v=DKIM1; k=rsa; {RSA}", "dkim.present dkim.same-key dkim.strong dkim.strings dkim.young dkim.hashes"),
    dkim(RSA, "dkim.same-key"),
    dkim(f"k=rsa; {RSA}; t=", "dkim.same-key"),
    dkim(f"v=DKIM1; {RSA[:60]} {RSA[60:]}", "dkim.same-key"),
    dkim(f"v=DKIM1; x=1; n=note; {RSA}", "dkim.same-key"),
    dkim(f"v=DKIM1; p={p(OTHER_KEY)}", "dkim.other-key"),
    dkim("v=DKIM1; p=", "dkim.revoked"),
    dkim("v=DKIM1; k=rsa", "dkim.syntax"),
    dkim(f"k=rsa; v=DKIM1; {RSA}", "dkim.version"),
    dkim(f"v=DKIM2; {RSA}", "dkim.version"),
    dkim(f"v=DKIM1; k=dsa; {RSA}", "dkim.key-type"),
    dkim(f"v=DKIM1; {RSA}; {RSA}", "dkim.syntax"),
    dkim("v=DKIM1; p=AAAA", "dkim.key"),
    dkim("v=DKIM1; p=not*base64", "dkim.base64"),
    dkim("v=DKIM1; p=abc", "dkim.base64"),
    dkim(f"v=DKIM1\\; {RSA}", "dkim.stray-character"),
    dkim(f'"v=DKIM1; {RSA}"', "dkim.stray-character"),
    dkim(f"v=DKIM1; p={p(SHORT_KEY)}", "dkim.short dkim.same-key", SHORT_KEY),
    dkim(f"v=DKIM1; p={p(LONG_KEY)}", "dkim.long", LONG_KEY),
    dkim(f"v=DKIM1; k=ed25519; p={ED_RAW}", "dkim.same-key dkim.only-ed25519", ED_SPKI),
    dkim("v=DKIM1; k=ed25519; p=AAAA", "dkim.length", ED_SPKI),
    dkim(f"v=DKIM1; t=y; {RSA}", "dkim.testing"),
    dkim(f"v=DKIM1; t=s; {RSA}", "dkim.strict"),
    dkim(f"v=DKIM1; t=y:s; {RSA}", "dkim.testing dkim.strict"),
    dkim(f"v=DKIM1; h=sha1; {RSA}", "dkim.no-sha256"),
    dkim(f"v=DKIM1; h=sha1:sha256; {RSA}", "dkim.hashes"),
    dkim(f"v=DKIM1; s=email; {RSA}", "dkim.services"),
    dkim(f"v=DKIM1; s=tlsrpt; {RSA}", "dkim.not-for-mail"),
    Case("dkim", key_text(RSA) + "\n" + key_text("v=DKIM1; p="), "dkim.several", key=Key("s", GOOD_KEY)),
    Case("dkim", key_text(RSA, "t") + "\ns._domainkey CNAME t", "dkim.same-key", key=Key("s", GOOD_KEY)),
    Case("dkim", key_text(RSA), "dkim.ageing", key=Key("s", GOOD_KEY, NOW - timedelta(days=365))),
    Case("dkim", key_text(RSA), "dkim.old", key=Key("s", GOOD_KEY, NOW - timedelta(days=3000))),
    # MX
    mx("", "mx.missing"),
    mx("@ A 203.0.113.10", "mx.implicit"),
    mx("@ A 203.0.113.99", "mx.missing"),
    mx("@ MX 10 mail.zoo.test.", "mx.present mx.ours mx.addresses mx.public mx.no-foreign mx.once mx.few mx.ttl mx.name-good"),
    mx("@ MX 10 in\nin A 203.0.113.10", "mx.ours"),
    mx("@ MX 0 .", "mx.null"),
    mx("@ MX 0 .\n@ MX 10 mail.zoo.test.", "mx.null-and-others"),
    mx("@ MX 10 203.0.113.10.", "mx.is-address"),
    mx("@ MX 10 mail.zoo.test", "mx.doubled mx.no-address"),
    mx("@ MX 10 my_mail\nmy_mail A 203.0.113.10", "mx.underscore"),
    mx("@ MX 10 alias.zoo.test.", "mx.alias"),
    mx("@ MX 10 nothere.zoo.test.", "mx.no-address"),
    mx("@ MX 10 mail.zoo.test.\n@ MX 20 nothere.zoo.test.", "mx.some-no-address"),
    mx("@ MX 10 private.zoo.test.", "mx.private mx.elsewhere"),
    mx("@ MX 10 other.zoo.test.", "mx.elsewhere"),
    mx("@ MX 10 mail.zoo.test.\n@ MX 10 other.zoo.test.", "mx.partly-ours"),
    mx("@ MX 10 mail.zoo.test.\n@ MX 20 other.zoo.test.", "mx.ours mx.foreign-backup"),
    mx("@ MX 10 mail.zoo.test.\n@ MX 20 mail.zoo.test.", "mx.twice"),
    mx("@ MX 10 mail.zoo.test.\n" + "\n".join(f"@ MX {n} second.zoo.test." for n in range(20, 31)), "mx.many"),
    mx("@ 30 MX 10 mail.zoo.test.", "mx.ttl-odd"),
    mx("@ 172800 MX 10 mail.zoo.test.", "mx.ttl-odd"),
    Case("mx", "@ 3600 MX 10 mail.zoo.test.", "mx.ttl-moving", options=(("moving", True),)),
    mx("@ MX 0 .\n@ A 203.0.113.9", "mx.parked", True),
    mx("", "mx.parked", True),
    mx("@ MX 0 .", "mx.parked-needless-null", True),
    mx("@ A 203.0.113.9", "mx.parked-no-null", True),
    mx("@ MX 10 mail.zoo.test.", "mx.parked-takes-mail", True),
    Case("host", "", "host.addresses host.no-ipv6"),
    # MTA-STS and TLS reports: the record; the file is in test_mta_sts.py
    Case("mta-sts", "", "sts.none"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1; id=1"\n_mta-sts TXT "v=STSv1; id=2"', "sts.several"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1; id=a-b;"', "sts.bad-id"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1; id=;"', "sts.bad-id"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1;"', "sts.bad-id"),
    Case("mta-sts", f'_mta-sts TXT "v=STSv1; id={"a" * 33};"', "sts.bad-id"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1; id=20260601;"', "sts.present sts.unreachable"),
    Case("mta-sts", '_mta-sts TXT "v=STSv1; id=1"\n_mta-sts TXT "x"', "sts.present"),
    Case("tls-rpt", "", "tlsrpt.none"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:t@zoo.test"', "tlsrpt.present"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:t@other.test,https://x.test/v1"', "tlsrpt.present"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1; rua=t@zoo.test"', "tlsrpt.bad-uri"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1;"', "tlsrpt.bad-uri"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1; rua=http://x.test/"', "tlsrpt.bad-uri"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv2; rua=mailto:t@zoo.test"', "tlsrpt.not-recognised"),
    Case("tls-rpt", '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@b.test"\n_smtp._tls TXT "v=TLSRPTv1; rua=mailto:c@d.test"', "tlsrpt.several"),
    # SRV
    srv("", "srv.none"),
    srv("_imaps._tcp SRV 0 1 993 mail.zoo.test.\n_submissions._tcp SRV 0 1 465 mail.zoo.test.", "srv.good !srv.none"),
    srv("_imaps._tcp SRV 0 1 143 mail.zoo.test.", "srv.elsewhere"),
    srv("_imaps._tcp SRV 0 1 993 other.zoo.test.", "srv.elsewhere"),
    srv("_imaps._tcp SRV 0 1 993 second.zoo.test.", "srv.good"),
    srv("_imaps._tcp SRV 0 1 993 alias.zoo.test.", "srv.alias"),
    srv("_imaps._tcp SRV 0 1 993 nothere.zoo.test.", "srv.no-address"),
    srv("_imaps._tcp SRV 0 0 0 .", "srv.denied"),
    srv("_pop3s._tcp SRV 0 0 0 .", "srv.off"),
    srv("_imap._tcp SRV 0 1 143 mail.zoo.test.", "srv.clear"),
    srv("_pop3._tcp SRV 0 0 0 .", "srv.off !srv.clear"),
    # The zone
    Case("zone", "", "zone.alive zone.parent-agrees zone.one-network zone.serial zone.timers"),
    Case("zone", "@ NS ns1.zoo.test.", "zone.parent-differs"),
    Case("wildcards", "", "zone.no-wildcard"),
    Case("wildcards", '* TXT "v=spf1 -all"', "zone.wildcard"),
    Case("dnssec", "@ MX 10 mail.zoo.test.", "dnssec.insecure dnssec.host-secure dnssec.no-chain"),
    Case("dane", "@ MX 10 mail.zoo.test.", "dane.none"),
    Case("caa", "", "caa.none"),
]  # fmt: skip

NAMED = {
    "one-server": Case("zone", "@ NS ns1.zoo.test.", "zone.one-server"),
    "all-dead": Case("zone", "", "zone.dead"),
    "half-dead": Case("zone", "", "zone.some-dead"),
    "signed-good": Case("dnssec", "@ MX 10 in\nin A 203.0.113.10", "dnssec.secure dnssec.host-secure dnssec.ds dnssec.signature dnssec.algorithm"),
    "signed-bogus": Case("dnssec", "@ MX 10 in\nin A 203.0.113.10", "dnssec.bogus"),
    "signed-expired": Case("dnssec", "", "dnssec.bogus dnssec.signature-ends"),
    "signed-ending": Case("dnssec", "", "dnssec.secure dnssec.signature-ends"),
    "signed-short": Case("dnssec", "", "dnssec.secure dnssec.signature-short"),
    "signed-orphan": Case("dnssec", "", "dnssec.secure dnssec.ds-orphan"),
    "signed-orphans": Case("dnssec", "", "dnssec.bogus dnssec.ds-orphans"),
    "signed-dane": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 3 1 1 {'ab' * 32}", "dane.present dane.record dane.one dane.ttl"),
    "signed-two": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 3 1 1 {'ab' * 32}\n_25._tcp.in TLSA 3 1 1 {'cd' * 32}", "dane.several"),
    "signed-usage": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 1 1 1 {'ab' * 32}", "dane.usage"),
    "signed-length": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 3 2 1 {'ab' * 32}", "dane.malformed"),
    "signed-whole": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 3 0 1 {'ab' * 32}", "dane.unusual"),
    "signed-none": Case("dane", "@ MX 10 in\nin A 203.0.113.10", "dane.none"),
    "plain-dane": Case("dane", f"@ MX 10 in\nin A 203.0.113.10\n_25._tcp.in TLSA 3 1 1 {'ab' * 32}", "dane.insecure"),
    "liar-servfail": Case("zone", "", "zone.some-dead"),
    "liar-refused": Case("zone", "", "zone.some-dead"),
    "liar-garbage": Case("zone", "", "zone.some-dead"),
    "liar-truncating": Case("zone", "", "zone.some-dead"),
    "liar-silent": Case("zone", "", "zone.some-dead"),
    "liar-other": Case("spf", f'@ TXT "v=spf1 {IP} -all"', "spf.present"),
    "big-txt": Case("spf", f'@ TXT "v=spf1 {IP} -all"\n' + "\n".join(f'@ TXT "{n}{"x" * 240}"' for n in range(150)), "spf.sender-passes spf.size-large"),
    "binary-txt": Case("spf", f'@ TXT "v=spf1 {IP} -all"\n@ TXT "\\255\\254"', "spf.sender-passes"),
}  # fmt: skip
WRITTEN = '@ NS ns1.zoo.test.\n@ TXT "somebody else"\n@ TXT "v=spf1 ip4:192.0.2.1 ~all"'
LIARS = {
    "half-dead": "nobody",
    "liar-servfail": "SERVFAIL",
    "liar-refused": "REFUSED",
    "liar-garbage": "garbage",
    "liar-truncating": "truncating",
    "liar-silent": "silent",
    "liar-other": "other",
}


def _written() -> list[Case]:
    """data/zoo.txt: one line a case."""
    lines = (Path(__file__).parent / "data/zoo.txt").read_text().splitlines()
    found = []
    for line in lines[1:]:
        check, zone, codes = (part.strip() for part in line.split(" | "))
        name, _, parked = check.partition(" ")
        found.append(Case(name, zone.replace(" ~~ ", "\n"), codes, bool(parked)))
    return found


ALL = {f"c{number}": case for number, case in enumerate([*CASES, *_written()])} | NAMED
ZONES = {name: case.zone for name, case in ALL.items()} | {
    "written": WRITTEN,
    "story": "@ NS ns1.zoo.test.",
    "cloudns": WRITTEN,
    "drifting": WRITTEN,
}
