#!/usr/bin/env bash
# Loads the PostgreSQL images of the other major versions that tests use into the test cluster.
. "$(dirname "$0")/lib.sh"
"$cluster/up.sh" pgi-test
images=$("$cluster/postgres-image.sh" 15 18)
# shellcheck disable=SC2086 # a list
"$cluster/load.sh" pgi-test $images > /dev/null
echo "$images"
