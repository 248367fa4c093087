#!/bin/bash
# Restores a database onto the volume of an instance: recovers the files that the container fetch unpacks, checks what it
# has recovered, and only then gives the data its final name. The log of the recovery is that of this container.
#
# The data of users depends on this script. Its guarantees:
# - No server and no other restore uses the volume meanwhile: the lock of start.sh is held from before the first check until
#   the last process has ended.
# - No data is overwritten: the volume must contain none, except for what an interrupted restore of this instance has left.
# - A part of a database never looks like all of it: the data gets its name after the recovery has reached the end that the
#   archive promises, and the identity of the instance follows last. After a kill at any moment, the next restore starts
#   over, or completes the last step.
#
# With PGI_VERIFY, the restore only shows that the archive is good: the data is recovered to the end, checked with all that
# PostgreSQL has for this, and never gets its final name. The volume is deleted with the pod.
#
# Files on the volume, besides those of start.sh:
#   17.restore/    the data directory of an incomplete restore
#   restoring      the id of the instance for which 17.restore is being written; its existence permits to delete 17.restore
#   restored.json  what was restored; written before the data gets its name
#   restore.lock   an empty file that the container fetch locks
#
# Files shared with the container fetch, in an empty folder of the pod:
#   locked         the volume is locked, and fit for a restore: fetch can read the archive
#   plan           what to recover, as lines "key=value"
#   prepared       fetch can write 17.restore
#   base-ready     17.restore contains all files of the base backup; or 17.restore/parts/000 those of a full one, and
#                  17.restore/parts/001 and so on those of incremental ones, each based on the one before
#   want/FILE      PostgreSQL waits for a file of the write-ahead log
#   wal/FILE       the file, to be copied and deleted; or missing/FILE if the archive has none
#   alive          changes every two seconds while this script runs, as progress does while fetch runs
#   verified       what a verification has reached, as lines "key=value"
#   fetch-failed   fetch has ended with this text, "Reason: sentence"
#   done, failed   this script has ended; failed contains "Reason: sentence"

set -euo pipefail
umask 077

readonly volume=/pgdata data=/pgdata/$PGI_MAJOR staging=/pgdata/$PGI_MAJOR.restore exchange=/exchange
# Only this container has its /tmp, so only its processes reach the socket of the server.
readonly own=/tmp/restore
readonly output=$own/output server_log=$own/server.log
server=

