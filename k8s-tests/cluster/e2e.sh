#!/usr/bin/env bash
# e2e.sh in-process|installed [ARGUMENT for Maven…]: runs the cluster tests only; with TEST=ClassName, one class.
. "$(dirname "$0")/test-cluster.sh"
operator=$1; shift
case $operator in in-process | installed) ;; *) die "invalid OPERATOR=$operator; use in-process or installed" ;; esac
prepare_tests

status=0
rm -rf "$root/target/test-reports"
tests "$operator" verify "${black_box[@]}" "$@" || status=$?
"$cluster/test-times.sh"
exit "$status"
