"""Ready-made blocks of text, so that a letter is a join of a few of them."""

import base64
import binascii
from collections.abc import Iterator
from functools import cache
from random import Random

from .words import DE, EN, ES, FR

LANGUAGES = {"es": ES, "en": EN, "de": DE, "fr": FR}
PARAGRAPHS = {"es": 1500, "en": 1000, "de": 400, "fr": 400}
WIDTH = 72
BLOB = 380_000  # about 513 KB of base64
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "ca",
    "ce",
    "ci",
    "co",
    "cu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "fa",
    "fe",
    "ga",
    "go",
    "gu",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
    "na",
    "ne",
    "ni",
    "no",
    "nu",
    "pa",
    "pe",
    "pi",
    "po",
    "pu",
    "ra",
    "re",
    "ri",
    "ro",
    "ru",
    "sa",
    "se",
    "si",
    "so",
    "su",
    "ta",
    "te",
    "ti",
    "to",
    "tu",
    "va",
    "ve",
    "vi",
    "vo",
    "bra",
    "cre",
    "dri",
    "fla",
    "gro",
    "pla",
    "tri",
]
HTML_HEAD = (
    '<!DOCTYPE html>\n<html lang="es">\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n'
    '<meta name="viewport" content="width=device-width">\n<title>Mensaje</title>\n<style type="text/css">\n'
    + "".join(f".c{i} {{ margin: {i}px; padding: {i + 2}px; color: #{i:02x}4466; }}\n" for i in range(24))
    + "@media (max-width:600px) { .t { width:100% !important } }\n</style>\n</head>\n"
    '<body style="margin:0;background:#f4f4f4">\n'
)
HTML_TAIL = '<p style="font-size:11px;color:#999">&copy; bench.test</p>\n</body>\n</html>\n'


def b64lines(raw: bytes) -> bytes:
    text = base64.b64encode(raw)
    return b"\n".join(text[i : i + 76] for i in range(0, len(text), 76)) + b"\n"


def qp(text: str) -> bytes:
    return binascii.b2a_qp(text.encode(), istext=True)


class Pools:
    """Paragraphs and blocks of HTML by language, plain and quoted-printable, and `blobs` of base64."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        rare = _rare_words(chance)
        self.paragraphs: dict[str, list[str]] = {}
        self.blocks: dict[str, list[str]] = {}
        for language, common in LANGUAGES.items():
            made = list(_paragraphs(chance, common + rare, PARAGRAPHS[language]))
            self.paragraphs[language] = [paragraph for paragraph, _block in made]
            self.blocks[language] = [block for _paragraph, block in made]
        self.quoted_paragraphs = {
            name: [qp(text) for text in texts] for name, texts in self.paragraphs.items()
        }
        self.quoted_blocks = {name: [qp(text) for text in texts] for name, texts in self.blocks.items()}
        self.blobs = [b64lines(chance.randbytes(BLOB)) for _ in range(24)]


@cache
def pools(seed: int) -> Pools:
    """Takes a second: made once a process."""
    return Pools(seed)


def _rare_words(chance: Random) -> list[str]:
    words = {
        "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 5)))
        + chance.choice(["", "", "s", "n", "r", "ción"])
        for _ in range(24000)
    }
    rare = sorted(words)
    chance.shuffle(rare)
    return rare


def _paragraphs(chance: Random, vocabulary: list[str], count: int) -> Iterator[tuple[str, str]]:
    """Each as lines of plain text and as a block of HTML; the first words are the frequent ones."""
    cumulative, total = [], 0.0
    for rank in range(len(vocabulary)):
        total += 1.0 / (rank + 3)
        cumulative.append(total)
    for _ in range(count):
        text = _sentences(chance.choices(vocabulary, cum_weights=cumulative, k=chance.randint(25, 110)))
        yield "\n".join(_lines(text)) + "\n", _block(chance, text)


def _sentences(words: list[str]) -> str:
    """Thirteen words each."""
    put = []
    for place, word in enumerate(words):
        put.append(word.capitalize() if place % 13 == 0 else word + "." * (place % 13 == 12))
    return " ".join(put) + "."


def _lines(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if len(line) + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = line + " " + word if line else word
    yield line


def _block(chance: Random, text: str) -> str:
    kind = chance.randrange(4)
    color = f"#{chance.randrange(1 << 24):06x}"
    if kind == 0:
        return (
            f'<p style="margin:0 0 14px 0;font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:22px;'
            f'color:{color}">{text}</p>\n'
        )
    if kind == 1:
        return (
            f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
            f'style="border-collapse:collapse">\n<tr><td style="padding:12px 20px;background:{color}">'
            f'<img src="https://img.noticias.test/{chance.randrange(10**9)}.png" width="280" height="120" alt="img" '
            f'style="display:block;border:0"></td>\n'
            f'<td style="padding:12px 20px;font:14px/20px Georgia,serif" valign="top">{text}</td></tr>\n</table>\n'
        )
    if kind == 2:
        cells = "".join(
            f'<td style="border:1px solid #ddd;padding:4px 8px;text-align:right">'
            f"{chance.randrange(10**6) / 100} &euro;</td>"
            for _ in range(4)
        )
        return f'<h3 style="color:{color}">{text[:60]}</h3>\n<table class="t"><tr>{cells}</tr>\n</table>\n<p>{text}</p>\n'
    return (
        f'<div style="padding:10px;border-left:3px solid {color}"><a href="https://click.noticias.test/c?u='
        f'{chance.randrange(10**12)}&amp;e={chance.randrange(10**12)}" '
        f'style="color:{color};text-decoration:underline" '
        f'target="_blank">{text[:40]}</a>\n{text[40:]}</div>\n'
    )
