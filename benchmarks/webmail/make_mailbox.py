#!/usr/bin/env python3
"""Deterministic big Maildir mailboxes for the webmail benchmark.

Everything comes from --seed: the same seed gives byte-identical messages, file
names, flags and manifest.  Files are written straight into Maildir cur/ with
S= and W= sizes in the name, mtime = INTERNALDATE, so Dovecot needs no parsing
to answer RFC822.SIZE / INTERNALDATE.

  make_mailbox.py --root /var/tmp/postie-bench/mail            # big (100k) and mid (10k)
  make_mailbox.py --root ... --big 2000 --mid 500   # a small trial

big@bench.test  -> ROOT/big/Maildir   (--big messages in INBOX, 20 folders)
mid@bench.test  -> ROOT/mid/Maildir   (--mid messages in INBOX, 20 folders)
bigfts, midfts  -> hard-linked copies of the two (their own index, with FTS)
u1 .. u8        -> hard-linked copies of mid (the concurrent users)

ROOT/manifest.json says what was planted (search words with their expected
number of hits, messages of about 40 KB of HTML, one with an attachment, ...).
"""

import argparse
import base64
import binascii
import json
import multiprocessing
import os
import random
import shutil
import sys
import time

SEED = 20240611
UID = GID = 5000
T_END = 1_750_000_000  # fixed "now": 2025-06-15
SPAN = 6 * 365 * 86400  # six years
WORD_SUBJ_RARE = "zarzamora"  # planted in subjects, rare
WORD_SUBJ_COMMON = "presupuesto"  # planted in subjects, common
WORD_BODY_RARE = "xilofonista"  # planted in bodies, rare
WORD_BODY_COMMON = "contrataciones"  # planted in bodies, common
KEYWORDS = ["$Forwarded", "$Label1", "NonJunk", "$MDNSent"]

ES = """el la de que y en un una ser se no haber por con su para como estar tener le lo todo pero más hacer
o poder decir este ir otro ese si me ya ver porque dar cuando él muy sin vez mucho saber qué sobre mi alguno mismo
también hasta año dos querer entre así primero desde grande eso ni nos llegar pasar tiempo ella día uno bien poco
deber entonces poner cosa tanto hombre parecer nuestro tan donde ahora parte después vida quedar siempre creer hablar
llevar dejar nada cada seguir menos nuevo encontrar reunión facturación señor mañana informe pedido envío cliente
proyecto plazo revisión propuesta técnico oficina garantía catálogo almacén teléfono dirección número página
educación situación próximo jueves viernes miércoles sábado adjunto saludos gracias estimado atentamente""".split()
EN = """the be to of and a in that have it for not on with he as you do at this but his by from they we say her she
or an will my one all would there their what so up out if about who get which go me when make can like time no just
him know take people into year your good some could them see other than then now look only come its over think also
meeting invoice report deadline review proposal office shipment order customer release schedule attached regards
thanks dear sincerely update please find below next week monday friday budget team project""".split()
DE = """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat
dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr
durch man sein wurde sei Rechnung Besprechung Grüße Prüfung nächste Woche Lieferung Straße Änderung Büro""".split()
FR = """le de un être et à il avoir ne je son que se qui ce dans en du elle au pour pas sur faire plus dire me on mon
lui nous comme mais pouvoir avec tout y aller voir bien où sans tu ou leur homme si deux moi vouloir réunion facture
délai révision société déjà février août équipe prévu réponse""".split()
WORLD = [
    "Встреча в понедельник",
    "Счёт на оплату",
    "会议纪要",
    "請求書のご確認",
    "견적서 송부",
    "פגישה מחר",
    "اجتماع الغد",
    "Συνάντηση ομάδας",
    "Účtenka č.",
    "Zażółć gęślą jaźń",
    "Fête d'été 🎉",
    "¡Oferta! 🔥🔥",
]
FIRST = """Lucía Martín Sofía Hugo María Pablo Daniela Álvaro Carmen Adrián Núria Iñaki José Begoña Rocío Andrés
Jürgen Zoë François Søren Anna John Emily Peter Olga Wei Hiroshi Fátima Noah Chloé""".split()
LAST = """García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Díaz Muñoz Álvarez Núñez Ibáñez Müller
Schröder Dupont Lefèvre Smith Johnson Brown O'Brien Kowalski Novák Østergård Silva Conceição Ivanova Tanaka Chen""".split()
DOMAINS = [
    "acme.test",
    "clientes.test",
    "facturas.test",
    "lists.test",
    "noticias.test",
    "tienda.test",
    "banco.test",
    "uni.test",
    "gobierno.test",
    "startup.test",
    "proveedor.test",
    "viajes.test",
]
FOLDERS = [  # Maildir++ name (modified UTF-7), share of messages
    ("Sent", 3000),
    ("Drafts", 40),
    ("Trash", 800),
    ("Junk", 600),
    ("Archive", 2500),
    ("Archive.2019", 900),
    ("Archive.2020", 900),
    ("Archive.2021", 900),
    ("Archive.2022", 900),
    ("Archive.2023", 900),
    ("Clientes", 150),
    ("Clientes.Acme", 400),
    ("Clientes.Espa&APE-a", 350),
    ("Facturaci&APM-n", 700),
    ("Proyectos", 80),
    ("Proyectos.Postie", 500),
    ("Listas", 30),
    ("Listas.python", 1500),
    ("Personal", 250),
    ("Vac&AO0-a", 0),
]
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def b64lines(raw: bytes) -> bytes:
    text = base64.b64encode(raw)
    return b"\n".join(text[i : i + 76] for i in range(0, len(text), 76)) + b"\n"


