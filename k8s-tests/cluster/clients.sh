#!/usr/bin/env bash
# Prints a folder with one program for each PostgreSQL client that logs in with a URI: CLIENT URI prints "user|database".
# Installs the clients, in the versions that clients/ pins, if they are missing.
. "$(dirname "$0")/lib.sh"
clients=$root/k8s-tests/clients
programs=$cache/tools/clients-$(hash_of ../clients)

install_go() { cd "$clients/go" && golang build -o "$work/go" . && program lib-pq '"$here/go" lib-pq' && program pgx '"$here/go" pgx'; }

install_python() {
  python3 -m venv "$work/python"
  "$work/python/bin/pip" install --quiet --disable-pip-version-check --requirement "$clients/python/requirements.txt"
  cp "$clients/python/login.py" "$work/python/"
  for client in psycopg asyncpg; do program $client "\"\$here/python/bin/python3\" \"\$here/python/login.py\" $client"; done
}

install_node() {
  mkdir -p "$work/node"
  cp "$clients/node"/* "$work/node/"
  (cd "$work/node" && npm ci --silent --no-audit --no-fund)
  for client in node-postgres postgres.js; do program $client "node \"\$here/node/login.mjs\" $client"; done
}

# program NAME COMMAND: writes a script that runs the command; $here is the folder of the script.
program() {
  printf '#!/bin/sh\nhere=${0%%/*}\nexec %s "$@"\n' "$2" > "$work/$1"
  chmod +x "$work/$1"
}

# The last step writes a file: it is the only check for a finished installation, because a virtual environment cannot be moved.
install_all() {
  rm -rf "$work"
  mkdir -p "$work"
  install_go
  install_python
  install_node
  touch "$work/complete"
}

one_at_a_time clients
work=$programs
if [ ! -e "$programs/complete" ]; then
  need_go
  need python3 python3 python3-venv
  python3 -c 'import ensurepip' 2> /dev/null || long "python3 cannot create virtual environments: installing python3-venv" packages python3-venv
  need npm nodejs npm
  long "installing PostgreSQL clients for Go, Python and Node.js (less than a minute)" install_all
fi
echo "$programs"
