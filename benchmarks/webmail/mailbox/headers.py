"""The header of a letter, as it looks after two servers and a list had it."""

import base64
import time
from collections.abc import Iterator
from random import Random

from .plan import Box
from .words import DAYS, DOMAINS, FIRST, LAST, MONTHS

REFERENCES = 15  # at most
WORD = 42  # octets in one encoded word


def header(chance: Random, box: Box, i: int, user: str, subject: str) -> list[str]:
    """Folded lines without a line's end."""
    when = box.times[i]
    name, sender = person(chance)
    offset = chance.choice([0, 1, 2, 2, 2, -5, 9])
    lines = [
        *_trace(chance, sender, user, when),
        f"Date: {rfc_date(when - chance.randrange(1, 90), offset)}",
        f"From: {encoded_words(name, chance)} <{sender}>",
        f"To: {user}" if chance.random() < 0.7 else f"To: {user},\n " + _people(chance, 5),
    ]
    if chance.random() < 0.15:
        lines.append("Cc: " + _people(chance, 4))
    lines += [f"Subject: {encoded_words(subject, chance)}", f"Message-ID: {box.msgid(i)}"]
    lines += _conversation(box, i)
    if "[lista-" in subject:
        unsubscribe = "<mailto:leave@lists.test>, <https://lists.test/u>"
        lines.append(f"List-Id: <lista.lists.test>\nList-Unsubscribe: {unsubscribe}")
    if chance.random() < 0.03:
        lines.append("X-Priority: 1")
    return [*lines, "MIME-Version: 1.0"]


def _trace(chance: Random, sender: str, user: str, when: int) -> Iterator[str]:
    host = sender.split("@")[1]
    yield f"Return-Path: <{sender}>"
    yield f"Delivered-To: {user}"
    yield (
        f"Received: from mx1.{host} (mx1.{host} [192.0.2.{chance.randrange(255)}])\n\tby mail.bench.test (Postfix) "
        f"with ESMTPS id {chance.randrange(16**11):011X}\n\tfor <{user}>; {rfc_date(when, 0)}"
    )
    yield (
        f"Received: from localhost (localhost [127.0.0.1])\n\tby mx1.{host} (Postfix) "
        f"with ESMTP id {chance.randrange(16**11):011X};\n\t{rfc_date(when - 2, 0)}"
    )
    yield (
        f"Authentication-Results: mail.bench.test;\n\tdkim=pass header.d={host} header.s=s1;\n\t"
        f"spf=pass smtp.mailfrom={sender};\n\tdmarc=pass (policy=none) header.from={host}"
    )
    yield (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=s1;\n\t"
        f"h=from:to:subject:date:message-id;\n\tbh={base64.b64encode(chance.randbytes(32)).decode()};\n\tb="
        + "\n\t ".join(base64.b64encode(chance.randbytes(54)).decode() for _ in range(4))
    )


def _conversation(box: Box, i: int) -> Iterator[str]:
    chain: list[str] = []
    parent = box.parent[i]
    while parent >= 0 and len(chain) < REFERENCES:
        chain.append(box.msgid(parent))
        parent = box.parent[parent]
    if chain:
        yield f"In-Reply-To: {chain[0]}"
        yield "References: " + "\n ".join(reversed(chain))


def person(chance: Random) -> tuple[str, str]:
    """Name and address."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    local = "".join(c for c in (first[:1] + last).lower() if c.isascii() and c.isalnum()) or "x"
    return f"{first} {last}", f"{local}{chance.randrange(60)}@{chance.choice(DOMAINS)}"


def _people(chance: Random, most: int) -> str:
    found = (person(chance) for _ in range(chance.randint(1, most)))
    return ",\n ".join(f"{encoded_words(name, chance)} <{address}>" for name, address in found)


def rfc_date(when: int, offset: int) -> str:
    """RFC 5322, 3.3; `offset` in hours."""
    t = time.gmtime(when + offset * 3600)
    clock = f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}"
    zone = f"{'+' if offset >= 0 else '-'}{abs(offset):02d}00"
    return f"{DAYS[t.tm_wday]}, {t.tm_mday:02d} {MONTHS[t.tm_mon - 1]} {t.tm_year} {clock} {zone}"


def encoded_words(text: str, chance: Random) -> str:
    """RFC 2047, folded, Q or B; ASCII stays as it is."""
    if text.isascii():
        return text
    is_base64 = chance.random() < 0.5 or _foreign(text) > len(text) / 3
    words, chunk = [], ""
    for letter in text:
        size = len((chunk + letter).encode()) if is_base64 else len(chunk) + 2 * _foreign(chunk + letter) - 2
        if size > WORD:
            words.append(_word(chunk, is_base64=is_base64))
            chunk = ""
        chunk += letter
    return "\n ".join([*words, _word(chunk, is_base64=is_base64)])


def _foreign(text: str) -> int:
    return sum(ord(letter) > 127 for letter in text)


def _word(chunk: str, *, is_base64: bool) -> str:
    raw = chunk.encode()
    if is_base64:
        return f"=?UTF-8?B?{base64.b64encode(raw).decode()}?="
    return f"=?UTF-8?Q?{''.join(_q(octet) for octet in raw)}?="


def _q(octet: int) -> str:
    if octet == 32:
        return "_"
    return chr(octet) if octet < 128 and chr(octet).isalnum() else f"={octet:02X}"
