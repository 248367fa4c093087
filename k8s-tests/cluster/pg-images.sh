#!/usr/bin/env bash
# Loads the PostgreSQL images of the other major versions that tests use into the test cluster.
. "$(dirname "$0")/lib.sh"
"$cluster/up.sh" "$test_cluster"
images=$("$cluster/postgres-image.sh" 15 18)
# shellcheck disable=SC2086 # a list
"$cluster/load.sh" "$test_cluster" $images > /dev/null
echo "$images"
