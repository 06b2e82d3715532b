#!/usr/bin/env bash
# Starts everything: the bundled mail server, the web, its worker and its clock, under one supervisor.
# usage: scripts/start.sh [--detach]      stop with Ctrl-C, or scripts/stop.sh
# With POSTEIO_API_URL set (environment or .env) your own mail server is used and none is started here.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh run
exec .venv/bin/python -m scripts.start "$@"
