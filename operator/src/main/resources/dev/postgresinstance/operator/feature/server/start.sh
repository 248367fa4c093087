#!/bin/bash
# Starts the one Postgres of this pod on its volume, and becomes it. Arguments: those for initdb, at the first start.
#
# People's data depends on this script. What it promises:
# - At most one server on a volume: one lock is held from before the first look until the last process has gone.
# - A volume with data is never initialised, and an empty one never in place of data. In doubt it refuses.
# - Who refuses changes nothing on the volume. A kill at any moment leaves what the next start can go on from.
#
# On the volume: 17/ is the data, named after its major version; 17.new/ a first start that did not end; instance-id says
# whose data it is and, by being there, that there was data; instance-id.new is the same before it is proved;
# roles.sha256 tells which roles.sql was last applied; adopted, whose data a person has accepted as this instance's; lock
# is empty; reserve.1 to reserve.4 hold room for a full volume.
#
# What a person has accepted comes as PGI_ACCEPT_EMPTY_VOLUME, set when the volume may be empty in place of data, and
# PGI_ADOPT, the instance id or system identifier of other data that is to be this instance's.

set -euo pipefail
umask 077

readonly volume=/pgdata data=/pgdata/$PGI_MAJOR config=/etc/postgres-instance
readonly roles_file=/etc/postgres-instance-roles/roles.sql
readonly sockets=/var/run/postgresql
readonly seen=$sockets/data-seen # lives as long as the pod: which data this very pod has had
readonly attempted=$sockets/configuration-attempted # as well: the configuration its last server was started with
readonly output=/tmp/start.output

# The container ends with `Reason: sentence` in the log and as the termination message, from where it becomes the
# condition of the instance: short, on one line, printable ASCII whatever a program said.
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

# Bash answers a signal only after the program in the foreground has ended. So everything that takes time runs in the
# background, at the head of a process group of its own, and is waited for.
run() {
  local status=0
  set -m
  "$@" <&0 &
  set +m
  wait $! || status=$?
  return $status
}

# SIGKILL because nothing here needs an orderly end: a first start begins anew, and a database recovers. No process that
# holds the lock is left behind.
stop() {
  local group
  trap '' INT TERM
  trap - EXIT
  for group in $(jobs -p); do kill -KILL -- "-$group" 2>/dev/null || true; done
  wait
  exit $((128 + $1))
}

# What a program that failed said, in one line. Never a statement or a piece of one: statements hold the verifiers of
# passwords, and a syntax error quotes what it stumbled on.
words_of() {
  local words
  words=$(grep -m 1 -E 'error:|ERROR:|FATAL:|PANIC:|child process was' "$output" |
    sed -E 's/^.*(ERROR|FATAL|PANIC): +/\1: /; s/ at or near ".*//; s/SCRAM-SHA-256[^ ]*/SCRAM-SHA-256.../g') || true
  printf '%s' "${words:-$1 ended without a word}"
}

# Nothing is taken from the image's environment but where its programs are.
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
  version=$(postgres --version 2>&1) || refuse ImageDoesNotFit "The image's postgres does not run: $version"
  [[ $version =~ ^postgres\ \(PostgreSQL\)\ ([0-9]+) && ${BASH_REMATCH[1]} == "$PGI_MAJOR" ]] ||
    refuse ImageDoesNotFit "The image has $version, but spec.version is $PGI_MAJOR. Nothing was changed. Set spec.image \
to an image of PostgreSQL $PGI_MAJOR."
}

# Read once, so that what is applied is what the fingerprint is of. Without its mark it is not the whole file.
read_roles() {
  roles=$(<"$roles_file")$'\n'
  [[ $roles == *$'\n-- database\n'* ]] || refuse "$trouble" "The file roles.sql has no line '-- database'."
  fingerprint=$(sha256sum <<<"$roles")
  fingerprint=${fingerprint%% *}
}

