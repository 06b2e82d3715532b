"""Static files as the browser wants them: one style sheet, one script per entry, hashed, compressed.

Development serves the files as they are (native modules, CSS @import). `collectstatic` joins them: every
`@import` of a sheet is put in place, every module becomes a function of its own, in the order of need.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS = ("css/app.css",)
SCRIPTS = ("js/panel.js", "js/webmail.js", "js/common.js")
CSS_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
# The only forms of import and export we write (tests/test_bundle.py keeps it).
JS_IMPORT = re.compile(r'^import (?:\{ ([\w, ]+) \} from )?"(\.[^"]+)";\n', re.MULTILINE)
JS_EXPORT = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class BundleError(ValueError):
    """A source file is not written in the simple form that can be joined."""


def join_sheet(root: Path, name: str) -> str:
    """The sheet with its imports in place; they are all relative and unconditional."""

    def in_place(match: re.Match[str]) -> str:
        return (root / PurePosixPath(name).parent / match[1]).read_text()

    text = COMMENT.sub("", CSS_IMPORT.sub(in_place, (root / name).read_text()))
    return re.sub(r"\s*\n\s*", "\n", text).strip() + "\n"


def join_script(root: Path, name: str) -> str:
    """One module from many; each keeps its own names inside a function, and gives what it exports."""
    order: dict[Path, str] = {}
    _collect((root / name).resolve(), order, ())
    names = {path: f"m{number}" for number, path in enumerate(order)}
    return "".join(_wrap(path, text, names) for path, text in order.items())


def _collect(path: Path, order: dict[Path, str], above: tuple[Path, ...]) -> None:
    if path in order:
        return
    if path in above:
        raise BundleError(f"{path.name} imports itself by way of {above[-1].name}")
    text = path.read_text()
    for match in JS_IMPORT.finditer(text):
        _collect((path.parent / match[2]).resolve(), order, (*above, path))
    order[path] = text


def _wrap(path: Path, text: str, names: dict[Path, str]) -> str:
    def bind(match: re.Match[str]) -> str:
        source = names[(path.parent / match[2]).resolve()]
        return f"const {{ {match[1]} }} = {source};\n" if match[1] else ""

    exports = ", ".join(match[2] for match in JS_EXPORT.finditer(text))
    body = JS_EXPORT.sub(r"\1 \2", JS_IMPORT.sub(bind, text))
    if re.search(r"^(import|export)\b", body, re.MULTILINE):
        raise BundleError(f"{path.name} imports or exports in a form that cannot be joined")
    code = "\n".join(line for line in body.splitlines() if line and not line.lstrip().startswith("// "))
    return f"const {names[path]} = (() => {{\n{code}\nreturn {{ {exports} }};\n}})();\n"


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Joins before it hashes and compresses. Before the first collectstatic names are served as they are."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            root = Path(self.location)
            # The last collectstatic left joined files here, newer than their sources: those are what counts.
            for name in (name for name in (*SHEETS, *SCRIPTS) if name in paths):
                source, path = paths[name]
                with source.open(path) as file:
                    (root / name).write_bytes(file.read())
            # Joined from what was found, all before any is written: the parts may be entries, too.
            joined = {name: join_sheet(root, name) for name in SHEETS if name in paths}
            joined |= {name: join_script(root, name) for name in SCRIPTS if name in paths}
            for name, text in joined.items():
                (root / name).write_text(text)
            # Django hashes what the finders found; of these it has to read what we have just written.
            paths = {**paths, **{name: (self, name) for name in joined}}
        yield from super().post_process(paths, dry_run, **options)

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
