"""gunicorn: few processes, several threads each. Threads wait for IMAP, processes keep warm connections."""

import os

# Each thread keeps its connection to the database for a while.
os.environ.setdefault("DATABASE_KEEP_SECONDS", "60")
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 120  # a big attachment over a slow line
graceful_timeout = 30
keepalive = 15
# IMAP connections must not be shared by a fork: nothing is loaded before it.
preload_app = False
worker_tmp_dir = "/dev/shm"  # noqa: S108  the heartbeat file; a slow disk must not kill a worker
# Forwarded headers are judged by our own middleware (TRUSTED_PROXIES), not here.
forwarded_allow_ips = ""
# The middleware writes one structured line for each request.
accesslog = None
errorlog = "-"
