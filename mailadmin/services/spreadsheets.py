"""CSV in and out, for people with Excel, LibreOffice and bad luck. Pure: bytes in, rows out."""

import csv
import io
from collections.abc import Iterable, Sequence

MOST_BYTES = 1_000_000
MOST_ROWS = 2_000
MOST_CELL = 1_000
# A cell that starts like this is run as a formula by spreadsheets (OWASP: CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SEPARATORS = ",;\t"


class Unreadable(ValueError):
    """Not a table we can read; the code says why: 'large', 'binary', 'empty', 'rows', 'broken'."""


def line(cells: Iterable[object]) -> str:
    """One line of an export, safe to open in a spreadsheet."""
    out = io.StringIO()
    csv.writer(out).writerow([_safe(cell) for cell in cells])
    return out.getvalue()


def raw_line(cells: Iterable[str]) -> str:
    """A line as it was, for carrying a table from one form to the next."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def rows(content: bytes) -> list[list[str]]:
    """Lines with something in them; commas, semicolons (Excel in Spanish) or tabs; UTF-8, UTF-16, Windows."""
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=False)
    found: list[list[str]] = []
    try:
        for cells in reader:
            if any(len(cell) > MOST_CELL for cell in cells):
                raise Unreadable("broken")
            if any(cell.strip() for cell in cells):
                found.append(cells)
            if len(found) > MOST_ROWS + 1:  # one is the head
                raise Unreadable("rows")
    except csv.Error as error:
        raise Unreadable("broken") from error
    if not found:
        raise Unreadable("empty")
    return found


def plain(cell: str) -> str:
    """A cell as it was before `line` made it safe."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Unreadable("large")
    encodings: Sequence[str] = ("utf-8-sig", "cp1252")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unreadable("binary")


def _separator(text: str) -> str:
    head = text.lstrip().partition("\n")[0]
    return max(_SEPARATORS, key=head.count)


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    # A leading quote mark that was already there must survive the way back, so it is doubled too.
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text
