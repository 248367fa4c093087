#!/usr/bin/env bash
# All tests: from unit tests to those on the cluster with the operator in their JVM, then those that an operator installed
# by Helm can add to.
. "$(dirname "$0")/test-cluster.sh"
prepare_tests

status=0
rm -rf "$root/target/test-reports"
say "all tests, the operator in-process"
PGI_ALL_TESTS=yes tests in-process || status=$?
say "tests of the installed operator"
tests installed "${black_box[@]}" || status=$?

"$cluster/test-times.sh"
printf '\nAll of it took %s s.\n' "$SECONDS"
[ "$status" = 0 ] || die "tests failed; see the lines of Maven above"
say "all tests passed"
