"""Odd and hostile letters, made by rules: each is (name, octets, words a person should find, or "")."""

import base64
import quopri
from collections.abc import Iterator

Odd = tuple[str, bytes, str]
WORDS = "mañana «ñandú» €"
CHARSETS = [
    "utf-8", "UTF8", "iso-8859-15", "windows-1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp850", "mac-roman", "cp1250",
]  # fmt: skip
FOREIGN = {
    "koi8-r": "Привет мир", "windows-1251": "Привет мир", "iso-8859-5": "Привет мир", "iso-8859-7": "Καλημέρα κόσμε", "windows-1253": "Καλημέρα", "iso-8859-8": "שלום", "windows-1255": "שלום",
    "iso-8859-6": "مرحبا", "windows-1256": "مرحبا", "iso-2022-jp": "こんにちは世界", "shift_jis": "こんにちは世界", "euc-jp": "こんにちは世界", "gb2312": "你好世界", "gbk": "你好世界", "gb18030": "你好世界",
    "big5": "你好世界", "big5-hkscs": "你好世界", "euc-kr": "안녕하세요", "ks_c_5601-1987": "안녕하세요", "iso-2022-kr": "안녕하세요", "johab": "안녕하세요", "tis-620": "สวัสดี", "windows-874": "สวัสดี", "hz": "你好世界",
    "iso-8859-2": "zażółć", "windows-1257": "ačiū", "iso-8859-9": "teşekkür", "windows-1254": "teşekkür", "viscii": "", "cp437": "", "cp866": "Привет", "koi8-u": "Привіт", "iso-8859-3": "", "iso-8859-4": "", "iso-8859-10": "", "iso-8859-13": "ačiū", "iso-8859-14": "", "iso-8859-16": "",
}  # fmt: skip
LIARS = [
    "x-unknown", "unknown-8bit", "", "utf-8\0", "base64", "zlib", "bz2", "hex", "rot13", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "quopri", "uu", "charset", "utf-8; x=y",
    "../../etc/passwd", "a" * 5000, "us-ascii", "ascii", "iso-8859-1", "latin1", "\"utf-8", "=?utf-8?q?utf-8?=", "utf_8_sig", "utf-8'en'", "8bit",
]  # fmt: skip
ENCODINGS = [
    "base64",
    "BASE64",
    "quoted-printable",
    "Quoted-Printable ",
    "7bit",
    "8bit",
    "binary",
    "x-uuencode",
    "x-unknown",
    "",
    "base64; x=y",
    "none",
    "\x00",
    "x-gzip64",
    "QP",
]
HEADERS = [
    b"=?utf-8?q?a=0D=0ABcc:_x@y.test?=", b"=?utf-8?b?" + b"A" * 5000 + b"?=", b"=?utf-8?q?=?=", b"=?x?x?x?=", b"=?utf-8?b?!!!!?=", b"=?utf-8*en?q?hola?=", b"=?utf-8?q?ma=C3?= =?utf-8?q?=B1ana?=", b"=?utf-8?Q?" * 500, b"=?" * 3000, b"?=" * 3000,
    b"=?zlib?b?eJxLTEoGAAJNASc=?=", b"=?utf-16?b?//4=?=", b"=?utf-7?q?+ADw-script+AD4-?=", b"=?iso-2022-jp?b?GyRCJDMbKEI=?=", b"ma\xc3\xb1ana", b"ma\xf1ana", b"\xff\xfe\x00", b"\x00", b"\x1b]0;x\x07", b"a" * 100_000, b" " * 50_000, b"\t\n \n\t x",
    "\u202egnp.exe".encode(), "a\u2028b".encode(), b"<script>alert(1)</script>", b'"><img src=x onerror=alert(1)>', b"&lt;b&gt;", b"{{ 7*7 }}{% load x %}", b"%(x)s {0} %s", b"=?utf-8?q?<script>?=", b"Re: " * 3000, b"(((((" * 2000, b'"' * 5001, b"\\" * 5001, b"",
]  # fmt: skip
PEOPLE = [
    b"undisclosed-recipients:;", b"Grupo: a@b.test, c@d.test; e@f.test", b"<>", b"@", b"a@", b"@b", b"<<a@b>>", b"a b c", b'"a\\"b" <a@b.test>', b"(comment (nested)) a@b.test (x)", b"a@b.test, " * 3000, b"a" * 50_000 + b"@b.test", b'"' * 9999,
    b"=?utf-8?q?Ana=2C_Q=2E?= <a@b.test>", b"=?utf-8?q?a=40b=2Etest?= <evil@x.test>", b"\xc3\xb1@\xc3\xb1.test", b"\xff@x.test", b"<a@b.test", b"a@b.test>", b"a@[127.0.0.1]", b":;:;:;" * 1000, b"<" * 20_000, b"," * 50_000, b"a@b@c@d",
]  # fmt: skip
DATES = [
    b"",
    b"x",
    b"Thu, 99 Xxx 9999 99:99:99 +9999",
    b"Tue, 3 Nov 2026 09:00:00",
    b"1 Jan 0001 00:00:00 +0000",
    b"31 Dec 9999 23:59:59 -2359",
    b"Tue, 3 Nov 2026 24:61:61 +0000",
    b"0",
    b"-1",
    b"2026-11-03T09:00:00Z",
    b"1" * 5000,
    b"Tue, 3 Nov 26 09:00 EST (x)",
    b"=?utf-8?q?Tue?=",
]
NAMES = [
    b"filename*=utf-8''%F1%F1", b"filename*0=a; filename*1=b; filename*3=d", b"filename*99999999999=x", b"filename*=x", b"filename*=''", b"filename*=utf-8'en'%00%0d%0a", b'filename="../../../etc/passwd"', b'filename="C:\\\\x\\\\y.exe"', b'filename="a\x00b"',
    b'filename="=?utf-8?q?=2E=2E=2Fx?="', b"filename=a b c", b'filename="' + b"a" * 20_000 + b'"', b"filename", b"=", b";;;;", b"filename=;x", b'filename="con"', b'filename="."', b"filename*0*=zlib''x; filename*1=y", b"".join(b"filename*%d=x; " % n for n in range(400)),
]  # fmt: skip


