#!/bin/bash
# Makes a base backup and passes it to the container that uploads it, through a pipe. Ends with the exit status of
# pg_basebackup.
#
# Files in /exchange:
#   order            written by the other container when this one may begin: "full" or "incremental"
#   parent_manifest  written before: the manifest of the backup that an incremental one is based on
#   base.tar         the pipe
#   finished         written last: pg_basebackup has succeeded, and made a backup of this kind
#   error            written instead: why it has failed
#
# No write-ahead log is in the backup, because it is shipped. The manifest is in it, as its last file.

set -euo pipefail
umask 077

readonly exchange=/exchange login=/etc/pgi-login passwords=/tmp/pgpass output=/tmp/basebackup.output kind=/tmp/kind
# A server that is gone is noticed within half a minute, and one that does not read within 15 seconds.
readonly connection='keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=15000'

# Ends the container with the reason and the message in the log, for the other container, and in the termination message,
# which the operator reads. The message is short, on one line, and needs no escapes in JSON, whatever a program printed.
fail() {
  local message=$1
  trap - EXIT
  message=${message//$'\n'/ }
  message=${message//[^[:print:]]/?}
  message=${message//[\"\\]/\'}
  message=${message:0:500}
  printf '%s\n' "$message" >&2
  printf '%s\n' "$message" >"$exchange/error.new"
  mv -T "$exchange/error.new" "$exchange/error"
  if [[ -w /dev/termination-log ]]; then
    printf '{"reason":"BaseBackupFailed","message":"%s"}\n' "$message" >/dev/termination-log
  fi
  exit 1
}

# Bash handles a signal only after the program in the foreground has ended. Everything that takes time therefore runs in
# the background, in its own process group, and the script waits for it.
run() {
  local status=0
  set -m
  "$@" <&0 &
  set +m
  wait $! || status=$?
  return $status
}

stop() {
  local group
  trap '' INT TERM
  trap - EXIT
  for group in $(jobs -p); do kill -KILL -- "-$group" 2>/dev/null || true; done
  wait
  exit $((128 + $1))
}

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

# The password is in a file, because other processes could read an argument.
read_login() {
  local password
  PGHOST=$(<"$login/host") PGPORT=$(<"$login/port") PGUSER=$(<"$login/username") PGSSLMODE=$(<"$login/sslmode")
  password=$(<"$login/password")
  password=${password//\\/\\\\}
  printf '*:*:*:*:%s\n' "${password//:/\\:}" >"$passwords"
  export PGHOST PGPORT PGUSER PGSSLMODE PGPASSFILE=$passwords PGAPPNAME=pgi_basebackup
  if [[ -e $login/ca.crt ]]; then export PGSSLROOTCERT=$login/ca.crt; fi
}

# backup OPTION...: writes the backup to file descriptor 7.
backup() {
  pg_basebackup --no-password --dbname="$connection" --pgdata=- --format=tar --wal-method=none --checkpoint=fast \
    --label="$PGI_BACKUP_NAME" "$@" >&7 2>"$output"
}

# Writes the backup to the pipe, and its kind to a file. An incremental backup needs the server's summaries of the
# write-ahead log since its parent. Without them the server refuses before it sends anything: because they were switched on
# later, or have been removed since.
write_backup() {
  exec 7>"$exchange/base.tar" # waits for the other container
  if [[ $(<"$exchange/order") == incremental ]]; then
    printf 'incremental\n' >"$kind"
    backup --incremental="$exchange/parent_manifest" && return
    grep -qE 'ERROR: .*(summar|incremental)' "$output" || return
    printf 'Making a full backup instead: %s\n' "$(messages)" >&2
  fi
  printf 'full\n' >"$kind"
  backup
}

# The messages of pg_basebackup. That the backup needs the write-ahead log is no error.
messages() { grep -E 'error:|FATAL:|ERROR:|detail:|hint:' "$output" | sed -E 's/^pg_basebackup: (error: )?//' | head -n 3; }

trap 'stop 2' INT
trap 'stop 15' TERM
trap 'fail "The script failed at: $BASH_COMMAND"' EXIT # errexit: stop at any unexpected failure
clean_environment
read_login
rm -f -- "$exchange"/{base.tar,finished,error}
until [[ -e $exchange/order ]]; do run sleep 0.2; done
mkfifo "$exchange/base.tar"
if ! run write_backup; then
  message=$(messages) || true
  fail "${message:-pg_basebackup ended without a message.}"
fi
mv "$kind" "$exchange/finished.new"
mv -T "$exchange/finished.new" "$exchange/finished"
trap - EXIT
