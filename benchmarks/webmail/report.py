"""Results as Markdown: what was measured, the ratio to Roundcube, the goal, and whether it is reached."""

from typing import Any

Rows = list[dict[str, Any]]

# act, goal against Roundcube as shipped, goal against Roundcube with its caches
BIG_GOALS: dict[str, tuple[str, float, float]] = {
    "list": ("list, page 1", 15, 2.5),
    "list, changed": ("list after another client's change", 12, 0),
    "list, deep": ("list, page 500", 18, 0),
    "by date": ("sorted by date, nothing changed", 15, 0),
    "by date, changed": ("sorted by date, a letter came", 2, 0),
    "open": ("open a 40 KB HTML message", 14, 0),
    "seen": ("mark read", 8, 0),
    "flag": ("flag", 8, 0),
    "folder": ("switch folder", 2.5, 0),
    "check": ("anything new? nothing", 0, 0),
    "check, new": ("anything new? one is", 6, 0),
    "threads": ("threads, nothing changed", 15, 0),
    "threads, changed": ("threads, a letter came", 2.5, 0),
    "search, first": ("subject search, the first of all", 0, 0),
    "search, common": ("subject search, common word", 1.3, 0),
    "search, rare": ("subject search, rare word", 0, 0),
    "page": ("inbox page and its calls", 8, 0),
    "rows, deep": ("page 500, rows alone", 0, 0),
}
MID_GOALS = {"list": 4.0, "open": 5.0, "flag": 3.0}


def _find(rows: Rows, **wanted: Any) -> dict[str, Any] | None:
    return next((row for row in rows if all(row.get(name) == value for name, value in wanted.items())), None)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    marks = ("*" if row["foreign"] > 0.25 else "") + (" **wrong**" if row["wrong"] else "")
    cpu = "+".join(f"{value:.0f}" for value in row["cpu"].values())
    return f"{row['p50']:.1f} / {row['p95']:.0f} ({cpu}){marks}"


def _verdict(ratio: float, goal: float) -> str:
    return f"{ratio:.1f}" if not goal else f"{ratio:.1f} {'✓' if ratio >= goal else '✗'} (≥ {goal:g})"


def _ratio(rows: Rows, box: str, act: str, other: str) -> float:
    mine, theirs = _find(rows, box=box, act=act, peer="postie"), _find(rows, box=box, act=act, peer=other)
    return theirs["p50"] / mine["p50"] if mine and theirs and mine["p50"] else 0.0


def table(rows: Rows, box: str) -> str:
    names = ("postie", "roundcube", "roundcube+cache", "imap floor")
    head = f"| {box} | " + " | ".join(names) + " | times faster than Roundcube | than its cached one |"
    lines = [head, "|---" * (len(names) + 3) + "|"]
    for act, (words, goal, cached) in BIG_GOALS.items():
        found = [_find(rows, box=box, act=act, peer=name) for name in names]
        if found[0] is None:
            continue
        if box != "big":
            goal, cached = MID_GOALS.get(act, 0), 0
            goal = 4.0 if (box, act) == ("midfts", "search, common") else goal
        ratio, other = _ratio(rows, box, act, "roundcube"), _ratio(rows, box, act, "roundcube+cache")
        verdicts = f"{_verdict(ratio, goal) if ratio else ''} | {_verdict(other, cached) if other else ''}"
        lines.append(f"| {words} | " + " | ".join(map(_cell, found)) + f" | {verdicts} |")
    return "\n".join(lines)


def load_table(rows: Rows) -> str:
    lines = [
        "| eight people, lists and letters | requests/s | p50 / p95 ms | failed | against Roundcube |",
        "|---" * 5 + "|",
    ]
    for label, times, part in (("8 x mid", 3, 3), ("8 on big", 18, 10)):
        base = _find(rows, act="load", box=label, peer="roundcube")
        for row in (row for row in rows if row.get("act") == "load" and row["box"] == label):
            words = ""
            if base and row["peer"] == "postie" and base["rps"] and row["p95"]:
                more, sooner = row["rps"] / base["rps"], base["p95"] / row["p95"]
                words = f"{_verdict(more, times)} requests, p95 {_verdict(sooner, part)}"
            lines.append(
                f"| {label}, {row['peer']} | {row['rps']} | {row['p50']} / {row['p95']} | {row['failed']} | {words} |"
            )
    return "\n".join(lines)


def browser_table(rows: Rows) -> str:
    lines = [
        "| Chromium | first row, cold | warm | KB, requests (cold) | click → text | fetched ahead |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {row['box']}, {row['peer']} | {row['cold']} ms | {row['warm']} ms | {row['octets'] / 1000:.0f},"
        f" {row['requests']} | {row['open']} ms | {row['open_hovered'] or '–'} ms |"
        for row in rows
        if row.get("act") == "browser"
    ]
    return "\n".join([*lines, "| goal, postie on big | ≤ 250 | ≤ 120 | ≤ 120, ≤ 12 | ≤ 100 | ≤ 50 |"])


def flat_table(rows: Rows) -> str:
    lines = ["| postie | 1,000 | 10,000 | 100,000 | largest against smallest |", "|---" * 5 + "|"]
    for act in ("list", "open"):
        found = [_find(rows, box=box, act=act, peer="postie") for box in ("small", "mid", "big")]
        if all(found):
            values = [row["p50"] for row in found if row]
            spread = max(values) / min(values) - 1
            verdict = f"+{spread:.0%} {'✓' if spread <= 0.2 else '✗'} (≤ 20 %)"
            lines.append(
                f"| {act} | " + " | ".join(f"{value:.1f} ms" for value in values) + f" | {verdict} |"
            )
    return "\n".join(lines)


def memory_lines(rows: Rows) -> str:
    row = _find(rows, act="memory")
    if row is None:
        return ""
    own = sum(row["each"][name] for name in ("gunicorn", "redis"))
    verdict = "✓" if own <= 1.5 else "✗"
    return (
        f"Memory (PSS) of one more signed-in person who sits still, mean of {row['users']}: Postie {own:.2f} MB {verdict}"
        f" (≤ 1.5), Dovecot's sessions for them {row['each']['dovecot']:.2f} MB. With one person: {row['first']}."
    )


def wrong_lines(rows: Rows) -> str:
    found = [
        f"- {row['box']}, {row['act']}, {row['peer']}: {row['wrong']}" for row in rows if row.get("wrong")
    ]
    return "\n".join(found) or "None."


def whole(meta: dict[str, Any], rows: Rows) -> str:
    parts = [
        f"Measured {meta['when']}; {meta['cores']} cores, load average {meta['load']}. Milliseconds p50 / p95 (CPU ms of"
        " the servers: gunicorn+redis+dovecot, or nginx+php+dovecot); \\* others used more than a quarter of a core.",
        "### 100,000 messages",
        table(rows, "big"),
        "### 10,000 messages",
        table(rows, "mid"),
        "### 10,000 messages with a full-text index",
        table(rows, "midfts"),
        "### Flat",
        flat_table(rows),
        "### Load",
        load_table(rows),
        "### Chromium",
        browser_table(rows),
        "### Memory",
        memory_lines(rows),
        "### Wrong or old answers",
        wrong_lines(rows),
    ]
    return "\n\n".join(part for part in parts if part)
