"""What waits in Postfix' queue, written where the API may read it: <root>/run/queue.json."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mailserver.site import VMAIL

MOST_SHOWN = 200
EVERY_SECONDS = 5.0
SECONDS = 20.0


def keep_noting(root: Path) -> None:
    while True:
        try:
            note(root)
        except OSError as error:
            print(f"the queue could not be written down: {error}", flush=True)
        time.sleep(EVERY_SECONDS)


def note(root: Path) -> None:
    """A queue that cannot be listed leaves the old file, whose age tells."""
    if (found := _listed(root)) is None:
        return
    scratch = root / "run/queue.json.new"
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w") as file:
        json.dump(found, file)
    shutil.chown(scratch, "root", VMAIL)
    scratch.replace(root / "run/queue.json")


def _listed(root: Path) -> dict[str, Any] | None:
    command = ["postqueue", "-c", str(root / "etc/postfix"), "-j"]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as listing:
            end = threading.Timer(SECONDS, listing.kill)
            end.start()
            try:
                found = summary(listing.stdout or ())
                listing.wait(SECONDS)
            finally:
                end.cancel()
                listing.kill()
        return found if listing.returncode == 0 else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def summary(lines: Iterable[bytes]) -> dict[str, Any]:
    """Counts all, keeps the oldest with why they wait. Raises ValueError for what is not a listing."""
    count, messages = 0, []
    for line in lines:
        count += 1
        messages.append(json.loads(line))
        if len(messages) > 2 * MOST_SHOWN:
            messages = _oldest(messages)
    messages = _oldest(messages)
    shown = [
        {
            "id": one["queue_id"],
            "queue": one["queue_name"],
            "arrived": one["arrival_time"],
            "size": one["message_size"],
            "sender": one["sender"],
            "recipients": [
                {"address": r["address"], "reason": r.get("delay_reason", "")[:300]}
                for r in one["recipients"][:20]
            ],
        }
        for one in messages
    ]
    oldest = min((one["arrived"] for one in shown), default=None)
    return {"at": int(time.time()), "count": count, "oldest": oldest, "messages": shown}


def _oldest(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(messages, key=lambda one: int(one["arrival_time"]))[:MOST_SHOWN]
