# shellcheck shell=bash
# Sourced by the scripts that run tests: prepares the cluster with the current images, and sets the tests' environment.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Whether this run needs the S3 server: not if it runs a single class that does not use it.
uses_s3() {
  [ -z "$(find "$root"/*/src/test -name "${TEST:-}.java")" ] || grep -rq --include="$TEST.java" S3 "$root/k8s-tests/src/test"
}

prepare_tests() {
  local node proxy s3=
  "$cluster/up.sh" "$test_cluster"
  if uses_s3; then
    "$cluster/s3.sh" > /dev/null & s3=$!   # its first build takes minutes, in which the other steps wait for downloads
  fi
  PGI_POSTGRES_IMAGE=$("$cluster/postgres-image.sh" "$POSTGRES_DEFAULT_MAJOR")
  PGI_OPERATOR_IMAGE=$("$cluster/operator-image.sh")
  PGI_NEXT_OPERATOR_IMAGE=$("$cluster/operator-next-image.sh" "$PGI_OPERATOR_IMAGE")
  PGI_PREVIOUS_OPERATOR_IMAGE=$("$cluster/operator-previous-image.sh")
  proxy=$("$cluster/proxy-image.sh")
  "$cluster/load.sh" "$test_cluster" "$PGI_POSTGRES_IMAGE" "$PGI_OPERATOR_IMAGE" "$PGI_NEXT_OPERATOR_IMAGE" "$proxy" ${PGI_PREVIOUS_OPERATOR_IMAGE:+"$PGI_PREVIOUS_OPERATOR_IMAGE"} > /dev/null
  # Another name for the same image, which no registry has, for tests with a custom image.
  PGI_OTHER_POSTGRES_IMAGE=localhost:1/postgres:other
  docker exec "$test_cluster-control-plane" ctr --namespace k8s.io images tag --force \
    "docker.io/library/$PGI_POSTGRES_IMAGE" "$PGI_OTHER_POSTGRES_IMAGE" > /dev/null
  "$cluster/volumes.sh" "$test_cluster"
  if [ -n "$s3" ]; then
    wait "$s3"
    "$cluster/s3.sh" "$test_cluster"
  fi
  PGI_GITOPS_HEALTH=$("$cluster/gitops-health.sh")
  export PGI_GITOPS_HEALTH
  "$cluster/tools.sh" toxiproxy-server
  export PGI_TOXIPROXY=$cache/bin/toxiproxy-server
  export PGI_POSTGRES_IMAGE PGI_OTHER_POSTGRES_IMAGE PGI_OPERATOR_IMAGE PGI_NEXT_OPERATOR_IMAGE PGI_PREVIOUS_OPERATOR_IMAGE
  export KUBECONFIG=$kubeconfig PGI_TEST_CONTEXT=kind-$test_cluster
  export PGI_HELM=$cache/bin/helm PGI_KUBECTL=$cache/bin/kubectl PGI_CHART=$root/helm/postgres-instance-operator
  jdk=$("$cluster/jdk.sh")
  node=$(docker inspect --format '{{.NetworkSettings.Networks.kind.IPAddress}}' "$test_cluster-control-plane")
  (exec 3<> "/dev/tcp/$node/6443") 2> /dev/null \
    || die "the node's address on Docker's bridge, $node, is not reachable. Run the tests on Linux, on the machine of the Docker daemon"
}

# tests KIND ARGUMENT…: runs tests; KIND is in-process or installed, as the operator runs, or unit. Keeps the reports of
# $modules (default: all modules) in a folder of that name.
tests() {
  local kind=$1 status=0 module reports; shift
  local all=${modules:-crd operator k8s-tests}
  rm -rf "$root/target/test-reports/$kind"
  for module in $all; do rm -rf "$root/$module/target/surefire-reports"; done
  PGI_OPERATOR=$kind maven "$@" || status=$?
  for module in $all; do
    reports=$root/$module/target/surefire-reports
    [ -d "$reports" ] || continue
    mkdir -p "$root/target/test-reports/$kind"
    cp "$reports"/*.xml "$root/target/test-reports/$kind/" 2> /dev/null || true
  done
  return $status
}

# Arguments for Maven: the tests of k8s-tests only; with TEST=ClassName, one class of any module.
# shellcheck disable=SC2034 # used by scripts that source this file
black_box=(-pl k8s-tests -am "-Dtest=${TEST:-dev/postgresinstance/tests/**/*Test}")