def qp(text: str) -> bytes:
    return binascii.b2a_qp(text.encode(), istext=True)


class Pools:
    """Ready-made text blocks, so that a message is a join of a few of them."""

    def __init__(self, seed):
        r = random.Random(seed)
        syl = (
            "ba be bi bo bu ca ce ci co cu da de di do du fa fe ga go gu la le li lo lu ma me mi mo mu na ne ni no "
            "nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo bra cre dri fla gro pla tri".split()
        )
        rare = sorted(
            {
                "".join(r.choice(syl) for _ in range(r.randint(2, 5)))
                + r.choice(["", "", "s", "n", "r", "ción"])
                for _ in range(24000)
            }
        )
        r.shuffle(rare)
        self.langs = {"es": ES, "en": EN, "de": DE, "fr": FR}
        self.paras, self.htmls, self.qp_p, self.qp_h = {}, {}, {}, {}
        for lang, base in self.langs.items():
            vocab = base * 1 + rare
            weights = [1.0 / (k + 3) for k in range(len(vocab))]
            cum, s = [], 0.0
            for w in weights:
                s += w
                cum.append(s)
            n = {"es": 1500, "en": 1000, "de": 400, "fr": 400}[lang]
            paras, htmls = [], []
            for _ in range(n):
                words = r.choices(vocab, cum_weights=cum, k=r.randint(25, 110))
                out = []
                for k, w in enumerate(words):
                    if k % 13 == 0:
                        w = w.capitalize()
                    elif k % 13 == 12:
                        w += "."
                    out.append(w)
                text = " ".join(out) + "."
                lines, line = [], ""
                for w in text.split(" "):
                    if len(line) + len(w) > 72:
                        lines.append(line)
                        line = w
                    else:
                        line = line + " " + w if line else w
                lines.append(line)
                paras.append("\n".join(lines) + "\n")
                htmls.append(self.block(r, text))
            self.paras[lang], self.htmls[lang] = paras, htmls
            self.qp_p[lang] = [qp(p) for p in paras]
            self.qp_h[lang] = [qp(h) for h in htmls]
        self.blobs = [b64lines(r.randbytes(380_000)) for _ in range(24)]  # about 513 KB of base64 each

    @staticmethod
    def block(r, text):
        kind = r.randrange(4)
        color = "#%06x" % r.randrange(1 << 24)
        if kind == 0:
            return (
                f'<p style="margin:0 0 14px 0;font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:22px;'
                f'color:{color}">{text}</p>\n'
            )
        if kind == 1:
            return (
                f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:'
                f'collapse">\n<tr><td style="padding:12px 20px;background:{color}"><img src="https://img.noticias.test/'
                f'{r.randrange(10**9)}.png" width="280" height="120" alt="img" style="display:block;border:0"></td>\n'
                f'<td style="padding:12px 20px;font:14px/20px Georgia,serif" valign="top">{text}</td></tr>\n</table>\n'
            )
        if kind == 2:
            cells = "".join(
                f'<td style="border:1px solid #ddd;padding:4px 8px;text-align:right">{r.randrange(10**6) / 100}'
                f" &euro;</td>"
                for _ in range(4)
            )
            return f'<h3 style="color:{color}">{text[:60]}</h3>\n<table class="t"><tr>{cells}</tr>\n</table>\n<p>{text}</p>\n'
        return (
            f'<div style="padding:10px;border-left:3px solid {color}"><a href="https://click.noticias.test/c?u='
            f'{r.randrange(10**12)}&amp;e={r.randrange(10**12)}" style="color:{color};text-decoration:underline" '
            f'target="_blank">{text[:40]}</a>\n{text[40:]}</div>\n'
        )


