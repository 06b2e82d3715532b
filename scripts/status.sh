#!/usr/bin/env bash
# Which programs run, and since when.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/supervisorctl -c "$(readlink -f "${POSTIE_VAR:-var}/mailserver")/etc/supervisor/supervisord.conf" status