def letter(body: bytes, kind: str = "text/plain", *more: bytes) -> bytes:
    head = (
        b"From: Ana <ana@x.test>\r\nTo: b@x.test\r\nSubject: raro\r\nMIME-Version: 1.0\r\nContent-Type: "
        + kind.encode("utf-8", "surrogateescape")
    )
    return b"\r\n".join([head, *more]) + b"\r\n\r\n" + body


def multi(kind: str, *parts: bytes, boundary: bytes = b"b") -> bytes:
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary
    return letter(body, f"{kind}; boundary={boundary.decode()}")


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nal fondo\r\n"
    for level in range(depth):
        boundary = b"n%d" % level
        inner = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s--%s--\r\n" % (
            boundary,
            boundary,
            inner,
            boundary,
        )
    return b"Subject: hondo\r\nMIME-Version: 1.0\r\n" + inner


def _charsets() -> Iterator[Odd]:
    for name in CHARSETS:
        octets = WORDS.encode(name, "replace")
        encoded = base64.encodebytes(octets)
        yield (
            f"charset {name}",
            letter(encoded, f"text/plain; charset={name}", b"Content-Transfer-Encoding: base64"),
            "ana" if name in ("cp850", "cp1250", "mac-roman") else "mañana",
        )
        yield (
            f"charset {name} html",
            letter(
                base64.encodebytes(f"<p>{WORDS}".encode(name, "replace")),
                f"text/html; charset={name}",
                b"Content-Transfer-Encoding: base64",
            ),
            "",
        )
    for name, words in FOREIGN.items():
        try:
            octets = words.encode(name, "replace")
        except LookupError:
            octets = b"\xe1\xe2\xe3"
        yield (
            f"foreign {name}",
            letter(
                base64.encodebytes(octets),
                f"text/plain; charset={name}",
                b"Content-Transfer-Encoding: base64",
            ),
            words if name not in ("windows-874",) else "",
        )
    for name in LIARS:
        yield (
            f"liar {name[:20]!r}",
            letter(WORDS.encode(), f'text/plain; charset="{name}"'),
            "" if name.startswith(("utf-8\0", '"', "unicode", "raw", "utf-8;")) else "mañana",
        )
        yield (
            f"liar latin {name[:20]!r}",
            letter("mañana".encode("latin-1"), f'text/html; charset="{name}"'),
            "",
        )


def _bodies() -> Iterator[Odd]:
    for encoding in ENCODINGS:
        for body in (
            base64.encodebytes(b"hola\n" * 50),
            quopri.encodestring("mañana =\n".encode() * 20),
            b"=" * 3000,
            b"\x00\xff" * 500,
            b"begin 644 x\n#0V%T\n`\nend\n",
        ):
            yield (
                f"encoding {encoding!r} {body[:4]!r}",
                letter(body, "text/plain", b"Content-Transfer-Encoding: " + encoding.encode()),
                "",
            )
    yield (
        "flowed",
        letter(b"> uno \r\n> dos\r\nlargo \r\nsigue\r\n-- \r\nfirma\r\n", "text/plain; format=flowed"),
        "largo sigue",
    )
    yield "flowed delsp", letter(b"lar \r\ngo\r\n", "text/plain; format=flowed; delsp=yes"), "largo"
    yield "one line", letter(b"a" * 3_000_000), "aaaa"
    yield "quotes", letter(b"> " * 20_000 + b"x\r\n" + b">" * 50_000 + b"y"), "x"
    yield "links", letter(b"http://x.test/" * 20_000), ""
    yield "mails", letter(b"a@b." * 50_000), ""
    yield "brackets", letter(b"[<script>alert(1)</script>] http://x.test/ [1]: <http://y.test>"), "alert(1)"
    yield "mailto swallow", letter(b"mailto:a@b.test<img/src=x/onerror=alert(1)>"), ""
    yield "bare cr", letter(b"uno\rdos\rtres"), "dos"
    yield "controls", letter(bytes(range(32)) + b"hola"), "hola"
    yield "html without end", letter(b"<p>hola<table><tr><td>x<!--", "text/html"), ""
    yield "html utf-16 without mark", letter("<p>hola".encode("utf-16-le"), "text/html; charset=utf-16"), ""