HTML_HEAD = (
    '<!DOCTYPE html>\n<html lang="es">\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n'
    '<meta name="viewport" content="width=device-width">\n<title>Mensaje</title>\n<style type="text/css">\n'
    + "".join(f".c{i} {{ margin: {i}px; padding: {i + 2}px; color: #{i:02x}4466; }}\n" for i in range(24))
    + '@media (max-width:600px) { .t { width:100% !important } }\n</style>\n</head>\n<body style="margin:0;background:#f4f4f4">\n'
)
HTML_TAIL = '<p style="font-size:11px;color:#999">&copy; bench.test</p>\n</body>\n</html>\n'


def encoded_words(text, r):
    """RFC 2047 header text, folded, Q or B; ASCII stays as it is."""
    if text.isascii():
        return text
    out, chunk = [], ""
    use_b = r.random() < 0.5 or sum(ord(c) > 127 for c in text) > len(text) / 3
    for ch in text + "\0":
        size = len((chunk + ch).encode())
        if ch == "\0" or (
            size > 42 if use_b else len(chunk) * 1.0 + 2 * sum(ord(c) > 127 for c in chunk + ch) > 44
        ):
            raw = chunk.encode()
            if use_b:
                out.append("=?UTF-8?B?" + base64.b64encode(raw).decode() + "?=")
            else:
                out.append(
                    "=?UTF-8?Q?"
                    + "".join(
                        chr(b)
                        if 48 <= b <= 57 or 65 <= b <= 90 or 97 <= b <= 122
                        else "_"
                        if b == 32
                        else "=%02X" % b
                        for b in raw
                    )
                    + "?="
                )
            chunk = ""
        chunk += ch
    return "\n ".join(out)


def rfc_date(ts, off):
    t = time.gmtime(ts + off * 3600)
    return (
        f"{DAYS[t.tm_wday]}, {t.tm_mday:02d} {MONTHS[t.tm_mon - 1]} {t.tm_year} {t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d} "
        f"{'+' if off >= 0 else '-'}{abs(off):02d}00"
    )


