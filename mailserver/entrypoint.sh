#!/bin/sh
# The image's first process: prepares the tree under /data, makes the first administrator, becomes the supervisor.
set -eu
cd /app
: "${POSTEIO_HOSTNAME:?the name of this mail server, such as mail.example.org}"
: "${POSTEIO_API_USER:?the address of the first administrator}"
: "${POSTEIO_API_PASSWORD:?their password, at least 8 characters}"
root=/data/postie
.venv/bin/python -m mailserver prepare --root $root --base 0 --flavour real --listen 0.0.0.0
printf '%s\n' "$POSTEIO_API_PASSWORD" |
  .venv/bin/python -m mailserver.api.setup --root $root --admin "$POSTEIO_API_USER"
exec .venv/bin/supervisord -c $root/etc/supervisor/supervisord.conf
