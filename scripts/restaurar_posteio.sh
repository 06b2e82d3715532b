#!/usr/bin/env bash
# Restores the whole mail server from a backup, and proves that it works.
#
# usage: scripts/restaurar_posteio.sh [--snapshot ID] [--local | --compose] [--yes] [--dry-run] [--help]
#
# Ends with  0 restored and proven         1 restored, but not all four verifications pass
#            2 something needed is missing  3 nobody said yes   4 the backup cannot be read, or is not whole
#            5 the server did not stop or start again
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/comun.sh
SNAPSHOT=latest
FORCE=false

help_en="Restores the whole mail server from a backup: domains, passwords, mail, DKIM keys, filters.
What is there now is moved aside, never deleted. At the end a mail is sent and received, and the webmail
and the panel are opened: each is really done.

usage: scripts/restaurar_posteio.sh [--snapshot ID] [--local | --compose] [--yes] [--dry-run]
  --snapshot ID   which backup (manage.py restore_moments lists them); without it the newest
  --damaged       go on although the backup is not whole
  --yes           do not ask before the living data is replaced
  --dry-run       only say what would be done; reads the list of backups and nothing else
  --local, --compose   how Postie runs (found by itself)
Ends with 0 restored and proven, 1 restored but a verification failed, 2 something is missing,
3 nobody said yes, 4 the backup cannot be read or is not whole, 5 the server did not stop or start."
help_es="Restaura todo el servidor de correo desde una copia de seguridad: dominios, contraseñas, correo,
llaves DKIM, filtros. Lo que hay ahora se aparta, nunca se borra. Al final se envía y se recibe un correo y
se abren el webmail y el panel: cada cosa se hace de verdad.

uso: scripts/restaurar_posteio.sh [--snapshot ID] [--local | --compose] [--yes] [--dry-run]
  --snapshot ID   qué copia (manage.py restore_moments las lista); sin esto, la más nueva
  --damaged       seguir aunque la copia no esté completa
  --yes           no preguntar antes de reemplazar los datos vivos
  --dry-run       solo dice lo que haría; lee la lista de copias y nada más
  --local, --compose   cómo corre Postie (se detecta solo)
Termina con 0 restaurado y probado, 1 restaurado pero falló una verificación, 2 falta algo,
3 nadie dijo que sí, 4 la copia no se puede leer o no está completa, 5 el servidor no se detuvo o no inició."

while [ $# -gt 0 ]; do
  case "$1" in
    --snapshot) SNAPSHOT=${2:-}; [ -n "$SNAPSHOT" ] || die 2 "--snapshot needs an id." "--snapshot necesita un id."; shift ;;
    --damaged) FORCE=true ;;
    *) common_option "$1" ;;
  esac
  shift
done
choose_way

DATA=$(setting POSTEIO_BASE_DADOS)
[ -n "$DATA" ] || die 2 "POSTEIO_BASE_DADOS is not set." "POSTEIO_BASE_DADOS no está configurado."
if [ "$WAY" = local ]; then
  INTO=$(dirname "$DATA")/restoring
  RESTORER=(manage)
else
  INTO=/mnt/restoring
  # As root in a container of its own: owners of files are set, and the data is mounted to be written.
  RESTORER=(compose run --rm --no-deps -T --user 0 --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER
    --entrypoint python
    --volume "$DATA:/mnt/data" --volume "$(dirname "$DATA")/restoring:/mnt/restoring" worker manage.py)
fi
if [ "$WAY" = local ]; then TARGET=$DATA; else TARGET=/mnt/data; fi

step "Which backup" "Qué copia"
"${RESTORER[@]}" server_restore plan --snapshot "$SNAPSHOT" || die 4 "The backups cannot be read." "No se pueden leer las copias."
say "Goes to: $DATA (what is there now is moved aside)" "Va a: $DATA (lo que hay ahora se aparta)"

step "Fetching it beside the living data, and looking through it" "Traerla junto a los datos vivos y revisarla"
run rm -rf "$INTO"
code=0
run "${RESTORER[@]}" server_restore fetch --snapshot "$SNAPSHOT" --into "$INTO" || code=$?
if [ "$code" != 0 ] && ! $FORCE; then
  die 4 "The backup is not whole (see above). Nothing was changed. --damaged goes on all the same." \
    "La copia no está completa (mira arriba). No se cambió nada. --damaged sigue de todos modos."
fi

$DRY || ask "The mail server stops, and its data is replaced by the backup." "El servidor de correo se detiene y sus datos se reemplazan por la copia."
step "Stopping" "Deteniendo"
stop_all || die 5 "The server did not stop." "El servidor no se detuvo."
step "Putting it in place" "Poniéndola en su lugar"
run "${RESTORER[@]}" server_restore place --snapshot "$SNAPSHOT" --into "$INTO" --data "$TARGET" \
  || die 4 "It could not be put in place. The old data is where it was, or beside it as *.before-*." \
    "No se pudo poner en su lugar. Los datos anteriores están donde estaban, o al lado como *.before-*."
run rm -rf "$INTO"
step "Starting" "Iniciando"
start_all || die 5 "The server did not start. Logs: $VAR/mailserver/log" "El servidor no inició. Registros: $VAR/mailserver/log"
step "Indexes are made anew" "Los índices se hacen de nuevo"
if [ "$WAY" = local ]; then
  run doveadm -c "$VAR/mailserver/etc/dovecot/dovecot.conf" force-resync -A '*' || say "Dovecot could not be asked: it does it by itself, later." "No se pudo pedir a Dovecot: lo hará solo, después."
else
  run compose exec -T "$(mail_service)" doveadm force-resync -A '*' || say "Dovecot could not be asked: it does it by itself, later." "No se pudo pedir a Dovecot: lo hará solo, después."
fi
verify || die 1 "Restored, but not everything works: see the lines above. The old data is beside the new as *.before-*." \
  "Restaurado, pero no todo funciona: mira las líneas de arriba. Los datos anteriores están al lado como *.before-*."
if $DRY; then say "Nothing was done." "No se hizo nada."; else say "Restored, and proven." "Restaurado y probado."; fi
