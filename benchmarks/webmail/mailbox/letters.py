"""One letter of a box, whole."""

from dataclasses import dataclass
from random import Random

from .headers import header
from .plan import Box
from .text import HTML_HEAD, HTML_TAIL, Pools, b64lines, qp
from .words import SPAN, WORD_BODY_COMMON, WORD_BODY_RARE

OLD = 0.02  # of the box' years: older than that, nearly all are read
KINDS = [
    ("pdf", "application/pdf"),
    ("jpg", "image/jpeg"),
    ("zip", "application/zip"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
]


@dataclass(frozen=True, slots=True, order=True)
class Facts:
    """Of letter `i`: octets of decoded HTML (0: none), Maildir flags, octets in all."""

    i: int
    html: int
    flags: str
    has_attachment: bool
    size: int


def build(box: Box, pools: Pools, i: int, user: str) -> tuple[bytes, Facts]:
    """The letter with LF, and what is known of it."""
    chance = Random(box.seed * 1000003 + i)
    language, subject = box.subject(box.root[i])
    is_reply = box.parent[i] >= 0
    head = header(chance, box, i, user, f"Re: {subject}" if is_reply else subject)
    planted = [word for word in (WORD_BODY_RARE, WORD_BODY_COMMON) if i in box.planted[word]]
    first = f"Ref. {box.name}-{i:06d} " + " ".join(planted)
    is_html = chance.random() < 0.55
    count = min(14, 1 + int(chance.expovariate(1 / 2.5)))
    picks = [chance.randrange(len(pools.paragraphs[language])) for _ in range(count)]
    boundary = f"=_{chance.randrange(16**16):016x}"
    html_size = 0
    if is_html:
        html_size, kind, text = _html(chance, pools, language, first)
        body = _alternative(f"alt{boundary}", _plain(pools, language, first, picks), kind, text)
    else:
        body = _text(chance, pools, language, first, picks, is_reply=is_reply)
    if i in box.attach:
        body = _mixed(chance, pools, i, f"mix{boundary}", body)
    data = "\n".join(head).encode() + b"\n" + body
    flags = _flags(chance, (box.times[-1] - box.times[i]) / SPAN)
    return data, Facts(i, html_size, flags, i in box.attach, len(data))


def _plain(pools: Pools, language: str, first: str, picks: list[int]) -> bytes:
    return qp(first + "\n\n") + b"\n".join(pools.quoted_paragraphs[language][pick] for pick in picks)


def _text(
    chance: Random, pools: Pools, language: str, first: str, picks: list[int], *, is_reply: bool
) -> bytes:
    kind = "quoted-printable" if chance.random() < 0.5 else "8bit"
    if kind == "8bit":
        text = (first + "\n\n" + "\n".join(pools.paragraphs[language][pick] for pick in picks)).encode()
    else:
        text = _plain(pools, language, first, picks)
        if is_reply:
            quoted = pools.quoted_paragraphs[language][picks[0]][:1200].splitlines()
            text += b"\n" + b"".join(b"> " + line + b"\n" for line in quoted)
    head = f"Content-Type: text/plain; charset=UTF-8; format=flowed\nContent-Transfer-Encoding: {kind}\n\n"
    return head.encode() + text


def _html(chance: Random, pools: Pools, language: str, first: str) -> tuple[int, str, bytes]:
    """Decoded size, transfer encoding, and the encoded text: 5 to 60 KB, by logarithm evenly spread."""
    wanted = int(5000 * (12 ** chance.random()))
    kind = chance.choice(["quoted-printable", "quoted-printable", "base64", "8bit"])
    picks, size, blocks = [], len(HTML_HEAD) + len(HTML_TAIL) + 60, pools.blocks[language]
    while size < wanted:
        picks.append(chance.randrange(len(blocks)))
        size += len(blocks[picks[-1]])
    start = HTML_HEAD + f'<p class="c1">{first}</p>\n'
    if kind == "quoted-printable":
        return (
            size,
            kind,
            qp(start) + b"".join(pools.quoted_blocks[language][k] for k in picks) + qp(HTML_TAIL),
        )
    text = (start + "".join(blocks[k] for k in picks) + HTML_TAIL).encode()
    return size, kind, b64lines(text) if kind == "base64" else text


def _alternative(boundary: str, plain: bytes, kind: str, html: bytes) -> bytes:
    return (
        f'Content-Type: multipart/alternative; boundary="{boundary}"\n\n--{boundary}\n'
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n".encode()
        + plain
        + f"\n--{boundary}\nContent-Type: text/html; charset=UTF-8\n"
        f"Content-Transfer-Encoding: {kind}\n\n".encode()
        + html
        + f"\n--{boundary}--\n".encode()
    )


def _mixed(chance: Random, pools: Pools, i: int, boundary: str, inner: bytes) -> bytes:
    """With one attachment, 50 to 500 KB as base64."""
    size = int(36500 * (10 ** chance.random()))
    blob = pools.blobs[chance.randrange(len(pools.blobs))]
    length = min(len(blob), int(size * 4 / 3 / 76) * 77)
    start = chance.randrange(0, max(1, (len(blob) - length) // 77)) * 77
    ending, kind = chance.choice(KINDS)
    name = chance.choice([f"factura-{i}.{ending}", f"informe_{i}.{ending}", f"reunión nº {i}.{ending}"])
    return (
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n--{boundary}\n'.encode()
        + inner
        + f"\n--{boundary}\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n"
        f"Content-Disposition: attachment;\n {_filename(name)}\n\n".encode()
        + blob[start : start + length]
        + f"--{boundary}--\n".encode()
    )


def _filename(name: str) -> str:
    """RFC 2231 when it is not ASCII."""
    if name.isascii():
        return f'filename="{name}"'
    octets = (chr(o) if o < 128 and (chr(o).isalnum() or o in b"-._") else f"%{o:02X}" for o in name.encode())
    return "filename*=UTF-8''" + "".join(octets)


def _flags(chance: Random, age: float) -> str:
    flags = "F" if chance.random() < 0.04 else ""
    flags += "R" if chance.random() < 0.25 else ""
    flags += "S" if chance.random() < (0.97 if age > OLD else 0.6) else ""
    return flags + "".join(
        key for key, share in (("a", 0.05), ("b", 0.04), ("c", 0.3)) if chance.random() < share
    )
