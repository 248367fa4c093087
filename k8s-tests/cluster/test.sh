#!/usr/bin/env bash
# Runs all tests: unit tests, cluster tests with the operator in the JVM of the tests, then the cluster tests that also
# apply to an operator installed with Helm.
. "$(dirname "$0")/test-cluster.sh"
prepare_tests

status=0
rm -rf "$root/target/test-reports"
say "running all tests, operator in-process"
PGI_ALL_TESTS=yes tests in-process || status=$?
say "running the tests of the installed operator"
# Uses the classes that the run above compiled and checked; -Dtest alone would select another folder, with unchecked ones.
tests installed -P 'checks,!unchecked' "${black_box[@]}" || status=$?

"$cluster/test-times.sh"
printf '\nThe whole run took %s s.\n' "$SECONDS"
[ "$status" = 0 ] || die "tests failed; see the output of Maven above"
say "all tests passed"