# postgres inherits file descriptor 9 through exec, and so do all its children: the lock is free when the last one has
# gone, not before. Postgres' own lock, postmaster.pid, is none between containers, each of which counts its processes
# anew. The file is opened for appending because that changes nothing in it, and because NFS grants an exclusive lock
# only on a file open for writing.
lock_volume() {
  local attempt
  if ! { exec 9>>"$volume/lock"; } 2>"$output"; then
    refuse "$trouble" "The volume cannot be written: $(<"$output")"
  fi
  for ((attempt = 0; attempt < 40; attempt++)); do
    # It must still be the file of that name: a lock on a deleted one keeps out nobody who comes later.
    if run flock -n 9 2>"$output" && [[ /proc/self/fd/9 -ef $volume/lock ]]; then return; fi
    if ((attempt == 0)); then printf 'Another container uses the volume. This one waits for it to end.\n' >&2; fi
    run sleep 0.5
  done
  if [[ -s $output ]]; then refuse VolumeLocked "The volume cannot be locked: $(<"$output")"; fi
  refuse VolumeLocked "Another container uses this volume, so this one started no server and wrote nothing. It tries \
again until the other one has ended. If that one's node is lost, make sure that the node is off."
}

holds_our_id() { [[ -e $1 && $(<"$1") == "$PGI_INSTANCE_ID" ]]; }

holds_adopted_id() { [[ -n ${PGI_ADOPT:-} && -e $1 && $(<"$1") == "$PGI_ADOPT" ]]; }

holds_nothing() {
  local entries
  if [[ ! -e $1 && ! -L $1 ]]; then return 0; fi
  [[ -d $1 && ! -L $1 ]] && entries=$(ls -A "$1") && [[ -z $entries ]]
}

system_identifier() { pg_controldata -D "$data" 2>"$output" | sed -n 's/^Database system identifier: *//p'; }

# Looks, refuses what does not belong together, and writes nothing. Sets found to nothing or data.
look_at_volume() {
  local names name part identifier known=${PGI_SYSTEM_IDENTIFIER:-} accepted=${PGI_ACCEPT_EMPTY_VOLUME:-}
  if [[ -e $seen ]]; then
    known=$(<"$seen") accepted= # this very pod has had data since a person accepted that there was none
  elif [[ -n $accepted ]] || holds_adopted_id "$volume/instance-id" || holds_adopted_id "$volume/adopted"; then
    known= # what is known is of the data that was given up for this
  fi

  if [[ -e $volume/instance-id ]] && ! holds_our_id "$volume/instance-id" &&
    ! holds_adopted_id "$volume/instance-id"; then
    refuse VolumeOfAnotherInstance "The volume belongs to the instance with the id $(<"$volume/instance-id"); this one \
has $PGI_INSTANCE_ID. Nothing was changed. Give this instance its own volume, or accept this one with the annotation \
postgresinstance.dev/adopt: $(<"$volume/instance-id")"
  fi
  names=$(ls -A "$volume") # as a list: a file system in trouble fails here, where single files would only seem absent
  while IFS= read -r name; do
    if [[ $name == "$PGI_MAJOR" || $name == "$PGI_MAJOR.new" ]]; then continue; fi
    if [[ $name =~ ^[0-9]+$ ]] && ! holds_nothing "$volume/$name"; then
      refuse SpecDoesNotMatchData "The volume holds data of PostgreSQL $name, but spec.version is $PGI_MAJOR. Nothing \
was changed. Set spec.version to $name."
    fi
    if [[ $name == PG_VERSION ]] || [[ -n $name && -e $volume/$name/PG_VERSION && ! $name =~ ^[0-9]+\.new$ ]]; then
      refuse VolumeOfAnotherInstance "The volume holds data of a Postgres ($name) that this instance did not make. \
Nothing was changed. Give this instance its own volume, or an empty one."
    fi
  done <<<"$names"

  if holds_nothing "$data"; then
    if [[ -z $accepted && (-n $known || -e $volume/instance-id) ]]; then
      refuse DataMissing "The volume has no data, but this instance has had some${known:+ (system identifier $known)}. \
No empty database was made in its place, nothing was changed. Bring the contents of the volume back."
    fi
    found=nothing
    return
  fi
  for part in PG_VERSION global/pg_control base pg_wal pg_xact; do
    [[ -e $data/$part ]] || refuse DataCorrupt "The data on the volume is not whole: $PGI_MAJOR/$part is missing. \
Nothing was changed. Bring the contents of the volume back."
  done
  [[ $(<"$data/PG_VERSION") == "$PGI_MAJOR" ]] || refuse SpecDoesNotMatchData "The volume holds data of PostgreSQL \
$(<"$data/PG_VERSION"), but spec.version is $PGI_MAJOR. Nothing was changed."
  identifier=$(system_identifier) || true
  [[ -n $identifier ]] || refuse DataCorrupt "The control file of the data cannot be read: $(words_of pg_controldata). \
Nothing was changed. Bring the contents of the volume back."
  if [[ -n $known && $identifier != "$known" && $identifier != "${PGI_ADOPT:-}" ]]; then
    refuse SpecDoesNotMatchData "The volume holds other data (system identifier $identifier) than this instance has had \
($known). Nothing was changed. Bring the contents of the volume back, or accept these with the annotation \
postgresinstance.dev/adopt: $identifier"
  fi
  # Without the identity file it is ours if the operator knows the data, or if our own first start was killed at its end.
  if [[ ! -e $volume/instance-id && -z $known && $identifier != "${PGI_ADOPT:-}" ]] &&
    ! holds_our_id "$volume/instance-id.new"; then
    refuse VolumeOfAnotherInstance "The volume holds data (system identifier $identifier), but nothing says that it is \
of this instance. Nothing was changed. Give this instance its own volume, or an empty one, or accept this data with the \
annotation postgresinstance.dev/adopt: $identifier"
  fi
  found=data
}

