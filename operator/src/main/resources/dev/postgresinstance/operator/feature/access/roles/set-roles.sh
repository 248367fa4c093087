#!/bin/bash
# Sets the roles of the operator and of the application in the running server to what the start script would set at the
# next start. For people, with "kubectl exec", when a restored dump or a changed role locks the operator out: unlike a
# restart, it ends no session. It creates no database.

set -euo pipefail

readonly roles_file=/etc/postgres-instance-roles/roles.sql

# The image may have settings for psql in its environment.
for name in $(compgen -e); do
  if [[ $name == PG* && $name != PGI_* ]]; then unset "$name"; fi
done
export LC_ALL=C PATH="/usr/lib/postgresql/$PGI_MAJOR/bin:$PATH"

roles=$(<"$roles_file")$'\n'
if [[ $roles != *$'\n-- database\n'* ]]; then
  printf 'The file %s is incomplete. Try again in a minute.\n' "$roles_file" >&2
  exit 1
fi

# As in the start script: the statements contain verifiers, so nothing logs or records them, and nothing changes their
# meaning. PostgreSQL accepts parameters of modules that are not loaded. A session that holds a lock on a role must not make
# this hang.
export PGOPTIONS='-c pg_stat_statements.track=none -c auto_explain.log_min_duration=-1 -c pgaudit.log=none
  -c log_statement=none -c log_min_duration_statement=-1 -c log_min_duration_sample=-1
  -c log_duration=off -c log_min_error_statement=panic -c track_activities=off -c default_transaction_read_only=off
  -c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on -c client_min_messages=error
  -c statement_timeout=0 -c lock_timeout=5s -c synchronous_commit=local'
psql --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse --set=SHOW_CONTEXT=never \
  --single-transaction --file=- --host=/var/run/postgresql --port=5432 --username=postgres --dbname=postgres \
  <<<"${roles%%$'\n-- database\n'*}"
printf 'The roles are set. The operator logs in within seconds.\n'
