"""What only root may do beside the mail server: `python -m mailserver.watch --root ROOT`.

Puts a new certificate to work without a restart: a renewal replaces files, Postfix and Dovecot read them
again when told to, and a pair that does not fit is left alone. Writes down what waits in the queue.
"""

import argparse
import ssl
import subprocess
import threading
import time
from pathlib import Path

from mailserver import queue

EVERY_SECONDS = 2.0


def stamp(files: tuple[Path, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((s.st_mtime_ns, s.st_ino) for s in (file.stat() for file in files))


def usable(certificate: Path, key: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError):
        return False
    return True


def reload(root: Path) -> None:
    for command in (
        ["doveadm", "-c", str(root / "etc/dovecot/dovecot.conf"), "reload"],
        ["postfix", "-c", str(root / "etc/postfix"), "reload"],
    ):
        done = subprocess.run(command, timeout=30, check=False)
        print(
            f"{command[0]} reload: {'done' if done.returncode == 0 else f'failed ({done.returncode})'}",
            flush=True,
        )


def watch(root: Path) -> None:
    # beside: a listing that hangs must not hold up a new certificate
    threading.Thread(target=queue.keep_noting, args=(root,), daemon=True).start()
    certificate, key = root / "tls/mail.crt", root / "tls/mail.key"
    known = stamp((certificate, key))
    while True:
        time.sleep(EVERY_SECONDS)
        try:
            now = stamp((certificate, key))
        except FileNotFoundError:
            continue  # between the two renames of a renewal
        if now == known:
            continue
        known = now
        if usable(certificate, key):
            reload(root)
        else:
            print("tls/mail.crt and tls/mail.key do not fit together: waiting", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    watch(parser.parse_args().root)
