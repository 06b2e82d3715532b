# shellcheck shell=bash
# What backup_posteio.sh, restaurar_posteio.sh and actualizar.sh share. Sourced, never run.
#
# Two ways to run Postie: `local` (scripts/start.sh, settings in var/env) and `compose` (docker compose, .env).
# Words are English, or Spanish where LC_ALL, LC_MESSAGES or LANG begins with "es".

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VAR=${POSTIE_VAR:-$ROOT/var}
WAY=""
YES=false
DRY=false

case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in es*) WORDS=es ;; *) WORDS=en ;; esac

t() { if [ "$WORDS" = es ]; then printf '%s' "$2"; else printf '%s' "$1"; fi; }  # t ENGLISH SPANISH
say() { t "$@"; printf '\n'; }
step() { printf '\n== '; say "$@"; }
# die CODE ENGLISH SPANISH
die() { { printf '%s: ' "${0##*/}"; say "$2" "$3"; } >&2; exit "$1"; }

common_option() { # what all three understand; help_en and help_es are the script's
  case "$1" in
    --local) WAY=local ;;
    --compose) WAY=compose ;;
    --yes) YES=true ;;
    --dry-run) DRY=true ;;
    -h | --help) say "${help_en:-}" "${help_es:-}"; exit 0 ;;
    *) die 2 "Unknown option: $1 (see --help)" "Opción desconocida: $1 (mira --help)" ;;
  esac
}

ask() { # ask ENGLISH SPANISH: goes on only when a person says yes
  $YES && return
  [ -t 0 ] || die 3 "This overwrites data. Say --yes when nobody is there to be asked." \
    "Esto sobrescribe datos. Usa --yes cuando no haya nadie a quien preguntar."
  t "$@"; t " Type yes: " " Escribe sí: "
  local answer=""
  read -r answer || true
  case "$answer" in yes | si | sí | SI | SÍ | YES) ;; *) die 3 "Nothing was changed." "No se cambió nada." ;; esac
}

run() { # run COMMAND …: does it, or with --dry-run only says it
  if $DRY; then printf '   + %s\n' "$*"; else "$@"; fi
}

choose_way() { # --compose and --local win; else what is here
  if [ -z "$WAY" ]; then
    if [ -f "$VAR/env" ]; then WAY=local; elif [ -f "$ROOT/.env" ]; then WAY=compose; fi
  fi
  case "$WAY" in
    local)
      [ -f "$VAR/env" ] || die 2 "Postie was never started here: $VAR/env is missing." "Postie nunca se inició aquí: falta $VAR/env."
      command -v restic >/dev/null || die 2 "restic is not installed." "restic no está instalado." ;;
    compose)
      command -v docker >/dev/null || die 2 "docker is not installed." "docker no está instalado."
      [ -f "$ROOT/.env" ] || die 2 "There is no .env: cp .env.example .env and fill it in." "No hay .env: cp .env.example .env y complétalo." ;;
    *) die 2 "There is neither var/env (scripts/start.sh) nor .env (docker compose) here." \
      "Aquí no hay ni var/env (scripts/start.sh) ni .env (docker compose)." ;;
  esac
}

compose() { (cd "$ROOT" && docker compose "$@"); }

setting() { # a line of .env, or of var/env
  local file=$ROOT/.env
  if [ "$WAY" = local ]; then file=$VAR/env; fi
  sed -n "s/^$1=//p" "$file" | tail -1 | sed "s/^[\"']//; s/[\"']\$//"
}

mail_service() { local name; name=$(setting MAIL_SERVICE); printf '%s' "${name:-mailserver}"; }

manage() { # manage.py, where it runs
  if [ "$WAY" = compose ]; then
    compose exec -T worker python manage.py "$@"
    return
  fi
  ( # Only here: scripts/start.sh would take POSTEIO_API_URL for somebody else's mail server.
    cd "$ROOT" || exit 2
    set -a
    # shellcheck source=/dev/null
    . "$VAR/env"
    set +a
    exec .venv/bin/python manage.py "$@"
  )
}

manage_once() { # manage.py while everything is stopped
  if [ "$WAY" = compose ]; then
    compose run --rm --no-deps -T --entrypoint python worker manage.py "$@"
  else
    manage "$@"
  fi
}

stop_all() {
  if [ "$WAY" = local ]; then run "$ROOT/scripts/stop.sh"; else run compose stop web push worker backup beat "$(mail_service)"; fi
}

start_all() {
  if [ "$WAY" = local ]; then run "$ROOT/scripts/start.sh" --detach; else run compose up -d --wait; fi
}

verify() { # the four things, each really done
  step "Verification: send, receive, webmail, panel" "Verificación: enviar, recibir, webmail, panel"
  if $DRY; then printf '   + manage.py verify_server\n'; return 0; fi
  local attempt
  for attempt in 1 2 3; do
    if manage verify_server; then return 0; fi
    [ "$attempt" = 3 ] || { say "Once more: a server that has just started may need a moment." "Otra vez: un servidor recién iniciado puede necesitar un momento."; sleep 5; }
  done
  return 1
}