def _structures() -> Iterator[Odd]:
    text, html = b"Content-Type: text/plain\r\n\r\nhola texto", b"Content-Type: text/html\r\n\r\n<p>hola html"
    for kind in (
        "mixed",
        "alternative",
        "related",
        "digest",
        "parallel",
        "signed",
        "encrypted",
        "report",
        "appledouble",
        "x-unknown",
        "form-data",
        "byteranges",
    ):
        yield f"multipart/{kind}", multi(f"multipart/{kind}", text, html), ""
        yield f"multipart/{kind} empty", multi(f"multipart/{kind}"), ""
        yield f"multipart/{kind} open", letter(b"--b\r\n" + text, f"multipart/{kind}; boundary=b"), ""
    for depth in (1, 5, 49, 50, 51, 100, 300):
        yield f"nested {depth}", nested(depth), ""
    for count in (10, 999, 1001, 10_000):
        yield f"{count} parts", multi("multipart/mixed", *[text] * count), ""
    for boundary in (
        '""',
        '"' + "b" * 500 + '"',
        "b; boundary=c",
        '"b "',
        '"--b"',
        "",
        '"b\\"c"',
        "=?utf-8?q?b?=",
        '"b*?+(["',
    ):
        yield (
            f"boundary {boundary[:12]}",
            letter(b"--b\r\n" + text + b"\r\n--b--", f"multipart/mixed; boundary={boundary}"),
            "",
        )
    yield (
        "same boundary inside",
        multi("multipart/mixed", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text),
        "",
    )
    yield "no boundary", letter(b"--b\r\n" + text, "multipart/mixed"), ""
    yield (
        "message in message",
        letter(b"Content-Type: message/rfc822\r\n\r\n" * 60 + b"Subject: x\r\n\r\nhola", "message/rfc822"),
        "",
    )
    for kind in (
        "message/partial; id=x; number=1",
        "message/external-body; access-type=local-file; name=/etc/passwd",
        "message/delivery-status",
        "message/global",
        "text/calendar; method=REQUEST",
        "text/enriched",
        "text/richtext",
        "text/x-vcard",
        "text/xml",
        "image/svg+xml",
        "application/ms-tnef",
        "application/xhtml+xml",
        "text",
        "/",
        "text/",
        ";;",
        "TEXT/PLAIN",
        "text/plain/x",
        "a" * 3000,
        'multipart/mixed; boundary="\xff"',
        "text/html;charset",
        "text/plain; charset",
        "*/*",
        "application/octet-stream",
        "x/y; name=<b>",
    ):
        yield f"kind {kind[:30]}", letter(b"hola <b>x</b>", kind), ""
    for disposition in NAMES:
        yield (
            f"name {disposition[:30]!r}",
            letter(b"x", "application/pdf", b"Content-Disposition: attachment; " + disposition),
            "",
        )
    yield "nothing", b"\r\n", ""
    yield "only body", b"\r\nhola", "hola"
    yield "only header", b"Subject: x\r\n", ""
    yield "no header", b"hola\r\nque tal\r\n", ""
    yield "many headers", b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\nhola", ""
    yield "long header", b"X-Long: " + b"a " * 200_000 + b"\r\nSubject: x\r\n\r\nhola", ""
    yield "references", b"References: " + b"<a@b> " * 5000 + b"\r\n\r\nhola", "hola"


def _headers() -> Iterator[Odd]:
    for value in HEADERS:
        yield f"subject {value[:25]!r}", b"Subject: " + value.replace(b"\n", b"\n ") + b"\r\n\r\nhola", ""
    for value in PEOPLE:
        for name in (b"From", b"To"):
            yield f"{name!r} {value[:25]!r}", name + b": " + value + b"\r\n\r\nhola", ""
    for value in DATES:
        yield f"date {value[:25]!r}", b"Date: " + value + b"\r\n\r\nhola", "hola"


def letters() -> list[Odd]:
    every = [*_charsets(), *_bodies(), *_structures(), *_headers()]
    # IMAP cannot carry NUL; Dovecot gives such letters out like this.
    return [(name, octets.replace(b"\0", b"\x80"), words) for name, octets, words in every]
