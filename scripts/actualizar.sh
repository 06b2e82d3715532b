#!/usr/bin/env bash
# Updates Postie: backup → new version → start → the four verifications → back to the old version when they fail,
# with its own database as it was before the new version changed its tables.
#
# usage: scripts/actualizar.sh [--to REF] [--local | --compose] [--yes] [--dry-run] [--help]
#
# Ends with  0 updated and proven   1 it failed, and the old version runs again   2 something needed is missing
#            3 nobody said yes      4 there is no good backup, nothing was changed
#            5 it failed, and so did the way back: scripts/restaurar_posteio.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/comun.sh
TO=""

help_en="Updates Postie, and goes back by itself when the new version does not work.
First a backup, then the new version, then a mail is sent and received and the webmail and the panel are opened.
Going back, Postie's own database is put back, too, as it was before the new version changed its tables.

usage: scripts/actualizar.sh [--to REF] [--local | --compose] [--yes] [--dry-run]
  --to REF    local: a git branch, tag or commit (without it: git pull); compose: POSTIE_VERSION of the images
  --yes       do not ask before the server is stopped
  --dry-run   only say what would be done
Ends with 0 updated and proven, 1 failed and the old version runs again, 2 something is missing,
3 nobody said yes, 4 no good backup (nothing was changed), 5 failed and the way back, too."
help_es="Actualiza Postie y vuelve solo a la versión anterior cuando la nueva no funciona.
Primero una copia de seguridad, luego la nueva versión, luego se envía y se recibe un correo y se abren el
webmail y el panel. Al volver, también vuelve la base de datos propia de Postie, como estaba antes de que la
nueva versión cambiara sus tablas.

uso: scripts/actualizar.sh [--to REF] [--local | --compose] [--yes] [--dry-run]
  --to REF    local: una rama, etiqueta o commit de git (sin esto: git pull); compose: POSTIE_VERSION de las imágenes
  --yes       no preguntar antes de detener el servidor
  --dry-run   solo dice lo que haría
Termina con 0 actualizado y probado, 1 falló y corre otra vez la versión anterior, 2 falta algo,
3 nadie dijo que sí, 4 no hay una copia buena (no se cambió nada), 5 falló, y también el camino de vuelta."

while [ $# -gt 0 ]; do
  case "$1" in
    --to) TO=${2:-}; [ -n "$TO" ] || die 2 "--to needs a version." "--to necesita una versión."; shift ;;
    *) common_option "$1" ;;
  esac
  shift
done
choose_way
[ "$WAY" = compose ] || [ -z "$(git status --porcelain --untracked-files=no)" ] \
  || die 2 "There are changes of your own in this folder: commit or stash them first." \
    "Hay cambios tuyos en esta carpeta: guárdalos primero (commit o stash)."

old_version() { if [ "$WAY" = local ]; then git rev-parse HEAD; else v=$(setting POSTIE_VERSION); printf '%s' "${v:-latest}"; fi; }

get() { # get VERSION: that version's code or images
  if [ "$WAY" = local ]; then
    if [ -n "$1" ]; then run git checkout --quiet --detach "$1"; else run git pull --ff-only; fi
  elif [ -n "$1" ]; then
    export POSTIE_VERSION=$1
    run compose pull --ignore-buildable
    run compose build web
  else
    run compose pull --ignore-buildable
    run compose build --pull web
  fi
}

tag_images() { # compose: the images that run now stay, under a name of their own
  if [ "$WAY" = local ] || $DRY; then return 0; fi
  run docker image tag "postie:$OLD" "postie:before-update"
  MAIL_IMAGE=$(compose images --quiet "$(mail_service)" 2>/dev/null | head -1 || true)
}

rows_back() { # Postie's own database as it was before the new version touched it
  $SAVED || return 0
  if manage_once own_database put-back; then SAVED=false; else return 1; fi
}

back() {
  say "It does not work: back to the old version." "No funciona: de vuelta a la versión anterior." >&2
  stop_all || true
  rows_back || true # the new version knows how; if it is too broken for that, the old one tries again
  if [ "$WAY" = local ]; then
    git checkout --quiet "$BRANCH" && git reset --quiet --keep "$OLD"
  else
    export POSTIE_VERSION=$OLD
    docker image tag "postie:before-update" "postie:$OLD"
    [ -z "$MAIL_IMAGE" ] || docker image tag "$MAIL_IMAGE" "$(compose config --images | grep -v postie | head -1)" || true
  fi
  if ! rows_back || ! start_all || ! verify; then
    die 5 "The old version does not work either. Restore the backup: scripts/restaurar_posteio.sh" \
      "Tampoco funciona la versión anterior. Restaura la copia: scripts/restaurar_posteio.sh"
  fi
  die 1 "Not updated: the old version runs again." "No se actualizó: corre otra vez la versión anterior."
}

OLD=$(old_version)
MAIL_IMAGE=""
SAVED=false
BRANCH=$(git symbolic-ref --quiet --short HEAD 2>/dev/null || printf '%s' "$OLD")
say "Now: $OLD" "Ahora: $OLD"
way=--$WAY
if $DRY; then scripts/backup_posteio.sh "$way" --dry-run; else
  scripts/backup_posteio.sh "$way" || die 4 "There is no good backup, so nothing was changed." "No hay una copia buena, así que no se cambió nada."
fi
$DRY || ask "Postie stops for the update." "Postie se detiene para la actualización."
step "New version" "Nueva versión"
tag_images
get "$TO" || { if $DRY; then :; else back; fi; }
step "Restart" "Reinicio"
stop_all || back
run manage_once own_database save || back
$DRY || SAVED=true
start_all || back
verify || back
if $DRY; then say "Nothing was done." "No se hizo nada."; else say "Updated, and proven." "Actualizado y probado."; fi