# Ends the container: with `Reason: sentence` in the log and for the container fetch, and with both as JSON in the
# termination message. The sentence is short, on one line, and printable ASCII, whatever a program printed.
refuse() {
  local reason=$1 sentence=$2
  trap - EXIT
  if [[ $sentence == *'No space left on device'* ]]; then reason=DiskFull; fi
  sentence=${sentence//$'\n'/ }
  sentence=${sentence//[^[:print:]]/?}
  sentence=${sentence:0:1000}
  printf '%s: %s\n' "$reason" "$sentence" >&2
  if printf '%s: %s\n' "$reason" "$sentence" 2>/dev/null >"$exchange/failed.new"; then
    mv -T "$exchange/failed.new" "$exchange/failed" || true
  fi
  stop_processes
  sentence=${sentence//\\/\\\\}
  leave_result "{\"reason\":\"$reason\",\"message\":\"${sentence//\"/\\\"}\"}"
  # The Job of a verification does not repeat what would find the same again.
  if [[ -n ${PGI_VERIFY:-} && $reason == @(*Damaged|*Corrupt|WalMissing|RestoreIncomplete) ]]; then exit 3; fi
  exit 1
}

leave_result() {
  if [[ -w /dev/termination-log ]]; then printf '%s\n' "$1" >/dev/termination-log; fi
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

# Nothing here needs an orderly shutdown: an interrupted restore starts over. No process that holds the lock is left
# behind: SIGQUIT makes the postmaster end its children, which have process groups of their own.
stop_processes() {
  local group
  if [[ -n $server ]] && kill -QUIT "$server" 2>/dev/null; then wait "$server" || true; fi
  for group in $(jobs -p); do kill -KILL -- "-$group" 2>/dev/null || true; done
  { wait; } 2>/dev/null # Bash would report each killed process
}

stop() {
  trap '' INT TERM
  refuse RestoreInterrupted "The restore was stopped by a signal. The next one starts over, or completes it."
}

# The error message of a failed program, in one line.
words_of() {
  local words
  words=$(grep -m 1 -E 'error:|ERROR:|FATAL:|PANIC:' "${2:-$output}" | sed -E 's/^.*(ERROR|FATAL|PANIC): +/\1: /') || true
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
  for program in postgres psql pg_controldata flock sync ${PGI_VERIFY:+pg_amcheck pg_dumpall pg_checksums}; do
    type -P "$program" >/dev/null ||
      refuse ImageDoesNotFit "The image has no program $program. Set spec.image to an image of PostgreSQL $PGI_MAJOR."
  done
  version=$(postgres --version 2>&1) || refuse ImageDoesNotFit "The program postgres of the image does not run: $version"
  [[ $version =~ ^postgres\ \(PostgreSQL\)\ ([0-9]+) && ${BASH_REMATCH[1]} == "$PGI_MAJOR" ]] ||
    refuse ImageDoesNotFit "The image contains $version, but spec.version is $PGI_MAJOR. Nothing was changed. Set \
spec.image to an image of PostgreSQL $PGI_MAJOR."
}

# Refuses if this user may not read (r), write (w) or enter (x) a file that exists. For a file in a folder that may not be
# entered, -e is false, as if the file were missing: so the folder is checked first.
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
  refuse VolumeAccessDenied "The restore runs as user $UID, which cannot use $name on the volume: it $owner. Nothing was \
changed."
}

# The lock of start.sh. The server and all its children inherit file descriptor 9, so the lock is held until the last of
# them has ended.
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
  refuse VolumeLocked "Another container uses this volume. Nothing was written. If the node of that container is lost, \
make sure that the node is off."
}

holds_our_id() { [[ -e $1 && $(<"$1") == "$PGI_INSTANCE_ID" ]]; }

holds_nothing() {
  local entries
  if [[ ! -e $1 && ! -L $1 ]]; then return 0; fi
  [[ -d $1 && ! -L $1 ]] && entries=$(ls -A "$1") && [[ -z $entries ]]
}

# Checks that the volume is fit for this restore, otherwise refuses. Writes nothing. Sets found to nothing, or to restored
# if an earlier run has given the data its name.
look_at_volume() {
  local part
  require rwx "$volume"
  for part in instance-id instance-id.new restoring restored.json; do require r "$volume/$part"; done
  ls -A "$volume" >/dev/null # fails on a damaged file system, on which single files would only appear to be absent
  if [[ -e $volume/instance-id ]] && ! holds_our_id "$volume/instance-id"; then
    refuse VolumeOfAnotherInstance "The volume belongs to the instance with the id $(<"$volume/instance-id"), but this \
instance has the id $PGI_INSTANCE_ID. Nothing was changed. Give this instance its own volume."
  fi
  if holds_nothing "$data"; then
    look_for_other_data
    found=nothing
    return
  fi
  # The data got its name when everything beside it was durable.
  if [[ -s $volume/restored.json ]] &&
    { holds_our_id "$volume/instance-id" || { [[ ! -e $volume/instance-id ]] && holds_our_id "$volume/instance-id.new"; }; }; then
    # The resource can be another one than that for which the data was restored.
    [[ $(<"$volume/restored.json") == *"\"source\":\"${PGI_RESTORE:-}\""* ]] || refuse VolumeNotEmpty "The volume already \
contains a database that was restored from another source than spec.source. Nothing was changed. Restore into an instance \
with an empty volume."
    found=restored
    return
  fi
  refuse VolumeNotEmpty "The volume already contains a database in $data, which no restore of this instance has created. \
Nothing was changed. Restore into an instance with an empty volume."
}

# Names can contain anything.
look_for_other_data() {
  local entry name
  for entry in "$volume"/* "$volume"/.[!.]*; do
    name=${entry##*/}
    if [[ $name == PG_VERSION ]]; then entry=$volume; fi
    if [[ -d $entry && ! ( -r $entry && -x $entry ) ]] && [[ $name != lost+found ]]; then refuse_access "$entry"; fi
    if [[ $entry == "$staging" ]]; then
      # Only a copy of the archive, if the restore that has begun it was one of this instance.
      if holds_our_id "$volume/restoring" || holds_nothing "$entry"; then continue; fi
    elif [[ ! -f $entry/PG_VERSION ]]; then
      continue
    fi
    refuse VolumeOfAnotherInstance "The volume contains a database in $entry, where this instance does not expect it. \
Nothing was changed. Restore into an instance with an empty volume."
  done
}

flush() { run sync "$@" 2>"$output" || refuse "$trouble" "Cannot flush the volume: $(<"$output")"; }

# write NAME TEXT: replaces a file of the volume durably.
write() {
  printf '%s\n' "$2" >"$volume/$1.new" || refuse "$trouble" "Cannot write to the volume."
  flush "$volume/$1.new"
  mv -T "$volume/$1.new" "$volume/$1"
  flush "$volume"
}

# Changes a file every two seconds, as long as this script runs. Without the lock of the volume.
show_life() {
  local beat=0
  exec 9>&-
  while [[ -d /proc/$$ ]]; do
    printf '%s\n' "$((++beat))" >"$exchange/alive"
    sleep 2 || return
  done
}

announce() {
  : >"$exchange/$1.new"
  mv -T "$exchange/$1.new" "$exchange/$1"
}

# Refuses if the container fetch has failed, or has shown no sign of life for a minute, or for a quarter of an hour if its
# image may still have to be pulled. Called twice a second.
check_fetch() {
  local progress='' words
  if [[ -e $exchange/fetch-failed ]]; then
    words=$(<"$exchange/fetch-failed")
    refuse "${words%%: *}" "${words#*: }"
  fi
  if [[ -e $exchange/progress ]]; then progress=$(<"$exchange/progress") || true; fi
  if [[ $progress == "$last_progress" ]]; then
    if ((++unchanged > (${#progress} > 0 ? silence : 1800))); then
      refuse RestoreInterrupted "The container fetch has ended without a result. The next restore starts over."
    fi
  else
    unchanged=0 last_progress=$progress
  fi
}

await() {
  until [[ -e $exchange/$1 ]]; do
    check_fetch
    run sleep 0.5
  done
}

# The values become settings of PostgreSQL, so each must have exactly the expected form.
read_plan() {
  local key value lsn='^[0-9A-F]{1,8}/[0-9A-F]{1,8}$' time='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}Z$'
  target=() expect_lsn='' stop_lsn='' stop_time='' timeline='' identifier=''
  while IFS='=' read -r key value; do
    case $key in
      # PostgreSQL does not know the name of a time zone yet when it reads its configuration, not even Z.
      target_time) [[ $value =~ $time ]] && target=("recovery_target_time = '${value%Z}+00'" 'recovery_target_action = promote') ;;
      expect_lsn) [[ $value =~ $lsn ]] && expect_lsn=$value ;;
      stop_lsn) [[ $value =~ $lsn ]] && stop_lsn=$value ;;
      stop_time) [[ $value =~ $time ]] && stop_time=$value ;;
      timeline) [[ $value =~ ^[0-9]+$ ]] && timeline=$value ;;
      system_identifier) [[ $value =~ ^[0-9]+$ ]] && identifier=$value ;;
    esac || refuse "$trouble" "The plan of the restore contains the line $key=$value, which is not valid."
  done <"$exchange/plan"
  [[ -n $expect_lsn && -n $stop_lsn && -n $stop_time && -n $timeline && -n $identifier ]] ||
    refuse "$trouble" "The plan of the restore is not complete."
}