class Box:
    """The plan of one mailbox: who replies to whom, when, with what flags."""

    def __init__(self, name, n, seed, tend=T_END, span=SPAN, plant=True):
        r = random.Random(seed)
        self.name, self.n, self.seed = name, n, seed
        # Arrival times: growing volume over the years, distinct seconds not needed.
        self.times = sorted(int(tend - span + span * (r.random() ** 0.8)) for _ in range(n))
        self.parent = [-1] * n
        self.root = list(range(n))
        active = []
        for i in range(n):
            if active and r.random() < 0.52:
                k = min(len(active) - 1, int(r.expovariate(1 / 40)))
                p = active[-1 - k]
                self.parent[i], self.root[i] = p, self.root[p]
                active[-1 - k] = i
                if r.random() < 0.12:
                    del active[-1 - k]
            elif r.random() < 0.75:
                active.append(i)
            if len(active) > 400:
                del active[:100]
        self.planted = {
            w: set() for w in (WORD_SUBJ_RARE, WORD_SUBJ_COMMON, WORD_BODY_RARE, WORD_BODY_COMMON)
        }
        if plant and n >= 100:
            roots = [i for i in range(n) if self.parent[i] < 0]
            self.planted[WORD_SUBJ_RARE] = set(r.sample(roots, max(5, n // 2000)))
            self.planted[WORD_SUBJ_COMMON] = set(r.sample(roots, max(10, n * 3 // 100)))
            self.planted[WORD_BODY_RARE] = set(r.sample(range(n), max(5, n // 2500)))
            self.planted[WORD_BODY_COMMON] = set(r.sample(range(n), max(20, n * 8 // 100)))
        self.attach = set(r.sample(range(n), n * 8 // 100)) if n >= 20 else set()

    def msgid(self, i):
        return (
            f"<{self.name}.{i}.{(i * 2654435761 + self.seed) & 0xFFFFFFFF:08x}@{DOMAINS[i % len(DOMAINS)]}>"
        )

    def subject(self, i):
        """Decoded subject of the root message of a thread."""
        r = random.Random(self.seed * 7919 + i)
        x = r.random()
        lang = "es" if x < 0.5 else "en" if x < 0.78 else "de" if x < 0.86 else "fr" if x < 0.94 else "world"
        if lang == "world":
            text = r.choice(WORLD) + f" {r.randrange(10000)}"
        else:
            words = r.choices({"es": ES, "en": EN, "de": DE, "fr": FR}[lang], k=r.randint(3, 9))
            text = " ".join(words).capitalize()
            if r.random() < 0.3:
                text += f" #{r.randrange(100000)}"
        if r.random() < 0.12:
            text = f"[lista-{r.choice(['python', 'ventas', 'soporte'])}] " + text
        for w in (WORD_SUBJ_RARE, WORD_SUBJ_COMMON):
            if i in self.planted[w]:
                text = f"{text} {w}"
        return lang if lang != "world" else "es", text


def address(r):
    first, last = r.choice(FIRST), r.choice(LAST)
    name = f"{first} {last}"
    local = "".join(c for c in (first[:1] + last).lower() if c.isascii() and c.isalnum()) or "x"
    return name, f"{local}{r.randrange(60)}@{r.choice(DOMAINS)}"


def build(box, pools, i, user):
    """(bytes of the message with LF, facts) for message i of the box."""
    r = random.Random(box.seed * 1000003 + i)
    ts = box.times[i]
    lang, subject = box.subject(box.root[i])
    is_reply = box.parent[i] >= 0
    if is_reply:
        subject = "Re: " + subject
    name, addr = address(r)
    off = r.choice([0, 1, 2, 2, 2, -5, 9])
    host = addr.split("@")[1]
    h = [
        f"Return-Path: <{addr}>",
        f"Delivered-To: {user}",
        f"Received: from mx1.{host} (mx1.{host} [192.0.2.{r.randrange(255)}])\n\tby mail.bench.test (Postfix) with ESMTPS id "
        f"{r.randrange(16**11):011X}\n\tfor <{user}>; {rfc_date(ts, 0)}",
        f"Received: from localhost (localhost [127.0.0.1])\n\tby mx1.{host} (Postfix) with ESMTP id {r.randrange(16**11):011X};\n"
        f"\t{rfc_date(ts - 2, 0)}",
        f"Authentication-Results: mail.bench.test;\n\tdkim=pass header.d={host} header.s=s1;\n\tspf=pass smtp.mailfrom={addr};\n"
        f"\tdmarc=pass (policy=none) header.from={host}",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=s1;\n\th=from:to:subject:date:message-id;\n"
        f"\tbh={base64.b64encode(r.randbytes(32)).decode()};\n\tb="
        + "\n\t ".join(base64.b64encode(r.randbytes(54)).decode() for _ in range(4)),
        f"Date: {rfc_date(ts - r.randrange(1, 90), off)}",
        f"From: {encoded_words(name, r)} <{addr}>",
        f"To: {user}"
        if r.random() < 0.7
        else f"To: {user},\n "
        + ",\n ".join(
            f"{encoded_words(a, r)} <{b}>" for a, b in (address(r) for _ in range(r.randint(1, 5)))
        ),
    ]
    if r.random() < 0.15:
        h.append(
            "Cc: "
            + ",\n ".join(
                f"{encoded_words(a, r)} <{b}>" for a, b in (address(r) for _ in range(r.randint(1, 4)))
            )
        )
    h.append(f"Subject: {encoded_words(subject, r)}")
    h.append(f"Message-ID: {box.msgid(i)}")
    if is_reply:
        chain, p = [], box.parent[i]
        while p >= 0 and len(chain) < 15:
            chain.append(box.msgid(p))
            p = box.parent[p]
        h.append(f"In-Reply-To: {chain[0]}")
        h.append("References: " + "\n ".join(reversed(chain)))
    if subject.startswith("[lista") or "[lista-" in subject:
        h.append(
            "List-Id: <lista.lists.test>\nList-Unsubscribe: <mailto:leave@lists.test>, <https://lists.test/u>"
        )
    if r.random() < 0.03:
        h.append("X-Priority: 1")
    h.append("MIME-Version: 1.0")

    planted = [w for w in (WORD_BODY_RARE, WORD_BODY_COMMON) if i in box.planted[w]]
    extra = f"Ref. {box.name}-{i:06d} " + " ".join(planted)
    html_size = 0
    want_html = r.random() < 0.55
    n_par = min(14, 1 + int(r.expovariate(1 / 2.5)))
    picks = [r.randrange(len(pools.paras[lang])) for _ in range(n_par)]
    bnd = f"=_{r.randrange(16**16):016x}"
    if not want_html:
        if r.random() < 0.5:
            cte, text = (
                "quoted-printable",
                qp(extra + "\n\n") + b"\n".join(pools.qp_p[lang][k] for k in picks),
            )
        else:
            cte, text = "8bit", (extra + "\n\n" + "\n".join(pools.paras[lang][k] for k in picks)).encode()
        if is_reply:
            text += (
                b"\n" + b"".join(b"> " + ln + b"\n" for ln in pools.qp_p[lang][picks[0]][:1200].splitlines())
                if cte == "quoted-printable"
                else b""
            )
        head = f"Content-Type: text/plain; charset=UTF-8; format=flowed\nContent-Transfer-Encoding: {cte}\n".encode()
        inner = (head, text)
    else:
        target = int(5000 * (12 ** r.random()))  # 5 to 60 KB of decoded HTML, log-uniform
        cte = r.choice(["quoted-printable", "quoted-printable", "base64", "8bit"])
        ks, html_size = [], len(HTML_HEAD) + len(HTML_TAIL) + 60
        blocks = pools.htmls[lang]
        while html_size < target:
            k = r.randrange(len(blocks))
            ks.append(k)
            html_size += len(blocks[k])
        first = f'<p class="c1">{extra}</p>\n'
        if cte == "quoted-printable":
            html = qp(HTML_HEAD + first) + b"".join(pools.qp_h[lang][k] for k in ks) + qp(HTML_TAIL)
        else:
            html = (HTML_HEAD + first + "".join(blocks[k] for k in ks) + HTML_TAIL).encode()
            if cte == "base64":
                html = b64lines(html)
        plain = qp(extra + "\n\n") + b"\n".join(pools.qp_p[lang][k] for k in picks)
        b = ("alt" + bnd).encode()
        inner = (
            b'Content-Type: multipart/alternative; boundary="' + b + b'"\n',
            b"--"
            + b
            + b"\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n"
            + plain
            + b"\n--"
            + b
            + b"\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: "
            + cte.encode()
            + b"\n\n"
            + html
            + b"\n--"
            + b
            + b"--\n",
        )
    head = "\n".join(h).encode() + b"\n"
    if i in box.attach:
        size = int(36500 * (10 ** r.random()))  # 50 to 500 KB as base64 on the wire
        blob = pools.blobs[r.randrange(len(pools.blobs))]
        nb = min(len(blob), int(size * 4 / 3 / 76) * 77)
        start = r.randrange(0, max(1, (len(blob) - nb) // 77)) * 77
        ext, ctype = r.choice(
            [
                ("pdf", "application/pdf"),
                ("jpg", "image/jpeg"),
                ("zip", "application/zip"),
                ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ]
        )
        fname = r.choice([f"factura-{i}.{ext}", f"informe_{i}.{ext}", f"reunión nº {i}.{ext}"])
        disp = (
            f'filename="{fname}"'
            if fname.isascii()
            else "filename*=UTF-8''"
            + "".join(
                chr(c) if chr(c).isalnum() and c < 128 or c in b"-._" else "%%%02X" % c
                for c in fname.encode()
            )
        )
        b = ("mix" + bnd).encode()
        body = (
            b'Content-Type: multipart/mixed; boundary="'
            + b
            + b'"\n\n--'
            + b
            + b"\n"
            + inner[0]
            + b"\n"
            + inner[1]
            + b"\n--"
            + b
            + f"\nContent-Type: {ctype}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n {disp}\n\n".encode()
            + blob[start : start + nb]
            + b"--"
            + b
            + b"--\n"
        )
        data = head + body
    else:
        data = head + inner[0] + b"\n" + inner[1]
    age = (box.times[-1] - ts) / SPAN
    flags = ""
    if r.random() < 0.04:
        flags += "F"
    if r.random() < 0.25:
        flags += "R"
    if r.random() < (0.97 if age > 0.02 else 0.6):
        flags += "S"
    flags += "".join(k for k, p in zip("abc", (0.05, 0.04, 0.3)) if r.random() < p)
    return data, {"html": html_size, "flags": flags, "attach": i in box.attach, "reply": is_reply}


_POOLS = None


def write_part(job):
    box, path, user, part, parts = job
    facts = []
    for i in range(part, box.n, parts):
        data, f = build(box, _POOLS, i, user)
        size = len(data)
        w = size + data.count(b"\n")
        ts = box.times[i]
        name = f"{ts}.M{i:06d}P77.bench,S={size},W={w}:2,{f['flags']}"
        full = os.path.join(path, "cur", name)
        fd = os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, data) if size < 1 << 20 else os.fdopen(os.dup(fd), "wb").write(data)
        os.fchown(fd, UID, GID)
        os.close(fd)
        os.utime(full, (ts, ts))
        facts.append((i, f["html"], f["flags"], f["attach"], size))
    return facts


def maildir(path):
    for d in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(path, d), exist_ok=True)
    with open(os.path.join(path, "dovecot-keywords"), "w") as fh:
        fh.writelines(f"{k} {w}\n" for k, w in enumerate(KEYWORDS))


def chown_tree(path):
    for d, _, files in os.walk(path):
        os.chown(d, UID, GID)
        if os.path.basename(d) not in ("cur",):
            for f in files:
                os.chown(os.path.join(d, f), UID, GID)


def make(root, name, n, folder_scale, seed, pool):
    user = f"{name}@bench.test"
    base = os.path.join(root, name, "Maildir")
    boxes = [(Box(name, n, seed), base, "INBOX")]
    for k, (folder, cnt) in enumerate(FOLDERS):
        path = os.path.join(base, "." + folder)
        boxes.append(
            (Box(f"{name}-f{k}", int(cnt * folder_scale), seed + 101 + k, plant=False), path, folder)
        )
    manifest = {"user": user, "folders": {}, "messages": 0, "bytes": 0}
    for box, path, folder in boxes:
        maildir(path)
        if path != base:
            open(os.path.join(path, "maildirfolder"), "w").close()
        facts = sorted(
            sum(pool.map(write_part, [(box, path, user, p, 4) for p in range(4)], chunksize=1), [])
        )
        manifest["folders"][folder] = box.n
        manifest["messages"] += box.n
        manifest["bytes"] += sum(f[4] for f in facts)
        if folder == "INBOX":
            sub, body = {}, {}
            for w in (WORD_SUBJ_RARE, WORD_SUBJ_COMMON):
                sub[w] = sum(box.root[i] in box.planted[w] for i in range(n))
            for w in (WORD_BODY_RARE, WORD_BODY_COMMON):
                body[w] = len(box.planted[w])
            html40 = [i for i, h, fl, att, _ in facts if 38000 <= h <= 42000 and "S" in fl and not att]
            att = [i for i, h, fl, a, _ in facts if a and "S" in fl]
            unseen = [i for i, h, fl, a, _ in facts if "S" not in fl]
            rr = random.Random(seed)
            manifest.update(
                subject_hits=sub,
                body_hits=body,
                html40=[box.msgid(i) for i in sorted(rr.sample(html40, min(80, len(html40))))],
                attach=[box.msgid(i) for i in rr.sample(att, min(10, len(att)))],
                unseen_count=len(unseen),
                threads=len(set(box.root)),
                largest_thread=max(__import__("collections").Counter(box.root).values()),
                html_messages=sum(1 for f in facts if f[1]),
                attachments=sum(1 for f in facts if f[3]),
            )
    with open(os.path.join(base, "subscriptions"), "w") as fh:
        fh.write("".join(f + "\n" for f, _ in FOLDERS))
    chown_tree(os.path.join(root, name))
    return manifest


def link_copy(root, src, dst):
    """Hard links of the message files; own directories, no index files."""
    a, b = os.path.join(root, src), os.path.join(root, dst)
    for d, _, files in os.walk(a):
        t = b + d[len(a) :]
        os.makedirs(t, exist_ok=True)
        msg = os.path.basename(d) in ("cur", "new")
        for f in files:
            if msg:
                os.link(os.path.join(d, f), os.path.join(t, f))
            elif f in ("subscriptions", "maildirfolder", "dovecot-keywords"):
                shutil.copy2(os.path.join(d, f), os.path.join(t, f))
    chown_tree(b)


def main():
    global _POOLS
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--root", default="/var/tmp/postie-bench/mail")
    ap.add_argument("--big", type=int, default=100_000)
    ap.add_argument("--mid", type=int, default=10_000)
    ap.add_argument("--users", type=int, default=8, help="hard-linked copies of mid for the load test")
    ap.add_argument("--seed", type=int, default=SEED)
    a = ap.parse_args()
    if os.path.exists(os.path.join(a.root, "manifest.json")):
        print("already made:", a.root)
        return
    if os.path.isdir(a.root) and os.listdir(a.root):
        sys.exit(f"{a.root} is not empty and has no manifest.json: a half-made tree; remove it first")
    t0 = time.time()
    os.makedirs(a.root, exist_ok=True)
    os.chown(a.root, UID, GID)
    _POOLS = Pools(a.seed)
    with multiprocessing.Pool(min(4, os.cpu_count() or 2)) as pool:
        man = {
            "seed": a.seed,
            "big": make(a.root, "big", a.big, a.big / 100_000, a.seed + 1, pool),
            "mid": make(a.root, "mid", a.mid, a.mid / 100_000, a.seed + 2, pool),
        }
    print(f"messages written in {time.time() - t0:.0f} s", flush=True)
    for src, dst in [("big", "bigfts"), ("mid", "midfts")] + [("mid", f"u{k + 1}") for k in range(a.users)]:
        link_copy(a.root, src, dst)
    man["users"] = [f"u{k + 1}@bench.test" for k in range(a.users)]
    with open(os.path.join(a.root, "manifest.json"), "w") as fh:
        json.dump(man, fh, indent=1)
    print(
        f"done in {time.time() - t0:.0f} s; big: {man['big']['messages']} messages, {man['big']['bytes'] / 1e9:.2f} GB"
    )


if __name__ == "__main__":
    main()
