#!/usr/bin/env bash
# Removes all clusters and their network settings on this machine. Keeps images and tools, so that the next start is fast.
. "$(dirname "$0")/lib.sh"

# The names of our clusters. Those of the tests begin with pgi-test.
clusters() {
  docker ps --all --format '{{.Label "io.x-k8s.kind.cluster"}}' | grep -xE 'pgi|pgi-scale|pgi-test.*' | sort -u || true
}

remove_clusters() {
  local name containers
  for name in $(clusters); do
    containers=$(docker ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$name")
    if [ -n "$containers" ]; then
      say "removing the cluster $name"
      # shellcheck disable=SC2086 # a list of ids
      docker rm --force --volumes $containers > /dev/null
    fi
  done
}

# All kind clusters share this network, including clusters of other projects.
remove_network() {
  if [ -z "$(docker ps --all --quiet --filter network=kind)" ]; then docker network rm kind > /dev/null 2>&1 || true; fi
}

if docker info > /dev/null 2>&1; then
  remove_clusters
  remove_network
elif command -v docker > /dev/null; then
  say "no Docker daemon answers, so the containers of the clusters stay. Start Docker and repeat make cluster-down to remove them; creating a cluster again also removes them"
fi
"$cluster/network.sh" open
rm -f "$kubeconfig" "$kubeconfig.lock" "$cache/registry" "$cache"/audit-policy-*.yaml
say "removed all clusters"