# Statements without a server that anybody could reach. What could write them to a log is off, also where ALTER SYSTEM or
# an extension put it on, and so is what could make them mean something else or end them. Otherwise with the server's
# configuration, as recovery after a crash needs what the server had.
single_user() {
  local endless=(-c statement_timeout=0 -c lock_timeout=0)
  if ((PGI_MAJOR >= 17)); then endless+=(-c transaction_timeout=0); fi
  run postgres --single -j "$@" "${server_options[@]}" -c exit_on_error=on -c default_transaction_read_only=off \
    "${endless[@]}" -c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on -c shared_preload_libraries= \
    -c session_preload_libraries= -c local_preload_libraries= -c log_destination=stderr -c logging_collector=off -c log_min_messages=warning \
    -c log_min_error_statement=panic -c log_statement=none -c log_min_duration_statement=-1 -c log_duration=off \
    postgres >"$output" 2>&1
}

flush() { run sync "$@" 2>"$output" || refuse "$trouble" "The volume could not be flushed: $(<"$output")"; }

# Made beside its place, flushed, then renamed: the data is there as a whole or not at all.
first_start() {
  local new=$data.new
  printf 'First start: making the data directory %s.\n' "$data" >&2
  run rm -rf -- "$new"
  if ! run initdb -D "$new" -N -U postgres --encoding=UTF8 --auth-local=peer --auth-host=scram-sha-256 \
    --no-instructions "$@" >"$output" 2>&1; then
    cat "$output" >&2
    give_up "initdb failed: $(words_of initdb)"
  fi
  # -F, no flushing: all is flushed below.
  single_user -F -D "$new" <<<"$roles" || give_up "Roles and database could not be made: $(words_of postgres)"
  printf '%s\n' "$fingerprint" >"$volume/roles.sha256"
  printf '%s\n' "$PGI_INSTANCE_ID" >"$volume/instance-id.new"
  flush -f "$volume"
  mv -T "$new" "$data"
}

give_up() {
  run rm -rf -- "$data.new"
  refuse InitializationFailed "$1. There is no data yet. If the cause is in a field of the spec that cannot be changed, \
delete this PostgresInstance and make it anew."
}

# The identity file comes durably after the data and never before it: that is why it proves that there was data.
claim() {
  if ! holds_our_id "$volume/instance-id"; then
    if [[ -e $volume/instance-id ]]; then
      # Until the operator has recorded whose data this is, the next start needs to know as well.
      printf '%s\n' "$PGI_ADOPT" >"$volume/adopted.new"
      flush "$volume/adopted.new"
      mv -T "$volume/adopted.new" "$volume/adopted"
    fi
    flush "$volume"
    # Not written again when it is right: cut off half-way it would no longer say that the data is ours.
    if ! holds_our_id "$volume/instance-id.new"; then
      printf '%s\n' "$PGI_INSTANCE_ID" >"$volume/instance-id.new"
      flush "$volume/instance-id.new"
    fi
    mv -T "$volume/instance-id.new" "$volume/instance-id"
    flush "$volume"
  fi
  rm -f -- "$volume/instance-id.new" # left where an accepted empty volume had the identity file still
  system_identifier >"$seen"
}

# When they are set already, recovery after a crash is left to the server, where it can be seen.
set_roles() {
  if [[ -e $volume/roles.sha256 && $(<"$volume/roles.sha256") == "$fingerprint" ]]; then return; fi
  # No -F: this may be people's data in recovery. What is below the mark is for the first start.
  single_user -D "$data" <<<"${roles%%$'\n-- database\n'*}"$'\n' ||
    refuse Crashing "Postgres could not set the roles: $(words_of postgres)"
  printf '%s\n' "$fingerprint" >"$volume/roles.sha256.new"
  mv -T "$volume/roles.sha256.new" "$volume/roles.sha256"
}