control() { pg_controldata -D "$staging" 2>"$output" | sed -n "s/^$1: *//p"; }

# Makes one data directory of a full backup and incremental ones.
combine() {
  local options=(--no-sync --no-manifest)
  if [[ ! -e $staging/parts ]]; then return; fi
  if ((PGI_MAJOR >= 18)); then options+=(--link); fi # the parts are deleted afterwards
  run pg_combinebackup "${options[@]}" --output="$staging/combined" "$staging"/parts/* 2>"$output" ||
    refuse BackupCorrupt "The incremental backup cannot be combined with those it is based on: $(words_of pg_combinebackup)."
  run rm -rf -- "$staging/parts"
  mv -- "$staging"/combined/* "$staging"
  rmdir -- "$staging/combined"
}

# What every data directory has. The container fetch has compared the files with the manifest of the backup.
check_base() {
  local part
  for part in PG_VERSION global/pg_control backup_label base pg_wal pg_xact; do
    [[ -e $staging/$part && ! -L $staging/$part ]] || refuse BackupCorrupt "The backup contains no $part."
  done
  [[ $(<"$staging/PG_VERSION") == "$PGI_MAJOR" ]] || refuse SpecDoesNotMatchData "The backup is one of PostgreSQL \
$(<"$staging/PG_VERSION"), but spec.version is $PGI_MAJOR. Set spec.version to $(<"$staging/PG_VERSION")."
  if [[ -s $staging/tablespace_map ]] || ! holds_nothing "$staging/pg_tblspc"; then
    refuse BackupUnsupported "The backup contains a tablespace outside of the data directory, which cannot be restored."
  fi
  [[ $(control 'Database system identifier') == "$identifier" ]] ||
    refuse BackupCorrupt "The backup is one of another server than the archive says: $(words_of pg_controldata)."
  rm -f -- "$staging"/{postmaster.pid,postmaster.opts,standby.signal,recovery.signal,tablespace_map}
  # As start.sh does. During the recovery, the settings of ALTER SYSTEM would override those below.
  if grep -qsE '^[[:space:]]*[^#[:space:]]' "$staging/postgresql.auto.conf"; then
    mv -T "$staging/postgresql.auto.conf" "$staging/postgresql.auto.conf.set-aside"
    : >"$staging/postgresql.auto.conf"
  fi
}

# Nothing of the configuration of the instance, so that a recovery needs little memory and no user can stop it. A backup
# has as many prepared transactions and locks as its server allowed.
configure() {
  local prepared locks segment total size limit
  prepared=$(control 'max_prepared_xacts setting') locks=$(control 'max_locks_per_xact setting')
  segment=$(control 'Bytes per WAL segment')
  read -r total size <<<"$(stat -f -c '%b %S' "$volume")"
  segment=$((segment >> 20)) limit=$((total * size >> 20))
  limit=$((limit / 8 > 1024 ? 1024 : limit / 8))
  limit=$((limit < 4 * segment ? 4 * segment : limit))
  mkdir -p "$exchange"/{want,wal,missing}
  printf 'local all all trust\n' >"$own/pg_hba.conf"
  : >"$own/pg_ident.conf"
  cat >"$own/base.conf" <<END
hba_file = '$own/pg_hba.conf'
ident_file = '$own/pg_ident.conf'
listen_addresses = ''
unix_socket_directories = '$own'
unix_socket_permissions = 0700
max_connections = 10
max_prepared_transactions = $((prepared > 200 ? prepared : 200))
max_locks_per_transaction = $((locks > 64 ? locks : 64))
max_wal_senders = 0
max_replication_slots = 0
hot_standby = off
wal_level = replica
autovacuum = off
shared_buffers = 64MB
huge_pages = off
# All files are flushed before the data gets its name; before that, an interrupted restore starts over.
fsync = off
min_wal_size = $((2 * segment))MB
max_wal_size = ${limit}MB
# Without it, the recovery would delete the times of commits that a server has recorded.
track_commit_timestamp = on
jit = off
log_destination = stderr
logging_collector = off
log_line_prefix = '%m '
log_timezone = UTC
timezone = UTC
lc_messages = C
restore_command = 'bash $own/wal.sh "%f" "%p"'
recovery_target_timeline = '$timeline'
END
  cat >"$own/wal.sh" <<'END'
# wal.sh FILE TARGET: asks the container fetch for a file. Exit code 1 tells PostgreSQL that the archive has no such file; a
# code above 125 ends the server, which must not take a failure for the end of the archive.
exchange=/exchange
: >"$exchange/want/$1" || exit 200
until [[ -e $exchange/wal/$1 ]]; do
  if [[ -e $exchange/missing/$1 ]]; then
    rm -f "$exchange/want/$1" "$exchange/missing/$1"
    exit 1
  fi
  if [[ -e $exchange/fetch-failed || -e $exchange/failed ]]; then exit 200; fi
  sleep 0.03 || exit 200
done
cp "$exchange/wal/$1" "$2" || exit 200
rm -f "$exchange/want/$1" "$exchange/wal/$1"
END
}

# Starts the server, with further settings, and waits until it has recovered. Fails if it has ended before.
recover() {
  { cat "$own/base.conf" && printf '%s\n' "$@"; } >"$own/postgresql.conf"
  : >"$staging/recovery.signal"
  : >"$server_log"
  rm -f -- "$staging/postmaster.pid"
  set -m
  postgres -D "$staging" -c "config_file=$own/postgresql.conf" > >(exec tee "$server_log" >&2 9>&-) 2>&1 </dev/null &
  server=$!
  set +m
  until is_ready; do
    if ! kill -0 "$server" 2>/dev/null; then
      wait "$server" || true
      server=
      check_fetch # its failure is the cause
      return 1
    fi
    check_fetch
    run sleep 0.5
  done
}

# The eighth line of postmaster.pid is the state of the server: without hot standby, it is ready when it has recovered.
is_ready() { [[ $(sed -n 8p "$staging/postmaster.pid" 2>/dev/null) == ready* ]]; }

# Only a time is a target for PostgreSQL; otherwise the log that it gets ends at the target. PostgreSQL fails if no
# transaction has committed after the time. Everything up to the time is in the archive, so then the end of the log is what
# was asked for: the container fetch delivers nothing that was archived after it has made its plan.
recover_to_target() {
  local ended='recovery ended before configured recovery target was reached'
  reached_target=
  if ((${#target[@]} > 0)); then
    if recover "${target[@]}"; then
      reached_target=yes
      return
    fi
    grep -q "$ended" "$server_log" || refuse_recovery
    printf 'Nothing happened after the target. Recovering to the end of the archive, %s.\n' "$expect_lsn" >&2
  fi
  recover || refuse_recovery
}

refuse_recovery() { refuse RestoreFailed "PostgreSQL could not recover: $(words_of postgres "$server_log")"; }

# with_login DATABASE OPTIONS PROGRAM...: runs a program that connects as the superuser, with further options of the session.
# The settings of users have no effect on it.
with_login() {
  local database=$1
  local options="-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0 -c search_path=pg_catalog,pg_temp"
  options+=" -c session_preload_libraries= -c local_preload_libraries= -c role=none $2"
  if ((PGI_MAJOR >= 17)); then options+=' -c event_triggers=off -c transaction_timeout=0'; fi
  shift 2
  PGHOST=$own PGPORT=5432 PGUSER=postgres PGDATABASE=$database PGOPTIONS=$options PGCONNECT_TIMEOUT=60 \
    run "$@" >"$own/answer" 2>"$output"
}

# Of any database.
query() { with_login "$1" '-c default_transaction_read_only=on' psql -XAtq -0 -v ON_ERROR_STOP=1 -c "$2"; }

ask() {
  query postgres "$1" || refuse RestoreFailed "The restored database does not answer: $(words_of psql)"
  tr -d '\0' <"$own/answer"
}

position() { printf '%s' "$((16#${1%/*} << 32 | 16#${1#*/}))"; }

