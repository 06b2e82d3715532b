#!/usr/bin/env bash
# Backs up the whole mail server now: consistent, encrypted, incremental. Nothing is stopped for it.
#
# usage: scripts/backup_posteio.sh [--local | --compose] [--dry-run] [--help]
#
# Ends with  0 the backup is good   1 it is not   2 something needed is missing   3 another one runs right now
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/comun.sh

help_en="Backs up the whole mail server now: databases, mail, keys, configuration, Postie's own data.
Nothing is stopped: the copies are consistent while mail goes on.

usage: scripts/backup_posteio.sh [--local | --compose] [--dry-run]
  --local     Postie was started with scripts/start.sh (found by itself)
  --compose   Postie runs with docker compose (found by itself)
  --dry-run   only say what would be done
Ends with 0 good, 1 not good, 2 something is missing, 3 another backup runs right now.
Where to: RESTIC_REPOSITORY and RESTIC_PASSWORD (var/env, .env)."
help_es="Hace ahora una copia de seguridad de todo el servidor de correo: bases de datos, correo, llaves,
configuración y los datos de Postie. No se detiene nada: las copias son coherentes mientras el correo sigue.

uso: scripts/backup_posteio.sh [--local | --compose] [--dry-run]
  --local     Postie se inició con scripts/start.sh (se detecta solo)
  --compose   Postie corre con docker compose (se detecta solo)
  --dry-run   solo dice lo que haría
Termina con 0 buena, 1 no es buena, 2 falta algo, 3 hay otra copia en marcha.
A dónde: RESTIC_REPOSITORY y RESTIC_PASSWORD (var/env, .env)."

while [ $# -gt 0 ]; do
  case "$1" in
    --yes) die 2 "Unknown option: $1 (see --help)" "Opción desconocida: $1 (mira --help)" ;;
    *) common_option "$1" ;;
  esac
  shift
done
choose_way

step "Repository" "Repositorio"
run manage backup_init --if-missing || die 2 "The repository cannot be used." "No se puede usar el repositorio."
step "Backup" "Copia de seguridad"
code=0
run manage backup_run || code=$?
if $DRY; then say "Nothing was done." "No se hizo nada."; exit 0; fi
case $code in
  0) say "The backup is good." "La copia de seguridad es buena." ;;
  3) say "Another backup runs right now." "Hay otra copia de seguridad en marcha." ;;
  *) code=1; say "The backup is NOT good: see the lines above." "La copia de seguridad NO es buena: mira las líneas de arriba." ;;
esac
exit "$code"
