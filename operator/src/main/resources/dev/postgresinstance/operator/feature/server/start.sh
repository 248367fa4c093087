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
#   17.restore/      the data directory of an incomplete restore, which restore.sh has begun
#   restoring        the id of the instance for which 17.restore was begun
#   restored.json    what was restored
#
# The consent of a user arrives in two environment variables: PGI_ACCEPT_EMPTY_VOLUME is set if the volume may be empty
# although there was data; PGI_ADOPT is the instance id or system identifier of other data that this instance adopts.
# PGI_RESTORE is set if the data of this instance comes from a backup: then only such a consent permits an empty database.

set -euo pipefail
umask 077

readonly volume=/pgdata data=/pgdata/$PGI_MAJOR config=/etc/postgres-instance
readonly roles_file=/etc/postgres-instance-roles/roles.sql
readonly sockets=/var/run/postgresql
# These two files exist as long as the pod: the system identifier of the data that this pod has had, and the hash of the
# configuration that it has tried last, with a note of what followed.
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

# Refuses to start if this user may not read (r), write (w) or enter (x) a file that exists. For a file in a folder that
# may not be entered, -e is false, as if the file were missing: so the folder is checked first.
require() {
  local letter letters=$1
  [[ -e $2 ]] || return 0
  if [[ ! -d $2 ]]; then letters=${letters/x/}; fi
  for ((letter = 0; letter < ${#letters}; letter++)); do
    test "-${letters:letter:1}" "$2" || refuse_access "$2"
  done
}

refuse_access() {
  local name=${1#"$volume"/} owner
  owner=$(stat -L -c 'belongs to user %u and group %g and has mode %a' -- "$1" 2>&1) || true
  if [[ $1 == "$volume" ]]; then name='the root folder'; fi
  refuse VolumeAccessDenied "The server runs as user $UID, which cannot use $name on the volume: it $owner. Nothing was \
changed. This does not mean that data is missing."
}

# postgres and all its children inherit file descriptor 9, so the lock is held until the last of them has ended. The lock
# file of PostgreSQL, postmaster.pid, does not protect between containers, because each has its own process ids. The file
# is opened for appending, because that does not change it, and because NFS grants an exclusive lock only on a file that
# is open for writing.
lock_volume() {
  local attempt
  if ! { exec 9>>"$volume/lock"; } 2>"$output"; then
    if grep -q 'Read-only file system' "$output"; then
      refuse VolumeUnavailable "The volume is read-only: it is mounted so, or its file system has become so after an \
error. Nothing was changed. The log of the node's kernel or of the storage shows why."
    fi
    require rwx "$volume"
    require w "$volume/lock"
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
# or data, and adopting to yes if a user has accepted this data for this instance.
look_at_volume() {
  local part owner='' identifier known=${PGI_SYSTEM_IDENTIFIER:-} accepted=${PGI_ACCEPT_EMPTY_VOLUME:-}
  require rwx "$volume"
  for part in instance-id instance-id.new adopted roles.sha256 restoring; do require r "$volume/$part"; done
  if [[ -e $seen ]]; then
    known=$(<"$seen") accepted= # the consent was for an empty volume, but this pod has had data since
  elif [[ -n $accepted ]] || holds_adopted_id "$volume/instance-id" || holds_adopted_id "$volume/adopted"; then
    known= # the known system identifier is that of the data that the user gave up
  fi

  ls -A "$volume" >/dev/null # fails on a damaged file system, on which single files would only appear to be absent
  adopting=
  if [[ -e $volume/instance-id ]] && ! holds_our_id "$volume/instance-id"; then
    owner=$(<"$volume/instance-id")
    if ! holds_adopted_id "$volume/instance-id"; then
      refuse VolumeOfAnotherInstance "The volume belongs to the instance with the id $owner, but this instance has the id \
$PGI_INSTANCE_ID. Nothing was changed. Give this instance its own volume$(or_adopt "this volume" "$owner")"
    fi
    adopting=yes
  fi
  if holds_nothing "$data"; then
    look_for_other_data
    if [[ -z $accepted && (-n $known || -e $volume/instance-id) ]]; then
      refuse DataMissing "The volume contains no data, but this instance had data${known:+ (system identifier $known)}. \
No empty database was created in its place, and nothing was changed. Restore the contents of the volume."
    fi
    if [[ -z $accepted && -n ${PGI_RESTORE:-} ]]; then
      refuse DataMissing "This instance is created from a backup, but the volume contains no data. No empty database was \
created in its place, and nothing was changed."
    fi
    adopting=
    found=nothing
    return
  fi

  look_at_data
  identifier=$(system_identifier) || true
  [[ -n $identifier ]] || refuse DataCorrupt "Cannot read the control file of the data: $(words_of pg_controldata). \
Nothing was changed. Restore the contents of the volume."
  if [[ -n $known && $identifier != "$known" ]]; then
    [[ $identifier == "${PGI_ADOPT:-}" ]] || refuse SpecDoesNotMatchData "The volume contains other data (system \
identifier $identifier) than this instance had ($known). Nothing was changed. Restore the contents of the \
volume$(or_adopt "the data" "$identifier")"
    adopting=yes
  fi
  # Without the identity file, the data belongs to this instance if the operator knows the system identifier, or if the
  # first start of this instance was killed at its end.
  if [[ ! -e $volume/instance-id && -z $known ]] && ! holds_our_id "$volume/instance-id.new"; then
    [[ $identifier == "${PGI_ADOPT:-}" ]] || refuse VolumeOfAnotherInstance "The volume contains data (system identifier \
$identifier), but nothing shows that it belongs to this instance. Nothing was changed. Give this instance its own \
volume, or an empty one$(or_adopt "the data" "$identifier")"
    adopting=yes
  fi
  if [[ -n $adopting ]] && part=$(obstacle_to_adoption); then
    refuse VolumeOfAnotherInstance "The data on the volume cannot be adopted: $part. Nothing was changed."
  fi
  found=data
}

# The end of a sentence that offers to adopt something, if its data can be used.
or_adopt() {
  local obstacle
  if obstacle=$(obstacle_to_adoption); then
    printf '. It cannot be adopted: %s.' "$obstacle"
  else
    printf ', or adopt %s with the annotation postgresinstance.dev/adopt: %s' "$1" "$2"
  fi
}

# Prints why data of another server cannot become that of this instance; fails if there is no reason. Own data is left to
# PostgreSQL, which can start without a tablespace, and knows what recovery is under way.
obstacle_to_adoption() {
  local name link target
  for name in standby.signal recovery.signal; do
    if [[ -e $data/$name ]]; then
      printf 'the file %s shows that it is a copy whose recovery has not ended; end its recovery on a server of its own first' \
        "$PGI_MAJOR/$name"
      return
    fi
  done
  for link in "$data"/pg_wal "$data"/pg_tblspc/*; do
    if [[ ! -L $link ]]; then continue; fi
    target=$(readlink -m -- "$link")
    if [[ $target != "$volume"/* || ! -d $target ]]; then
      printf 'a part of it, %s, is not on the volume but in %s' "${link#"$volume"/}" "$(readlink -- "$link")"
      return
    fi
  done
  return 1
}

# Checks the parts of the data directory that every data directory has. PostgreSQL checks the other ones.
look_at_data() {
  local part
  [[ -e $data ]] || refuse DataCorrupt "$PGI_MAJOR on the volume is a link to $(readlink -- "$data"), which cannot be \
reached in the pod. Nothing was changed. Put the data in place of the link."
  # PostgreSQL starts only on a directory of its own user; the mode is set later.
  [[ -O $data ]] || refuse_access "$data"
  require rwx "$data"
  for part in PG_VERSION global global/pg_control base pg_wal pg_xact; do
    if [[ -L $data/$part && ! -e $data/$part ]]; then
      refuse DataCorrupt "The data on the volume is incomplete: $PGI_MAJOR/$part is a link to $(readlink -- "$data/$part"), \
which cannot be reached in the pod. Nothing was changed. Put a copy of it in place of the link."
    fi
    [[ -e $data/$part ]] || refuse DataCorrupt "The data on the volume is incomplete: $PGI_MAJOR/$part is missing. \
Nothing was changed. Restore the contents of the volume."
    require rwx "$data/$part"
  done
  [[ $(<"$data/PG_VERSION") == "$PGI_MAJOR" ]] || refuse SpecDoesNotMatchData "The volume contains data of PostgreSQL \
$(<"$data/PG_VERSION"), but spec.version is $PGI_MAJOR. Nothing was changed."
}

# Only while this instance has no data here: what lies beside its data does not concern it. Names can contain anything.
look_for_other_data() {
  local entry name version
  for entry in "$volume"/* "$volume"/.[!.]*; do
    name=${entry##*/}
    if [[ $name == PG_VERSION ]]; then entry=$volume; fi
    if [[ -d $entry && ! ( -r $entry && -x $entry ) ]] && [[ $name != lost+found ]]; then refuse_access "$entry"; fi
    if [[ ! -f $entry/PG_VERSION || $name =~ ^[0-9]+\.new$ ]]; then continue; fi
    if [[ $name =~ ^[0-9]+\.restore$ ]]; then
      # Only a copy of what is in the archive, and not all of it.
      if holds_our_id "$volume/restoring"; then continue; fi
      refuse VolumeOfAnotherInstance "The volume contains an incomplete restore of another instance in $entry. Nothing was \
changed. Give this instance its own volume, or an empty one."
    fi
    require r "$entry/PG_VERSION"
    version=$(head -c 20 "$entry/PG_VERSION" | head -n 1)
    if [[ $name == "$version" ]]; then
      refuse SpecDoesNotMatchData "The volume contains data of PostgreSQL $name, but spec.version is $PGI_MAJOR. Nothing \
was changed. Set spec.version to $name."
    fi
    refuse VolumeOfAnotherInstance "The volume contains data of PostgreSQL $version in $entry, where this instance does \
not expect it. Nothing was changed. If it is meant for this instance, move it to $data, otherwise give this instance its \
own volume, or an empty one."
  done
}

# Executes statements in single-user mode, where no client can connect. Turns off everything that could write the
# statements to a log, even if ALTER SYSTEM or an extension turned it on, and everything that could change their meaning,
# cancel them or make them wait, as a commit waits for a standby. The caller passes the directory and the configuration.
# The database is postgres, unless single_user_database names another one.
single_user() {
  local endless=(-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0 -c synchronous_commit=local)
  if ((PGI_MAJOR >= 17)); then endless+=(-c transaction_timeout=0); fi
  run postgres --single -j "$@" -c exit_on_error=on -c default_transaction_read_only=off \
    "${endless[@]}" -c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on -c shared_preload_libraries= \
    -c session_preload_libraries= -c local_preload_libraries= -c log_destination=stderr -c logging_collector=off -c log_min_messages=warning \
    -c log_min_error_statement=panic -c log_statement=none -c log_min_duration_statement=-1 -c log_duration=off \
    "${single_user_database:-postgres}" >"$output" 2>&1
}

flush() { run sync "$@" 2>"$output" || refuse "$trouble" "Cannot flush the volume: $(<"$output")"; }

# Creates the data in a separate directory, flushes it, then renames the directory: the data is either complete or absent.
first_start() {
  local new=$data.new
  printf 'First start: creating the data directory %s.\n' "$data" >&2
  run rm -rf -- "$new"
  rm -f -- "$volume/restored.json" # or a later restore would take this data for its own
  if holds_our_id "$volume/restoring"; then
    # The rest of a restore. What permits to delete it goes last.
    run rm -rf -- "$volume"/[1-9][0-9].restore
    rm -f -- "$volume/restoring"
  fi
  if ! run initdb -D "$new" -N -U postgres --encoding=UTF8 --auth-local=peer --auth-host=scram-sha-256 \
    --no-instructions "$@" >"$output" 2>&1; then
    cat "$output" >&2
    give_up "initdb failed: $(words_of initdb)"
  fi
  # -F disables fsync, because everything is flushed below. No configuration, because none is needed: the server itself
  # tries the parameters of the user, and can fall back to others. Huge pages are off as in postgresql.conf; the sizes
  # allow all segments of WAL.
  single_user -F -D "$new" -c config_file=/dev/null -c huge_pages=off -c min_wal_size=2GB -c max_wal_size=2GB \
    <<<"$roles" || give_up "Cannot create roles and database: $(words_of postgres)"
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

# If the roles are already set, nothing runs here: the server itself recovers after a crash, where its log shows it. Data
# that is being adopted has other roles, whatever the file says.
set_roles() {
  local superuser
  if [[ -z $adopting && -e $volume/roles.sha256 && $(<"$volume/roles.sha256") == "$fingerprint" ]]; then return; fi
  # The former owner has to set its roles again, should this instance not adopt its data in the end.
  if [[ -n $adopting ]]; then rm -f -- "$volume/roles.sha256"; fi
  # The superuser of other data can have any name; in single-user mode, every session is one of that superuser.
  superuser='CREATE EXTENSION IF NOT EXISTS plpgsql;

DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $n$postgres$n$) THEN CREATE ROLE postgres; END IF; END$$;

ALTER ROLE postgres SUPERUSER CREATEROLE CREATEDB REPLICATION BYPASSRLS LOGIN;

'
  printf 'Setting the roles. After a crash, this recovers the data first.\n' >&2
  # No -F, and the configuration of the server: this can be the recovery of user data, which needs the same settings. The
  # statements below the marker are only for the first start.
  roles=$superuser${roles%%$'\n-- database\n'*}$'\n'
  if ! single_user -D "$data" "${server_options[@]}" <<<"$roles"; then
    create_missing_databases
    single_user -D "$data" "${server_options[@]}" <<<"$roles" || refuse_roles
  fi
  printf '%s\n' "$fingerprint" >"$volume/roles.sha256.new"
  mv -T "$volume/roles.sha256.new" "$volume/roles.sha256"
}

# template0 exists in nearly all data: nobody can connect to it outside of single-user mode. An error for a database that
# exists is expected.
create_missing_databases() {
  local statement
  for statement in 'CREATE DATABASE postgres TEMPLATE template0;' \
    'CREATE DATABASE template1 TEMPLATE template0 IS_TEMPLATE true;'; do
    single_user_database=template0 single_user -D "$data" "${server_options[@]}" <<<"$statement"$'\n' || true
  done
}

refuse_roles() {
  if [[ -n $adopting ]]; then
    refuse VolumeOfAnotherInstance "The data on the volume cannot be adopted, and this instance has not claimed it: \
$(words_of postgres)"
  fi
  refuse Crashing "PostgreSQL could not set the roles: $(words_of postgres)"
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

# Sets objections to what PostgreSQL says against a configuration, in one line; to nothing if it finds no fault. With -C,
# the postmaster reads the file, checks which values fit together and loads the libraries, and then ends: it neither
# allocates memory nor reads data. It does load the certificate. The log parameters in the file have no effect on what it
# says here. Further arguments are options of the postmaster.
find_objections() {
  local line
  objections=
  if run postgres -D "$data" -c "config_file=$config/$1" -c log_line_prefix= -c log_min_messages=warning \
    -c log_error_verbosity=default -c log_destination=stderr -c logging_collector=off -c lc_messages=C \
    "${@:2}" -C shared_memory_size >"$output" 2>&1; then return; fi
  while IFS= read -r line; do
    case $line in
      'LOG:  '*) line=${line#LOG:  } line=${line% in file \"*} ;;
      'FATAL:  configuration file '*' contains errors') continue ;;
      'FATAL:  '* | 'PANIC:  '* | 'postgres: '*) line=${line#postgres: } ;;
      'DETAIL:  '* | 'HINT:  '*)
        objections+=" (${line#*:  })"
        continue
        ;;
      *) continue ;;
    esac
    objections+=${objections:+; }$line
  done <"$output"
  objections=${objections//[^[:print:]]/?}
  objections=${objections:0:500}
}

# Whether PostgreSQL would start with a configuration if it did not have to load the certificate.
rejects_certificate() {
  local objections cause
  find_objections "$1"
  cause=$objections
  if [[ -z $cause ]]; then return 1; fi
  if [[ $cause == *'SSL is not supported by this build'* ]]; then # then it rejects the file even with -c ssl=off
    refuse ImageDoesNotFit "PostgreSQL in the image is built without OpenSSL, so it cannot offer TLS. Set spec.image to an \
image of PostgreSQL $PGI_MAJOR that is built with OpenSSL."
  fi
  find_objections "$1" -c ssl=off
  if [[ -n $objections ]]; then return 1; fi
  printf 'PostgreSQL rejects the certificate (%s). Starting without TLS.\n' "$cause" >&2
}

# Whether a server with this configuration would log nothing about a failed start.
hides_errors() { grep -qi "^log_min_messages = 'panic'" "$config/$1"; }

# A configuration that has not yet been proven is tried once in a pod, and a second time if its server was ready and then
# killed, which may have another cause, or if its server has failed and logged nothing, because log_min_messages is panic.
# After that, the server starts with the last configuration that worked. If only the certificate is at fault, it starts
# with the same configuration, but without TLS. Sets server_options.
choose_configuration() {
  local first second file hash fallback refused=- tried='' note='' objections='' tls=() ready=$1
  read -r first second <"$config/order"
  file=$first
  read_hash "$second" && fallback=$hash
  read_hash "$first"
  if [[ -e $attempted ]]; then read -r tried note <"$attempted" || true; fi
  if [[ -n $tried && -z $ready ]] && rejects_certificate "$file"; then tls=(-c ssl=off); fi
  if [[ ( -n $note || ${#tls[@]} == 0 ) && $hash != "$fallback" && $tried == "$hash" && ( -n $note || -z $ready ) ]]; then
    find_objections "$file"
    if [[ -n $note || -n $objections ]] || ! hides_errors "$file"; then
      printf 'No server started with configuration %s%s. Using the last one that worked, %s.\n' "$hash" \
        "${objections:+ ($objections)}" "$fallback" >&2
      refused=$hash hash=$fallback file=$second
      if rejects_certificate "$file"; then tls=(-c ssl=off); fi
    fi
  fi
  server_options=(-c "config_file=$config/$file" -c "hba_file=$config/pg_hba.conf"
    -c "postgres_instance.started=$file $hash $refused" -c "postgres_instance.objections=$objections" "${tls[@]}")
  # Only where a server of the same configuration has failed in this pod: then its message matters more than the user's
  # log_min_messages.
  if [[ -z $ready && ( $note == fallback || ( $refused == - && $tried == "$hash" ) ) ]] && hides_errors "$file"; then
    server_options+=(-c log_min_messages=fatal)
  fi
  if [[ $refused != - ]]; then
    printf '%s fallback\n' "$refused" >"$attempted"
  elif [[ $tried == "$hash" ]]; then
    printf '%s again\n' "$hash" >"$attempted"
  else
    printf '%s\n' "$hash" >"$attempted"
  fi
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
describe_image
if [[ $found == nothing ]]; then
  trouble=InitializationFailed
  first_start "$@"
fi
if [[ -z $adopting ]]; then claim; fi
trouble=Crashing
chmod 0700 "$data" # a CSI driver that applies fsGroup makes it 2770, which Postgres refuses
ready_before=
if was_up; then ready_before=yes; fi
# Left behind by a killed server. This script holds the lock, so that server has ended, even if another process has its
# process id by now.
rm -f -- "$data/postmaster.pid" "$sockets"/.s.PGSQL.*
# PostgreSQL may already run in choose_configuration: it needs space, and must not read what ALTER SYSTEM has written.
if [[ -z $adopting ]]; then keep_reserve; fi
set_aside_alter_system
choose_configuration "$ready_before"
set_roles
# The identity comes last: it must not name this instance as the owner of data that it cannot use.
if [[ -n $adopting ]]; then
  claim
  keep_reserve
fi
trap - INT TERM
exec postgres -D "$data" "${server_options[@]}"