# The first line of a configuration says its hash.
read_hash() {
  local line
  IFS= read -r line <"$config/$1"
  [[ $line =~ ^postgres_instance\.configuration\ =\ \'([0-9a-f]+)\'$ ]] ||
    refuse "$trouble" "The configuration $1 does not begin with its hash."
  hash=${BASH_REMATCH[1]}
}

# A server that was killed leaves its file, and the file says how far it had come.
was_up() { [[ -e $data/postmaster.pid && $(sed -n 8p "$data/postmaster.pid") == ready* ]]; }

# A configuration that has not worked yet is tried once in a pod, and once more when the server had come up with it and was
# killed, which need not be the configuration's fault. Then the next one starts with the last that worked. Sets
# server_options.
choose_configuration() {
  local first second file hash fallback refused=- tried='' again=''
  read -r first second <"$config/order"
  file=$first
  read_hash "$second" && fallback=$hash
  read_hash "$first"
  if [[ -e $attempted ]]; then read -r tried again <"$attempted" || true; fi
  if [[ $hash != "$fallback" && $tried == "$hash" ]] && { [[ -n $again ]] || ! was_up; }; then
    printf 'No server came up with configuration %s. This one has the last that worked, %s.\n' "$hash" "$fallback" >&2
    refused=$hash hash=$fallback file=$second
  elif [[ $tried == "$hash" ]]; then
    printf '%s again\n' "$hash" >"$attempted"
  else
    printf '%s\n' "$hash" >"$attempted"
  fi
  server_options=(-c "config_file=$config/$file" -c "hba_file=$config/pg_hba.conf"
    -c "postgres_instance.started=$file $hash $refused")
}

# Statistics of statements are preloaded where the image has the library for it.
describe_image() {
  local programs library
  programs=$(readlink -f "$(type -P postgres)")
  for library in "${programs%/bin/postgres}"/lib{,/postgresql}/pg_stat_statements.so; do
    if [[ -e $library ]]; then
      printf "shared_preload_libraries = 'pg_stat_statements'\n" >"$sockets/image.conf"
    fi
  done
}

# The spec wins over ALTER SYSTEM, whose file would win over every other.
set_aside_alter_system() {
  local file=$data/postgresql.auto.conf
  if [[ -e $file ]] && grep -qE '^[[:space:]]*[^#[:space:]]' "$file"; then
    printf 'What was set by ALTER SYSTEM is set aside, see postgresql.auto.conf.set-aside. Use spec.parameters.\n' >&2
    mv -T "$file" "$file.set-aside"
  fi
}

# A server needs room to start: for its log, for temporary files, for a checkpoint. Each start on a full volume gives back
# one part of the reserve, so that rows can be read, and dropped; a start with room enough makes it whole again.
keep_reserve() {
  local total available size part unit=$((1024 * 1024))
  read -r total available size <<<"$(stat -f -c '%b %a %S' "$volume")"
  total=$((total * size)) available=$((available * size))
  # More than a segment of the log, which is 16 MiB by default.
  size=$((total / 128 < 24 * unit ? 24 * unit : total / 128 > 64 * unit ? 64 * unit : total / 128))
  for part in "$volume"/reserve.{1,2,3,4}; do
    if ((available < 2 * size)); then
      if [[ -e $part ]]; then
        printf 'The volume is full: a part of its reserve is given back.\n' >&2
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

trouble=Crashing # the reason of what has no better one
trap 'stop 2' INT
trap 'stop 15' TERM
trap 'refuse "$trouble" "The start script ended at: $BASH_COMMAND"' EXIT # errexit: go on after no surprise
[[ $PGI_MAJOR =~ ^[0-9]+$ && -n $PGI_INSTANCE_ID ]]
printf '%s\n' $$ >"$sockets/start.pid" # for the preStop hook; exec keeps the number
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
# What a killed server leaves. We hold the lock, so that server is gone, whoever has its process id by now.
rm -f -- "$data/postmaster.pid" "$sockets"/.s.PGSQL.*
keep_reserve
set_aside_alter_system
set_roles
trap - INT TERM
exec postgres -D "$data" "${server_options[@]}"
