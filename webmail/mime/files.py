"""What a file's name promises, and whether the letter says the same."""

import mimetypes

from . import winmail

_PROGRAMS = frozenset(
    [
        "exe",
        "scr",
        "com",
        "pif",
        "bat",
        "cmd",
        "msi",
        "msp",
        "ps1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "hta",
        "jar",
        "cpl",
        "lnk",
        "reg",
        "scf",
        "url",
        "iso",
        "img",
        "vhd",
        "vhdx",
        "dll",
        "sys",
        "apk",
        "app",
        "dmg",
        "pkg",
        "deb",
        "rpm",
        "sh",
        "run",
        "docm",
        "xlsm",
        "pptm",
        "xll",
        "one",
        "chm",
        "gadget",
        "application",
        "appref-ms",
    ]
)
_PAGES = frozenset(("html", "htm", "xhtml", "svg", "shtml", "mht", "mhtml"))
_DOCUMENTS = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "odt",
        "ods",
        "odp",
        "jpg",
        "jpeg",
        "png",
        "gif",
        "webp",
        "txt",
        "csv",
        "mp3",
        "mp4",
        "zip",
        "rtf",
    ]
)
# What programs say when they do not know.
_UNSAID = ("application/octet-stream", "application/x-download", "binary/octet-stream", "application/binary")
# Different names of the same thing.
_SAME = {
    "application/x-zip-compressed": "application/zip",
    "application/x-pdf": "application/pdf",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "application/x-gzip": "application/gzip",
    "audio/mp3": "audio/mpeg",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
    "application/ics": "text/calendar",
    "application/x-rar-compressed": "application/vnd.rar",
    "application/x-rar": "application/vnd.rar",
}


def danger(name: str, media_type: str) -> str:
    """winmail, double, program, differs, or empty. By the name's end, which is what a computer goes by."""
    pieces = name.lower().rsplit(".", 2)
    end = pieces[-1].strip() if len(pieces) > 1 else ""
    if winmail.is_package(name, media_type):
        return "winmail"
    if end in _PROGRAMS:
        return "double" if len(pieces) == 3 and pieces[1].strip() in _DOCUMENTS else "program"
    return "differs" if _differs(end, media_type) else ""


def _differs(end: str, media_type: str) -> bool:
    if media_type in _UNSAID or not end:
        return False
    if end in _PAGES:
        return media_type not in ("text/html", "image/svg+xml", "application/xhtml+xml", "multipart/related")
    promised, _coding = mimetypes.guess_type(f"a.{end}", strict=False)
    if promised is None:
        return False
    promised, said = _SAME.get(promised, promised), _SAME.get(media_type, media_type)
    # Text is text, and office programs call their files by many names; a picture is no program.
    kinds = {promised.partition("/")[0], said.partition("/")[0]}
    return promised != said and (len(kinds) > 1 or "image" in kinds) and not kinds <= {"text", "application"}
