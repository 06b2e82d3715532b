#!/usr/bin/env bash
# Passes everything, or says what does not. usage: scripts/test.sh [STEP …]; without a name all steps run in order.
set -euo pipefail
cd "$(dirname "$0")/.."
export SECRET_KEY=${SECRET_KEY:-tests-only-secret-key-0123456789abcdef0123} PYTHONDONTWRITEBYTECODE=1
STEPS="install format lint types templates shell migrations translations house tests postgres contract stories"

install() { scripts/install.sh test; }
format() { .venv/bin/ruff format --check .; }
lint() { .venv/bin/ruff check .; }
types() { .venv/bin/mypy .; }
templates() { .venv/bin/djlint --lint --quiet templates; }
shell() { shellcheck scripts/*.sh .ci/run; }
migrations() { .venv/bin/python manage.py makemigrations --check --dry-run; }
translations() { .venv/bin/python scripts/messages.py check && .venv/bin/python scripts/messages.py compile; }
house() { .venv/bin/pytest -q tests/test_house.py; }
tests() { .venv/bin/pytest -q tests -m "not story" --ignore=tests/test_house.py --ignore=tests/contract --ignore=tests/postgres; }
postgres() {
  # Whatever touches our own rows; the pure checks and corpora need no database.
  .venv/bin/python -m tests.postgres.server .venv/bin/pytest -q -m "not story" tests/postgres tests/accounts tests/mailadmin \
    tests/webmail/views/test_compose.py tests/webmail/views/test_messages.py \
    --ignore=tests/mailadmin/backup --ignore=tests/mailadmin/posteio --ignore-glob="tests/mailadmin/dns/test_[!ap]*"
}
contract() { .venv/bin/pytest -q tests/contract; }
stories() { .venv/bin/pytest -q tests -m story; }

failed=""
# shellcheck disable=SC2048  # step names hold no spaces
for step in ${*:-$STEPS}; do
  printf '\n== %s\n' "$step"
  started=$SECONDS
  "$step" || { failed="$failed $step"; [ "$step" != install ] || break; }
  printf '== %s took %s s\n' "$step" $((SECONDS - started))
done
[ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed"; exit 1; }
printf '\nAll steps passed.\n'
