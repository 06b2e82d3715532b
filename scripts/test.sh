#!/usr/bin/env bash
# Passes everything, or says what does not. usage: scripts/test.sh [STEP …]; without a name all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
export SECRET_KEY=${SECRET_KEY:-tests-only-secret-key-0123456789abcdef0123} PYTHONDONTWRITEBYTECODE=1
FIRST="install format lint types templates shell migrations translations house"
LANES=("tests" "running backups" "mailserver" "contract stories postgres")

install() { scripts/install.sh test; }
format() { .venv/bin/ruff format --check .; }
lint() { .venv/bin/ruff check .; }
types() { .venv/bin/mypy .; }
templates() { .venv/bin/djlint --lint --quiet templates; }
shell() { shellcheck scripts/*.sh .ci/run; }
migrations() { .venv/bin/python manage.py makemigrations --check --dry-run; }
translations() { .venv/bin/python scripts/messages.py check && .venv/bin/python scripts/messages.py compile; }
house() { .venv/bin/pytest -q tests/test_house.py; }
# Whole servers and the programs themselves: started, copied, emptied, brought back.
mailserver() { .venv/bin/pytest -q -m "not story" tests/mailserver; }
backups() { .venv/bin/pytest -q -m "not story" tests/restore tests/mailadmin/backup; }
tests() {
  local left=""
  for folder in running mailserver restore mailadmin/backup contract postgres test_house.py; do
    left="$left --ignore=tests/$folder"
  done
  # shellcheck disable=SC2086  # folder names hold no spaces
  .venv/bin/pytest -q tests -m "not story" $left
}
postgres() {
  # Whatever touches our own rows; the pure checks and corpora need no database.
  .venv/bin/python -m tests.postgres.server .venv/bin/pytest -q -m "not story" tests/postgres tests/accounts tests/mailadmin \
    tests/webmail/views/test_compose.py tests/webmail/views/test_messages.py \
    --ignore=tests/mailadmin/backup --ignore=tests/mailadmin/posteio --ignore-glob="tests/mailadmin/dns/test_[!ap]*"
}
running() { .venv/bin/pytest -q tests/running; }
contract() { .venv/bin/pytest -q tests/contract; }
stories() { .venv/bin/pytest -q tests -m story; }

# The steps of one lane, one after the other; 1 when any failed.
run() {
  local failed="" step started
  for step in "$@"; do
    printf '\n== %s\n' "$step"
    started=$SECONDS
    "$step" || { failed="$failed $step"; [ "$step" != install ] || break; }
    printf '== %s took %s s\n' "$step" $((SECONDS - started))
  done
  [ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed"; return 1; }
}

# Lanes beside each other, each with a mail server of its own on a port base of its own: these steps wait for
# servers more than they compute. A lane's words are printed when it ends.
beside() {
  local lane number=0 failed=0 pids=() logs=()
  set -m # a group for each lane: without it the shell would have them ignore SIGINT, and so restic
  trap 'kill -- "${pids[@]/#/-}" 2> /dev/null' INT TERM
  for lane in "$@"; do
    logs[number]=$(mktemp)
    (
      export POSTIE_TEST_PORT_BASE=$((${POSTIE_TEST_PORT_BASE:-13000} + 2000 * number))
      export POSTIE_TEST_VAR=$PWD/var/test-$number/var
      export PYTEST_ADDOPTS="-o cache_dir=$PWD/var/test-$number/cache"
      # shellcheck disable=SC2086  # step names hold no spaces
      run $lane
    ) > "${logs[number]}" 2>&1 &
    pids[number]=$!
    number=$((number + 1))
  done
  for number in "${!pids[@]}"; do
    wait "${pids[number]}" || failed=1
    cat "${logs[number]}"
    rm -f "${logs[number]}"
  done
  return $failed
}

if [ $# -gt 0 ]; then
  run "$@"
else
  failed=0
  # shellcheck disable=SC2086
  run $FIRST || failed=1
  [ ! -x .venv/bin/pytest ] || beside "${LANES[@]}" || failed=1
  [ $failed = 0 ] || { printf '\nSomething failed: see above.\n'; exit 1; }
fi
printf '\nAll steps passed.\n'
