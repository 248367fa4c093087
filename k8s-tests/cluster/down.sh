#!/usr/bin/env bash
# Removes all clusters and what was made for them on this machine. Images and tools stay: they make the next start quick.
. "$(dirname "$0")/lib.sh"

remove_clusters() {
  local name containers
  for name in pgi pgi-test pgi-scale; do
    containers=$(docker ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$name")
    if [ -n "$containers" ]; then
      say "removing the cluster $name"
      # shellcheck disable=SC2086 # a list of ids
      docker rm --force --volumes $containers > /dev/null
    fi
  done
}

# Other clusters of kind share its network.
remove_network() {
  if [ -z "$(docker ps --all --quiet --filter network=kind)" ]; then docker network rm kind > /dev/null 2>&1 || true; fi
}

if docker info > /dev/null 2>&1; then
  remove_clusters
  remove_network
elif command -v docker > /dev/null; then
  say "no docker daemon answers: what it holds of the clusters is removed when they are made again, or by another make cluster-down"
fi
"$cluster/network.sh" open
rm -f "$kubeconfig" "$kubeconfig.lock" "$cache/registry" "$cache"/audit-policy-*.yaml
say "nothing of the clusters is left"
