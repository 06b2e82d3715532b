"""Has Dovecot build its indexes and caches once: sort keys, threads, structures and first words.

usage: python -m benchmarks.webmail.warm
"""

from .imapraw import Imap

# bigfts is left out: with fts_enforced a mere header search would start an hour of full-text indexing.
USERS = ("big", "mid", "midfts", "small", *(f"u{number}" for number in range(1, 9)))


def main() -> None:
    for user in USERS:
        imap = Imap(f"{user}@bench.test")
        names = _folders(imap)
        for name in names:
            count = imap.select(name)
            if count:
                _warm(imap, name, count, is_searched=not user.endswith("fts"))
        imap.close()
        print("indexed", user, len(names), "folders", flush=True)


def _folders(imap: Imap) -> list[str]:
    lines = [line for line in imap.command('LIST "" "*"').lines if line.startswith(b"* LIST")]
    return [(line.split(b'"')[-2] if line.endswith(b'"') else line.split()[-1]).decode() for line in lines]


def _warm(imap: Imap, name: str, count: int, *, is_searched: bool) -> None:
    for key in ("DATE", "ARRIVAL", "SUBJECT", "FROM", "SIZE"):
        imap.command(f"UID SORT RETURN (COUNT) (REVERSE {key}) UTF-8 ALL")
    imap.command("UID THREAD REFS UTF-8 ALL")
    if is_searched:
        imap.command("UID SEARCH RETURN (COUNT) OR OR OR FROM qzx TO qzx CC qzx SUBJECT qzx")
    for first in range(1, count + 1, 2000) if name == "INBOX" else ():
        items = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW"
        imap.command(f"FETCH {first}:{min(count, first + 1999)} ({items})")


if __name__ == "__main__":
    main()
