#!/bin/bash
# Makes an archive of the server in this container, in /tmp/archive: two base backups and, where PostgreSQL has them, two
# incremental ones, the write-ahead log, and marks. Each row of the table ledger is a transaction of its own, so a moment between two rows is a target with known rows.
set -euo pipefail
archive=/tmp/archive
mkdir -p "$archive/wal"
export PGUSER=postgres PGDATABASE=app

sql() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }
mark() { printf '%s=%s\n' "$1" "$2" >>"$archive/marks"; }
now() { sql "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"; }

rows() {
  local id
  for ((id = $1; id <= $2; id++)); do echo "INSERT INTO ledger VALUES ($id, clock_timestamp());"; done |
    psql -XAtq -v ON_ERROR_STOP=1
  mark "time$2" "$(now)"
  mark "lsn$2" "$(sql 'SELECT pg_current_wal_insert_lsn()')"
}

# More than a segment of the log.
load() { sql 'UPDATE load SET text = md5(text), number = number + 1'; }

# backup NAME OPTION...
backup() {
  local name=$1
  shift
  mark "$name.startedAt" "$(now)"
  pg_basebackup --pgdata=- --format=tar --wal-method=none --checkpoint=fast --no-password --label="$name" "$@" \
    >"$archive/$name.tar"
  mark "$name.stoppedAt" "$(now)"
}

# incremental_backup NAME PARENT
incremental_backup() {
  if ((major < 17)); then return; fi
  tar -xOf "$archive/$2.tar" backup_manifest >/tmp/parent_manifest
  backup "$1" --incremental=/tmp/parent_manifest
}

major=$(sql 'SHOW server_version' | sed 's/[^0-9].*//')
sql 'DROP TABLE IF EXISTS ledger, load, shrunk, small, still' # of an archive before
sql "DROP DATABASE IF EXISTS \"it's host=x\""
sql 'CREATE TABLE ledger (id integer PRIMARY KEY, at timestamptz)'
sql 'ALTER TABLE ledger OWNER TO app'

sql 'CREATE TABLE load AS SELECT n AS number, md5(n::text) AS text FROM generate_series(1, 60000) n'
sql 'ALTER TABLE load OWNER TO app'
sql 'CREATE TABLE shrunk AS SELECT * FROM load'
sql 'ALTER TABLE shrunk OWNER TO app'
sql 'CREATE TABLE still AS SELECT n AS number, md5(n::text) AS text FROM generate_series(1, 2000) n'
sql 'CREATE INDEX still_text ON still (text)'
sql 'VACUUM still'
mark still "$(sql "SELECT pg_relation_filepath('still')")"
mark still_text "$(sql "SELECT pg_relation_filepath('still_text')")"
mark pg_description "$(sql "SELECT pg_relation_filepath('pg_description')")"
sql "CREATE DATABASE \"it's host=x\""
sql "ALTER ROLE postgres SET default_transaction_isolation = 'serializable'"
# Takes effect at the next start, which would fail.
echo "shared_preload_libraries = 'nope'" >>/pgdata/*/postgresql.auto.conf
if ((major >= 17)); then
  echo 'summarize_wal = on' >>/pgdata/*/postgresql.auto.conf
  sql 'SELECT pg_reload_conf()' >/dev/null
fi
mark systemIdentifier "$(sql 'SELECT system_identifier FROM pg_control_system()')"
mark timeline "$(sql 'SELECT timeline_id FROM pg_control_checkpoint()')"
mark startedAt "$(now)"
sql 'SELECT pg_switch_wal()' >/dev/null
pg_receivewal --directory="$archive/wal" --no-loop --no-password &
receiver=$!
until [[ $(sql 'SELECT count(*) FROM pg_stat_replication') == 1 ]]; do sleep 0.1; done

backup 20261128-030000
rows 1 100
load
rows 101 200
sql 'SELECT pg_switch_wal()' >/dev/null
rows 201 300
backup 20261128-040000
rows 301 400
load
incremental_backup 20261128-050000 20261128-040000
load
sql "DELETE FROM shrunk WHERE ctid > '(9,0)'"
sql 'VACUUM shrunk' # truncates its file
sql 'CREATE TABLE small AS SELECT 1 AS number'
incremental_backup 20261128-060000 20261128-050000
rows 401 500
mark shrunk "$(sql 'SELECT count(*) FROM shrunk')"
sleep 0.2
mark endTime "$(now)"
end=$(sql 'SELECT pg_current_wal_flush_lsn()')
mark endLsn "$end"
until [[ $(sql "SELECT count(*) FROM pg_stat_replication WHERE write_lsn >= '$end'") == 1 ]]; do sleep 0.1; done
kill "$receiver"
wait "$receiver" || true
