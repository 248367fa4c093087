#!/usr/bin/env bash
# bench.sh [ROUNDS]: compares the operator with a hand-written manifest, on the test cluster.
. "$(dirname "$0")/test-cluster.sh"
prepare_tests
long "compiling the benchmark" maven test-compile -pl k8s-tests -am
modules=$root/k8s-tests/target
"$jdk/bin/java" -cp "$modules/test-classes:$modules/classes:$(cat "$modules/test-classpath.txt")" \
  dev.postgresinstance.tests.bench.Bench "$@"
