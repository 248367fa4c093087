#!/bin/bash
# Prepares the volume of this pod, then becomes the PostgreSQL server (exec). The arguments are passed to initdb at the
# first start.
#
# The data of users depends on this script. Its guarantees:
# - At most one server uses the volume: a lock is held from before the first check until the last process has ended.
# - A volume with data is never initialized, and an empty volume is never initialized if there was data before. In doubt
#   the script refuses to start.
# - A refused start changes nothing on the volume. After a kill at any moment, the next start can continue.
#
# Files on the volume:
#   17/              the data directory, named after the major version
#   17.new/          the data directory of an incomplete first start
#   instance-id      the id of the instance that owns the data; its existence proves that there was data
#   instance-id.new  the same, written before the data is durable
#   roles.sha256     hash of the roles.sql that was applied last
#   adopted          the id of the former owner whose data a user has accepted for this instance
#   lock             an empty file that is locked
#   reserve.1 to .4  space that is released when the volume is full
#
# The consent of a user arrives in two environment variables: PGI_ACCEPT_EMPTY_VOLUME is set if the volume may be empty
# although there was data; PGI_ADOPT is the instance id or system identifier of other data that this instance adopts.

set -euo pipefail
umask 077

readonly volume=/pgdata data=/pgdata/$PGI_MAJOR config=/etc/postgres-instance
readonly roles_file=/etc/postgres-instance-roles/roles.sql
readonly sockets=/var/run/postgresql
# These two files exist as long as the pod: the system identifier of the data that this pod has had, and the hash of the
# configuration that its last server was started with.
readonly seen=$sockets/data-seen
readonly attempted=$sockets/configuration-attempted
readonly output=/tmp/start.output

