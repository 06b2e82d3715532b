#!/usr/bin/env bash
# Stops what scripts/start.sh started; says so when nothing runs. No process is left behind.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv/bin/python ] || { echo "Nothing runs: Postie was never started here."; exit 0; }
exec .venv/bin/python -m scripts.stop
