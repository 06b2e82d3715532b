"""Quotes in HTML letters, folded; found words, marked. Both before the sanitiser, which has the last word."""

import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]{0,2000}>")
_BEGINS = re.compile(
    r"<(?:(?P<div>div)\b[^<>]{0,400}(?:class=[\"']?(?:gmail_quote|yahoo_quoted|moz-cite|zmail_extra|protonmail_quote)"
    r"|id=[\"']?(?:appendonsend|divRplyFwdMsg|x_divRplyFwdMsg|mail-editor-reference))[^<>]{0,400}>"
    r"|(?P<blockquote>blockquote)\b[^<>]{0,400}>)",
    re.IGNORECASE,
)
_SEEN = re.compile(r"[^\s\u00a0\u200b-\u200f\ufeff]")
_MARKUP = re.compile(
    r"<(style|script|title|head)\b.*?(?:</\1\s*>|$)|<[^<>]*>|&(?:nbsp|zwnj|#160);", re.DOTALL | re.IGNORECASE
)
_OPEN, _CLOSE = '<details class="quote"><summary>…</summary>', "</details>"
_MOST = 200_000  # characters looked at: longer letters are shown as they are


def folded(html: str) -> str:
    """The letter with what it quotes at its end inside <details>: nothing needs a script to open it."""
    if len(html) > _MOST:
        return html
    begin = _BEGINS.search(html)
    if begin is None or not _has_words(html[: begin.start()]):
        return html  # nothing quoted, or nothing but a quote: a letter passed on
    end = _end(html, begin)
    if _has_words(html[end:]):
        return html  # answered between the lines
    return f"{html[: begin.start()]}{_OPEN}{html[begin.start() : end]}{_CLOSE}{html[end:]}"


def _end(html: str, begin: re.Match[str]) -> int:
    """Where the element that begins there ends; one that never does ends with the letter."""
    name = "div" if begin["div"] else "blockquote"
    if re.search(r"id=[\"']?(?:appendonsend|(?:x_)?divRplyFwdMsg)", begin[0], re.IGNORECASE):
        return len(html)  # Outlook marks only where the quote begins
    depth = 0
    for tag in _TAG.finditer(html, begin.start()):
        if tag[2].lower() == name:
            depth += -1 if tag[1] else 1
            if depth == 0:
                return tag.end()
    return len(html)


def _has_words(html: str) -> bool:
    return _SEEN.search(_MARKUP.sub("", html)) is not None


_SKIPPED = re.compile(
    r"<(style|script|title|textarea)\b.*?(?:</\1\s*>|$)|<[^<>]*>|&[a-zA-Z0-9#]{1,10};",
    re.DOTALL | re.IGNORECASE,
)


def marked(html: str, words: tuple[str, ...]) -> str:
    """The same with <mark> around each word that was searched for, outside of tags and entities."""
    finder = finding(words)
    if finder is None or len(html) > 10 * _MOST:
        return html
    pieces, position = [], 0
    for tag in _SKIPPED.finditer(html):
        pieces += [finder.sub(r"<mark>\g<0></mark>", html[position : tag.start()]), tag[0]]
        position = tag.end()
    return "".join([*pieces, finder.sub(r"<mark>\g<0></mark>", html[position:])])


def finding(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """What finds these words in a text, longest first; None without words."""
    wanted = sorted({word for word in words if len(word) > 1 or not word.isascii()}, key=len, reverse=True)[
        :20
    ]
    return re.compile("|".join(re.escape(word) for word in wanted), re.IGNORECASE) if wanted else None
