#!/usr/bin/env bash
# Installs what Postie needs on Debian 12: programs by apt, Python packages into .venv. Does nothing when all is there.
# usage: scripts/install.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
RUN_PACKAGES="python3 python3-venv gettext curl jq openssl procps util-linux sqlite3 git
 postfix postfix-sqlite postfix-pcre postfix-lmdb postsrsd
 dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sqlite dovecot-sieve dovecot-managesieved dovecot-fts-xapian
 rspamd redis-server unbound restic openssh-client knot"
TEST_PACKAGES="chromium fonts-noto-core fonts-noto-color-emoji haproxy swaks shellcheck postgresql knot-dnsutils docker-compose openssh-server rclone"
packages=$RUN_PACKAGES
requirements=requirements.txt
if [ "${1:-run}" = test ]; then
  packages="$RUN_PACKAGES $TEST_PACKAGES"
  requirements="requirements-dev.txt"
fi

# One question for all of them: asked one by one they take longer than a warm start.
# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages 2>/dev/null || true)
missing=""
for package in $packages; do
  case $'\n'"$installed"$'\n' in
    *$'\n'"$package installed"$'\n'*) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || { echo "Missing:$missing. Run this as root, or install them." >&2; exit 1; }
  echo "Installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  # Debian starts daemons when it installs them; ours are started by hand on ports of their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  # shellcheck disable=SC2086
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing > /dev/null
fi

stamp=.venv/installed-$(cat requirements*.txt | sha256sum | cut -c1-16)-${1:-run}
if [ ! -e "$stamp" ]; then
  [ -x .venv/bin/python ] || /usr/bin/python3 -m venv .venv
  echo "Installing Python packages into .venv"
  .venv/bin/pip install -q --disable-pip-version-check -r $requirements
  touch "$stamp"
fi