# A segment that is missing or incomplete ends a recovery without an error. So the end is compared with what must be there.
check_end() {
  local least=$stop_lsn
  reached_lsn=$(ask 'SELECT pg_last_wal_replay_lsn()')
  reached_time=$(ask "SELECT to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
  reached_time=${reached_time:-$stop_time} # nothing has committed after the backup
  if [[ -z $reached_target ]]; then least=$expect_lsn; fi
  [[ $reached_lsn =~ ^[0-9A-F]+/[0-9A-F]+$ ]] || refuse RestoreIncomplete "PostgreSQL does not know what it has recovered."
  (($(position "$reached_lsn") >= $(position "$least"))) || refuse RestoreIncomplete "The recovery ended at $reached_lsn, \
but the archive reaches $least: the write-ahead log in the archive is damaged behind $reached_lsn. The last transaction \
before is of $reached_time. To restore what is there, restore to the position $reached_lsn."
}

# Every database must be usable.
check_databases() {
  local name
  names=()
  query postgres 'SELECT datname FROM pg_database WHERE datallowconn AND datconnlimit <> -2' ||
    refuse RestoreFailed "The restored database does not answer: $(words_of psql)"
  while IFS= read -r -d '' name; do names+=("$name"); done <"$own/answer"
  for name in "${names[@]}"; do
    query "$name" 'SELECT count(*) FROM pg_class' || refuse DataCorrupt "The restored database $name cannot be used: \
$(words_of psql)"
  done
}

# The database of the spec must be there.
check_spec() {
  local owner
  owner=$(ask "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $(literal "$PGI_DATABASE")")
  [[ -n $owner ]] || refuse SpecDoesNotMatchData "The restored data has no database $PGI_DATABASE, only: \
$(printf '%s ' "${names[@]}")- set spec.database to the name of the database in the archive."
  [[ $owner == "$PGI_USERNAME" ]] || refuse SpecDoesNotMatchData "The restored database $PGI_DATABASE belongs to the role \
$owner, but spec.username is $PGI_USERNAME. Set spec.username to $owner."
  [[ -n $(ask 'SHOW data_checksums') ]] || refuse DataCorrupt "PostgreSQL does not know whether it has data checksums."
}

# Programs of PostgreSQL check what was restored. The databases are copies, so they may get the extension that finds damage.
# Catalogs are small and decide about everything else: only for them, each row is looked up in each index.
check_content() {
  local writable='-c default_transaction_read_only=off -c session_replication_role=replica' begin=$SECONDS
  amcheck "$writable" --install-missing --schema=pg_catalog --heapallindexed
  amcheck "$writable" --exclude-schema=pg_catalog
  count_catalogs
  check_seconds=$((SECONDS - begin)) begin=$SECONDS
  with_login postgres '-c default_transaction_read_only=on' bash -o pipefail -c 'pg_dumpall | wc -c' ||
    refuse DataCorrupt "The restored databases cannot be dumped: $(words_of pg_dumpall)"
  dump_bytes=$(<"$own/answer") dump_seconds=$((SECONDS - begin))
}

# amcheck SESSION OPTIONS...: pg_amcheck writes the damage that it finds to the standard output.
amcheck() {
  local session=$1 found
  shift
  with_login postgres "$session" pg_amcheck --all --parent-check --jobs=4 "$@" && return
  found=$(head -c 400 "$own/answer" | tr -s '[:space:]' ' ') || true
  [[ -n $found ]] || refuse RestoreFailed "The restored databases cannot be checked: $(words_of pg_amcheck)"
  refuse DataCorrupt "pg_amcheck has found damage in the restored data: ${found% }"
}

# Reads each row of each catalog of each database, without the indexes.
count_catalogs() {
  local name all counted="SELECT string_agg(format('SELECT count(*) AS n FROM pg_catalog.%I', relname), ' UNION ALL ')"
  counted+=" FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'"
  catalog_rows=0 relations=0
  for name in "${names[@]}"; do
    query "$name" "$counted" || refuse_catalogs "$name"
    all=$(tr -d '\0' <"$own/answer")
    query "$name" "SET enable_indexonlyscan = off; SET enable_indexscan = off; SET enable_bitmapscan = off; \
SELECT sum(n) || ' ' || (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'm', 't', 'i', 'S')) FROM ($all) AS counted" ||
      refuse_catalogs "$name"
    all=$(tr -d '\0' <"$own/answer")
    catalog_rows=$((catalog_rows + ${all% *})) relations=$((relations + ${all#* }))
  done
}

refuse_catalogs() { refuse DataCorrupt "The catalogs of the restored database $1 cannot be read: $(words_of psql)"; }

# After the server has stopped. With checksums, a changed byte is found in every page, also where nobody has looked so far.
check_pages() {
  local begin=$SECONDS
  checksums=off checksum_seconds=0
  if [[ $(control 'Data page checksum version') == 0 ]]; then return; fi
  run pg_checksums --check -D "$staging" >"$own/answer" 2>"$output" ||
    refuse DataCorrupt "A page of the restored data has a wrong checksum: $(words_of pg_checksums)"
  checksums=correct checksum_seconds=$((SECONDS - begin))
}

report_verification() {
  printf 'reached_lsn=%s\nreached_time=%s\nseconds=%s\n' "$reached_lsn" "$reached_time" "$SECONDS" >"$exchange/verified"
  printf -v result '{"reachedLsn":"%s","reachedTime":"%s","seconds":%s,"recoverySeconds":%s,"checkSeconds":%s,' \
    "$reached_lsn" "$reached_time" "$SECONDS" "$recovery_seconds" "$check_seconds"
  printf -v result '%s"dumpSeconds":%s,"checksumSeconds":%s,"databases":%s,"relations":%s,"catalogRows":%s,"dumpBytes":%s,' \
    "$result" "$dump_seconds" "$checksum_seconds" "${#names[@]}" "$relations" "$catalog_rows" "$dump_bytes"
  result+="\"checksums\":\"$checksums\"}"
}

literal() { printf "'%s'" "${1//\'/\'\'}"; }

stop_server() {
  kill -INT "$server"
  wait "$server" || refuse RestoreFailed "PostgreSQL could not stop: $(words_of postgres "$server_log")"
  server=
  [[ $(control 'Database cluster state') == 'shut down' ]] ||
    refuse RestoreFailed "The restored database was not shut down: $(control 'Database cluster state')."
  new_timeline=$(control "Latest checkpoint's TimeLineID")
  ((new_timeline > timeline)) || refuse RestoreFailed "The restored database is still on timeline $timeline."
  rm -f -- "$staging"/{recovery.signal,standby.signal,postmaster.pid,postmaster.opts,backup_label.old,backup_manifest}
  chmod 0700 "$staging"
}

# Flushes all files, then renames the directory: the data is either complete or absent. The identity, which proves that
# there was data, comes last.
complete() {
  printf '{"reachedLsn":"%s","reachedTime":"%s","timeline":%s,"systemIdentifier":"%s","source":"%s"}\n' \
    "$reached_lsn" "$reached_time" "$new_timeline" "$identifier" "${PGI_RESTORE:-}" >"$volume/restored.json.new"
  mv -T "$volume/restored.json.new" "$volume/restored.json"
  # Not rewritten if it is correct: an interrupted write would destroy the proof that this instance owns the data.
  if ! holds_our_id "$volume/instance-id.new"; then printf '%s\n' "$PGI_INSTANCE_ID" >"$volume/instance-id.new"; fi
  flush -f "$volume"
  mv -T "$staging" "$data"
}

claim() {
  flush "$volume"
  if ! holds_our_id "$volume/instance-id"; then mv -T "$volume/instance-id.new" "$volume/instance-id"; fi
  flush "$volume"
  rm -f -- "$volume"/{instance-id.new,restoring,restoring.new,restore.lock}
}

trouble=RestoreFailed # the reason of failures without a specific one
mkdir -p "$own"
trap stop INT TERM
trap 'refuse "$trouble" "The restore script failed at: $BASH_COMMAND"' EXIT # errexit: stop at any unexpected failure
[[ $PGI_MAJOR =~ ^[0-9]+$ && -n $PGI_INSTANCE_ID && -n $PGI_DATABASE && -n $PGI_USERNAME && ${PGI_RESTORE:-} =~ ^[0-9a-f]*$ ]]
silence=$((2 * ${PGI_PARTNER_TIMEOUT:-60})) unchanged=0 last_progress=
if [[ -e $exchange/alive || -e $exchange/failed ]]; then
  refuse RestoreInterrupted "A restore of this pod was interrupted. A new pod starts over."
fi
clean_environment
check_programs
lock_volume
look_at_volume
if [[ $found == nothing ]]; then
  set -m
  show_life &
  set +m
  announce locked
  await plan
  read_plan
  if ! holds_our_id "$volume/restoring"; then write restoring "$PGI_INSTANCE_ID"; fi
  announce prepared
  await base-ready
  combine
  flush -f "$volume" # the server does not flush what it only reads
  check_base
  configure
  recover_to_target
  check_end
  recovery_seconds=$SECONDS
  check_databases
  if [[ -n ${PGI_VERIFY:-} ]]; then
    check_content
    stop_server
    check_pages
  else
    check_spec
    stop_server
    complete
  fi
fi
if [[ -n ${PGI_VERIFY:-} ]]; then
  report_verification
else
  claim
  result=$(<"$volume/restored.json")
fi
trap - EXIT
announce 'done'
stop_processes
printf 'Restored: %s\n' "$result" >&2
leave_result "$result"
