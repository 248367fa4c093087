#!/usr/bin/env bash
# Runs all tests: unit tests, cluster tests with the operator in the JVM of the tests, then the cluster tests that also
# apply to an operator installed with Helm.
. "$(dirname "$0")/test-cluster.sh"
prepare_tests

# The classes of all runs are those that were checked; -Dtest alone would select another folder, with unchecked ones.
checked=(-P 'checks,!unchecked')
isolated=$root/k8s-tests/target/isolated
failed=()
rm -rf "$root/target/test-reports" "$isolated"

# While one class at a time uses the cluster, the processors have time for the unit tests.
say "running the tests on the cluster, operator in-process"
modules=k8s-tests PGI_ALL_TESTS=yes tests in-process verify "${checked[@]}" "${black_box[@]}" & cluster_tests=$!
until [ -e "$isolated" ] || ! kill -0 "$cluster_tests" 2> /dev/null; do sleep 2; done
say "running the unit tests meanwhile"
modules='crd operator' tests unit test "${checked[@]}" -pl crd,operator || failed+=(unit)
wait "$cluster_tests" || failed+=(in-process)
say "running the tests of the installed operator"
modules=k8s-tests tests installed verify "${checked[@]}" "${black_box[@]}" || failed+=(installed)

"$cluster/test-times.sh"
printf '\nThe whole run took %s s.\n' "$SECONDS"
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}; see the output of Maven above"
say "all tests passed"
