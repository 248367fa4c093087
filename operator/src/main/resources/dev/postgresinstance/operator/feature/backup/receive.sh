#!/bin/bash
# Receives the write-ahead log of the server into the spool, from where the shipper uploads it.
#
# Files in the spool:
#   receive     the order of the shipper: the lineage and the size of a segment. Receives as long as the file exists, and
#               starts over when its text changes
#   receiving   the order that is in force; as long as it exists, pg_receivewal may write
#   wal/        the write-ahead log. pg_receivewal continues with the newest file, and the shipper deletes what is uploaded
#
# pg_receivewal uses no replication slot: the shipper moves one, so the server keeps everything that is not uploaded.

set -euo pipefail
umask 077

readonly spool=${PGI_SPOOL:-/spool} login=/etc/pgi-login passwords=/tmp/pgpass
# A server that is gone is noticed within half a minute, and one that does not read within 15 seconds.
readonly connection='keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=15000'
readonly max_pause=5

say() { printf '%s\n' "$1" >&2; }

# Removes the settings that the image may have in its environment.
clean_environment() {
  local name
  for name in $(compgen -e); do
    case $name in
      PGI_*) ;;
      PG* | LC_* | LANG | LANGUAGE | TZ) unset "$name" ;;
    esac
  done
  export LC_ALL=C PATH="/usr/lib/postgresql/$PGI_MAJOR/bin:$PATH"
}

# Reads the mounted Secret again for each connection, so that a new password is in force. The password is in a file,
# because other processes could read an argument.
read_login() {
  local password
  PGHOST=$(<"$login/host") PGPORT=$(<"$login/port") PGUSER=$(<"$login/username") PGSSLMODE=$(<"$login/sslmode")
  password=$(<"$login/password")
  password=${password//\\/\\\\}
  printf '*:*:*:*:%s\n' "${password//:/\\:}" >"$passwords"
  export PGHOST PGPORT PGUSER PGSSLMODE PGPASSFILE=$passwords PGAPPNAME=pgi_receiver
  if [[ -e $login/ca.crt ]]; then export PGSSLROOTCERT=$login/ca.crt; else unset PGSSLROOTCERT; fi
}

# Sets order to the text of the file, to nothing without one. Starts no process, because it runs each second.
read_order() {
  order=
  if [[ -e $spool/receive ]]; then IFS= read -r order <"$spool/receive" || true; fi 2>/dev/null
}

# A killed pg_receivewal may leave a file that it was just extending, and would refuse to continue with it. Nothing in it
# is lost: the server still has it.
empty_torn_files() {
  local file size
  for file in "$spool"/wal/*.partial; do
    if [[ ! -e $file ]]; then continue; fi
    size=$(stat -c %s -- "$file")
    if ((size != 0 && size != $1)); then
      say "Receiving ${file##*/} again: it has $size bytes."
      : >"$file"
    fi
  done
}

start() {
  read_login
  empty_torn_files "${order##* }"
  say "Receiving lineage ${order% *}."
  printf '%s' "$order" >"$spool/receiving"
  current=$order started=$SECONDS
  pg_receivewal --no-loop --no-password --dbname="$connection" --directory="$spool/wal" --status-interval=5 \
    "${synchronous[@]}" &
  receiver=$!
}

is_running() { [[ -n $receiver ]] && kill -0 "$receiver" 2>/dev/null; }

# SIGKILL, because nothing here needs an orderly shutdown.
stop() {
  local status=0
  if [[ -z $receiver ]]; then return; fi
  kill -KILL "$receiver" 2>/dev/null || true
  wait "$receiver" 2>/dev/null || status=$?
  receiver='' ended=$status
  rm -f -- "$spool/receiving"
}

# Ends at once: the kernel keeps what has been written.
terminate() {
  trap '' INT TERM
  stop
  exit $((128 + $1))
}

# A commit waits until its part of the log is flushed.
synchronous=()
if [[ ${PGI_SYNCHRONOUS:-} == true ]]; then synchronous=(--synchronous); fi
receiver='' current='' pause=1 wait=0
trap 'terminate 2' INT
trap 'terminate 15' TERM
clean_environment
# A pipe to which nobody writes: to wait for it needs no process, unlike sleep, and a signal ends the wait.
exec {never}<> <(:)
rm -f -- "$spool/receiving" # of a former container, all of whose processes have ended
while true; do
  read_order
  if [[ -n $receiver && $order != "$current" ]]; then
    say 'The shipper has withdrawn its order. Stopping.'
    stop
    pause=1 wait=0
  elif [[ -n $receiver ]] && ! is_running; then
    stop
    if ((SECONDS - started > 60)); then pause=1; fi
    say "pg_receivewal has ended with status $ended. Starting it again in $pause s."
    wait=$pause pause=$((pause < max_pause ? pause + 1 : max_pause))
  fi
  if [[ -z $receiver && -n $order ]] && ((wait-- <= 0)); then start; fi
  read -r -t 1 -u "$never" || true
done
