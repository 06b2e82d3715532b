"""Where the benchmark keeps its things, and the ports of its programs (start.sh and conf/ name the same)."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("BENCH_ROOT", "/var/tmp/postie-bench"))  # noqa: S108  4 GB of mail, made by start.sh
HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
RESULTS = ROOT / "results"
IMAP_PORT = 11143
ROUNDCUBE_PORT, CACHED_PORT = 18080, 18081
POSTIE_PORT, REDIS_PORT = 18084, 18085
PASSWORD = "bench"  # noqa: S105  of every account of the benchmark's own Dovecot
# Whose processor time is counted: the process and all below it.
PIDFILES = {
    "dovecot": ROOT / "run/dovecot/master.pid",
    "fpm": ROOT / "run/fpm.pid",
    "nginx": ROOT / "run/nginx.pid",
    "gunicorn": ROOT / "postie/gunicorn.pid",
    "redis": ROOT / "postie/redis.pid",
}
