#!/usr/bin/env bash
# The PostgreSQL images of the other majors that tests use, in the tests' cluster.
. "$(dirname "$0")/lib.sh"
"$cluster/up.sh" pgi-test
images=$("$cluster/postgres-image.sh" 15 18)
# shellcheck disable=SC2086 # a list of words
"$cluster/load.sh" pgi-test $images > /dev/null
echo "$images"