# Ends the container with `Reason: sentence` in the log and in the termination message, which the operator copies to the
# condition of the instance. The message is short, on one line, and printable ASCII, whatever a program printed.
refuse() {
  local message="$1: $2"
  trap - EXIT
  if [[ $2 == *'No space left on device'* ]]; then message="DiskFull: $2"; fi
  message=${message//$'\n'/ }
  message=${message//[^[:print:]]/?}
  message=${message:0:500}
  printf '%s\n' "$message" >&2
  if [[ -w /dev/termination-log ]]; then printf '%s\n' "$message" >/dev/termination-log; fi
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

# SIGKILL, because nothing here needs an orderly shutdown: a first start starts over, and a database recovers. No process
# that holds the lock is left behind.
stop() {
  local group
  trap '' INT TERM
  trap - EXIT
  for group in $(jobs -p); do kill -KILL -- "-$group" 2>/dev/null || true; done
  wait
  exit $((128 + $1))
}

# The error message of a failed program, in one line. Never a statement or a part of it: statements contain the verifiers
# of passwords, and a syntax error quotes the text near the error.
words_of() {
  local words
  words=$(grep -m 1 -E 'error:|ERROR:|FATAL:|PANIC:|child process was' "$output" |
    sed -E 's/^.*(ERROR|FATAL|PANIC): +/\1: /; s/ at or near ".*//; s/SCRAM-SHA-256[^ ]*/SCRAM-SHA-256.../g') || true
  printf '%s' "${words:-$1 ended without a message}"
}

# Removes the settings that the image may have in its environment; only its PATH is kept.
clean_environment() {
  local name
  for name in $(compgen -e); do
    case $name in
      PGI_*) ;;
      PG* | POSTGRES_* | LC_* | LANG | LANGUAGE | TZ) unset "$name" ;;
    esac
  done
  export LC_ALL=C TMPDIR=/tmp PATH="/usr/lib/postgresql/$PGI_MAJOR/bin:$PATH"
}

check_programs() {
  local program version
  for program in postgres initdb pg_controldata flock sync sha256sum; do
    type -P "$program" >/dev/null ||
      refuse ImageDoesNotFit "The image has no program $program. Set spec.image to an image of PostgreSQL $PGI_MAJOR."
  done
  version=$(postgres --version 2>&1) || refuse ImageDoesNotFit "The program postgres of the image does not run: $version"
  [[ $version =~ ^postgres\ \(PostgreSQL\)\ ([0-9]+) && ${BASH_REMATCH[1]} == "$PGI_MAJOR" ]] ||
    refuse ImageDoesNotFit "The image contains $version, but spec.version is $PGI_MAJOR. Nothing was changed. Set \
spec.image to an image of PostgreSQL $PGI_MAJOR."
}

# Reads the file only once, so that the applied statements are those of the fingerprint. Without the marker line the file
# is incomplete.
read_roles() {
  roles=$(<"$roles_file")$'\n'
  [[ $roles == *$'\n-- database\n'* ]] || refuse "$trouble" "The file roles.sql has no line '-- database'."
  fingerprint=$(sha256sum <<<"$roles")
  fingerprint=${fingerprint%% *}
}

# postgres and all its children inherit file descriptor 9, so the lock is held until the last of them has ended. The lock
# file of PostgreSQL, postmaster.pid, does not protect between containers, because each has its own process ids. The file
# is opened for appending, because that does not change it, and because NFS grants an exclusive lock only on a file that
# is open for writing.
lock_volume() {
  local attempt
  if ! { exec 9>>"$volume/lock"; } 2>"$output"; then
    refuse "$trouble" "Cannot write to the volume: $(<"$output")"
  fi
  for ((attempt = 0; attempt < 40; attempt++)); do
    # The locked file must still have this name: a lock on a deleted file does not exclude later containers.
    if run flock -n 9 2>"$output" && [[ /proc/self/fd/9 -ef $volume/lock ]]; then return; fi
    if ((attempt == 0)); then printf 'Another container uses the volume. Waiting for that container to end.\n' >&2; fi
    run sleep 0.5
  done
  if [[ -s $output ]]; then refuse VolumeLocked "Cannot lock the volume: $(<"$output")"; fi
  refuse VolumeLocked "Another container uses this volume. No server was started and nothing was written. The start is \
retried until the other container has ended. If the node of that container is lost, make sure that the node is off."
}

holds_our_id() { [[ -e $1 && $(<"$1") == "$PGI_INSTANCE_ID" ]]; }

holds_adopted_id() { [[ -n ${PGI_ADOPT:-} && -e $1 && $(<"$1") == "$PGI_ADOPT" ]]; }

holds_nothing() {
  local entries
  if [[ ! -e $1 && ! -L $1 ]]; then return 0; fi
  [[ -d $1 && ! -L $1 ]] && entries=$(ls -A "$1") && [[ -z $entries ]]
}

system_identifier() { pg_controldata -D "$data" 2>"$output" | sed -n 's/^Database system identifier: *//p'; }

# Checks that volume, instance and spec belong together, otherwise refuses to start. Writes nothing. Sets found to nothing
# or data.
look_at_volume() {
  local names name part identifier known=${PGI_SYSTEM_IDENTIFIER:-} accepted=${PGI_ACCEPT_EMPTY_VOLUME:-}
  if [[ -e $seen ]]; then
    known=$(<"$seen") accepted= # the consent was for an empty volume, but this pod has had data since
  elif [[ -n $accepted ]] || holds_adopted_id "$volume/instance-id" || holds_adopted_id "$volume/adopted"; then
    known= # the known system identifier is that of the data that the user gave up
  fi

  if [[ -e $volume/instance-id ]] && ! holds_our_id "$volume/instance-id" &&
    ! holds_adopted_id "$volume/instance-id"; then
    refuse VolumeOfAnotherInstance "The volume belongs to the instance with the id $(<"$volume/instance-id"), but this \
instance has the id $PGI_INSTANCE_ID. Nothing was changed. Give this instance its own volume, or adopt this volume with \
the annotation postgresinstance.dev/adopt: $(<"$volume/instance-id")"
  fi
  names=$(ls -A "$volume") # fails on a damaged file system, on which single files would only appear to be absent
  while IFS= read -r name; do
    if [[ $name == "$PGI_MAJOR" || $name == "$PGI_MAJOR.new" ]]; then continue; fi
    if [[ $name =~ ^[0-9]+$ ]] && ! holds_nothing "$volume/$name"; then
      refuse SpecDoesNotMatchData "The volume contains data of PostgreSQL $name, but spec.version is $PGI_MAJOR. Nothing \
was changed. Set spec.version to $name."
    fi
    if [[ $name == PG_VERSION ]] || [[ -n $name && -e $volume/$name/PG_VERSION && ! $name =~ ^[0-9]+\.new$ ]]; then
      refuse VolumeOfAnotherInstance "The volume contains data of PostgreSQL ($name) that this instance did not create. \
Nothing was changed. Give this instance its own volume, or an empty one."
    fi
  done <<<"$names"

  if holds_nothing "$data"; then
    if [[ -z $accepted && (-n $known || -e $volume/instance-id) ]]; then
      refuse DataMissing "The volume contains no data, but this instance had data${known:+ (system identifier $known)}. \
No empty database was created in its place, and nothing was changed. Restore the contents of the volume."
    fi
    found=nothing
    return
  fi
  for part in PG_VERSION global/pg_control base pg_wal pg_xact; do
    [[ -e $data/$part ]] || refuse DataCorrupt "The data on the volume is incomplete: $PGI_MAJOR/$part is missing. \
Nothing was changed. Restore the contents of the volume."
  done
  [[ $(<"$data/PG_VERSION") == "$PGI_MAJOR" ]] || refuse SpecDoesNotMatchData "The volume contains data of PostgreSQL \
$(<"$data/PG_VERSION"), but spec.version is $PGI_MAJOR. Nothing was changed."
  identifier=$(system_identifier) || true
  [[ -n $identifier ]] || refuse DataCorrupt "Cannot read the control file of the data: $(words_of pg_controldata). \
Nothing was changed. Restore the contents of the volume."
  if [[ -n $known && $identifier != "$known" && $identifier != "${PGI_ADOPT:-}" ]]; then
    refuse SpecDoesNotMatchData "The volume contains other data (system identifier $identifier) than this instance had \
($known). Nothing was changed. Restore the contents of the volume, or adopt the data with the annotation \
postgresinstance.dev/adopt: $identifier"
  fi
  # Without the identity file, the data belongs to this instance if the operator knows the system identifier, or if the
  # first start of this instance was killed at its end.
  if [[ ! -e $volume/instance-id && -z $known && $identifier != "${PGI_ADOPT:-}" ]] &&
    ! holds_our_id "$volume/instance-id.new"; then
    refuse VolumeOfAnotherInstance "The volume contains data (system identifier $identifier), but nothing shows that it \
belongs to this instance. Nothing was changed. Give this instance its own volume, or an empty one, or adopt the data \
with the annotation postgresinstance.dev/adopt: $identifier"
  fi
  found=data
}

# Executes statements in single-user mode, where no client can connect. Turns off everything that could write the
# statements to a log, even if ALTER SYSTEM or an extension turned it on, and everything that could change their meaning
# or cancel them. Otherwise uses the configuration of the server, because recovery after a crash needs the same settings.
single_user() {
  local endless=(-c statement_timeout=0 -c lock_timeout=0)
  if ((PGI_MAJOR >= 17)); then endless+=(-c transaction_timeout=0); fi
  run postgres --single -j "$@" "${server_options[@]}" -c exit_on_error=on -c default_transaction_read_only=off \
    "${endless[@]}" -c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on -c shared_preload_libraries= \
    -c session_preload_libraries= -c local_preload_libraries= -c log_destination=stderr -c logging_collector=off -c log_min_messages=warning \
    -c log_min_error_statement=panic -c log_statement=none -c log_min_duration_statement=-1 -c log_duration=off \
    postgres >"$output" 2>&1
}

flush() { run sync "$@" 2>"$output" || refuse "$trouble" "Cannot flush the volume: $(<"$output")"; }

# Creates the data in a separate directory, flushes it, then renames the directory: the data is either complete or absent.
first_start() {
  local new=$data.new
  printf 'First start: creating the data directory %s.\n' "$data" >&2
  run rm -rf -- "$new"
  if ! run initdb -D "$new" -N -U postgres --encoding=UTF8 --auth-local=peer --auth-host=scram-sha-256 \
    --no-instructions "$@" >"$output" 2>&1; then
    cat "$output" >&2
    give_up "initdb failed: $(words_of initdb)"
  fi
  # -F disables fsync, because everything is flushed below.
  single_user -F -D "$new" <<<"$roles" || give_up "Cannot create roles and database: $(words_of postgres)"
  printf '%s\n' "$fingerprint" >"$volume/roles.sha256"
  printf '%s\n' "$PGI_INSTANCE_ID" >"$volume/instance-id.new"
  flush -f "$volume"
  mv -T "$new" "$data"
}

give_up() {
  run rm -rf -- "$data.new"
  refuse InitializationFailed "$1. There is no data yet. If the cause is in a field of the spec that cannot be changed, \
delete this PostgresInstance and create it again."
}

# Writes the identity file durably after the data and never before, so that it proves that there was data.
claim() {
  if ! holds_our_id "$volume/instance-id"; then
    if [[ -e $volume/instance-id ]]; then
      # The next start needs the former owner, too, until the operator has recorded the adopted data.
      printf '%s\n' "$PGI_ADOPT" >"$volume/adopted.new"
      flush "$volume/adopted.new"
      mv -T "$volume/adopted.new" "$volume/adopted"
    fi
    flush "$volume"
    # Not rewritten if it is correct: an interrupted write would destroy the proof that this instance owns the data.
    if ! holds_our_id "$volume/instance-id.new"; then
      printf '%s\n' "$PGI_INSTANCE_ID" >"$volume/instance-id.new"
      flush "$volume/instance-id.new"
    fi
    mv -T "$volume/instance-id.new" "$volume/instance-id"
    flush "$volume"
  fi
  rm -f -- "$volume/instance-id.new" # remains if an accepted empty volume still had the identity file
  system_identifier >"$seen"
}

# If the roles are already set, nothing runs here: the server itself recovers after a crash, where its log shows it.
set_roles() {
  if [[ -e $volume/roles.sha256 && $(<"$volume/roles.sha256") == "$fingerprint" ]]; then return; fi
  # No -F: this can be the recovery of user data. The statements below the marker are only for the first start.
  single_user -D "$data" <<<"${roles%%$'\n-- database\n'*}"$'\n' ||
    refuse Crashing "PostgreSQL could not set the roles: $(words_of postgres)"
  printf '%s\n' "$fingerprint" >"$volume/roles.sha256.new"
  mv -T "$volume/roles.sha256.new" "$volume/roles.sha256"
}

# The first line of a configuration contains its hash.
read_hash() {
  local line
  IFS= read -r line <"$config/$1"
  [[ $line =~ ^postgres_instance\.configuration\ =\ \'([0-9a-f]+)\'$ ]] ||
    refuse "$trouble" "The configuration $1 does not begin with its hash."
  hash=${BASH_REMATCH[1]}
}

# A killed server leaves postmaster.pid, whose eighth line is its state.
was_up() { [[ -e $data/postmaster.pid && $(sed -n 8p "$data/postmaster.pid") == ready* ]]; }

# A configuration that has not yet been proven is tried once in a pod, and a second time if its server was ready and then
# killed, which may have another cause. After that, the server starts with the last configuration that worked. Sets
# server_options.
choose_configuration() {
  local first second file hash fallback refused=- tried='' again=''
  read -r first second <"$config/order"
  file=$first
  read_hash "$second" && fallback=$hash
  read_hash "$first"
  if [[ -e $attempted ]]; then read -r tried again <"$attempted" || true; fi
  if [[ $hash != "$fallback" && $tried == "$hash" ]] && { [[ -n $again ]] || ! was_up; }; then
    printf 'No server started with configuration %s. Using the last one that worked, %s.\n' "$hash" "$fallback" >&2
    refused=$hash hash=$fallback file=$second
  elif [[ $tried == "$hash" ]]; then
    printf '%s again\n' "$hash" >"$attempted"
  else
    printf '%s\n' "$hash" >"$attempted"
  fi
  server_options=(-c "config_file=$config/$file" -c "hba_file=$config/pg_hba.conf"
    -c "postgres_instance.started=$file $hash $refused")
}

# Preloads pg_stat_statements if the image contains its library.
describe_image() {
  local programs library
  programs=$(readlink -f "$(type -P postgres)")
  for library in "${programs%/bin/postgres}"/lib{,/postgresql}/pg_stat_statements.so; do
    if [[ -e $library ]]; then
      printf "shared_preload_libraries = 'pg_stat_statements'\n" >"$sockets/image.conf"
    fi
  done
}

# spec.parameters takes precedence over ALTER SYSTEM, whose file would otherwise override every other file.
set_aside_alter_system() {
  local file=$data/postgresql.auto.conf
  if [[ -e $file ]] && grep -qE '^[[:space:]]*[^#[:space:]]' "$file"; then
    printf 'Moving the settings of ALTER SYSTEM to postgresql.auto.conf.set-aside. Use spec.parameters instead.\n' >&2
    mv -T "$file" "$file.set-aside"
  fi
}

# A server needs space to start: for its WAL, for temporary files, for a checkpoint. Each start on a full volume releases
# one part of the reserve, so that users can read and delete rows; a start with enough space restores the reserve.
keep_reserve() {
  local total available size part unit=$((1024 * 1024))
  read -r total available size <<<"$(stat -f -c '%b %a %S' "$volume")"
  total=$((total * size)) available=$((available * size))
  # More than a WAL segment, which is 16 MiB by default.
  size=$((total / 128 < 24 * unit ? 24 * unit : total / 128 > 64 * unit ? 64 * unit : total / 128))
  for part in "$volume"/reserve.{1,2,3,4}; do
    if ((available < 2 * size)); then
      if [[ -e $part ]]; then
        printf 'The volume is full: releasing a part of its reserve.\n' >&2
        rm -f -- "$part"
        return
      fi
    elif [[ ! -e $part ]] && ((available > 6 * size)); then
      rm -f -- "$part.new"
      if ! run fallocate -l "$size" "$part.new" 2>"$output" && ! run head -c "$size" /dev/zero >"$part.new" 2>"$output"; then
        rm -f -- "$part.new"
        return
      fi
      mv -T "$part.new" "$part"
      available=$((available - size))
    fi
  done
}

trouble=Crashing # the reason of failures without a specific one
trap 'stop 2' INT
trap 'stop 15' TERM
trap 'refuse "$trouble" "The start script failed at: $BASH_COMMAND"' EXIT # errexit: stop at any unexpected failure
[[ $PGI_MAJOR =~ ^[0-9]+$ && -n $PGI_INSTANCE_ID ]]
printf '%s\n' $$ >"$sockets/start.pid" # for the preStop hook; exec keeps the process id
clean_environment
check_programs
read_roles
lock_volume
look_at_volume
choose_configuration
describe_image
if [[ $found == nothing ]]; then
  trouble=InitializationFailed
  first_start "$@"
fi
claim
trouble=Crashing
chmod 0700 "$data" # a CSI driver that applies fsGroup makes it 2770, which Postgres refuses
# Left behind by a killed server. This script holds the lock, so that server has ended, even if another process has its
# process id by now.
rm -f -- "$data/postmaster.pid" "$sockets"/.s.PGSQL.*
keep_reserve
set_aside_alter_system
set_roles
trap - INT TERM
exec postgres -D "$data" "${server_options[@]}"
