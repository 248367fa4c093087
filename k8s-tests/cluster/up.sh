#!/usr/bin/env bash
# up.sh NAME: ensures that the kind cluster NAME runs with the current node image and configuration. Recreates the cluster
# if it was created from others, or if it was stopped together with Docker, even if it has started again.
. "$(dirname "$0")/lib.sh"
name=$1
export KUBECONFIG=$kubeconfig
node=$name-control-plane
note=/run/postgres-instance   # in the node, in memory: the hash of the cluster's configuration; lost when the node stops

# Tries twice, because the API server may be busy.
answers() {
  local _ found
  for _ in 1 2; do
    found=$(kubectl --context "kind-$name" --request-timeout 5s get nodes \
      -o jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].status}' 2> /dev/null) || { sleep 2; continue; }
    [ "$found" = True ]; return
  done
  return 1
}

containers() { docker ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$name"; }

is_good() {
  [ "$(docker exec "$node" cat "$note" 2> /dev/null)" = "$hash" ] || return 1
  kubectl config get-contexts "kind-$name" > /dev/null 2>&1 || kind export kubeconfig --name "$name" > /dev/null 2>&1 || return 1
  answers
}

# Complete only when volumes are provisioned and names resolve: these two may start before the service network, and restart.
create() {
  printf '%s\n' "$config" | kind create cluster --name "$name" --config - --wait 120s
  kubectl --context "kind-$name" -n local-path-storage rollout status deployment/local-path-provisioner --timeout 180s
  kubectl --context "kind-$name" -n kube-system rollout status deployment/coredns --timeout 180s
  docker exec "$node" sh -c "echo $hash > $note"
}

one_at_a_time "up-$name"
"$cluster/docker.sh"
"$cluster/tools.sh"
image=$("$cluster/node-image.sh")
config=$("$cluster/kind-config.sh" "$name" "$image")
hash=$(printf '%s\n%s\n' "$config" "$KIND_MODULE" | sha | cut -c1-12)
case $image in $BUILT_NODE_IMAGE:*) "$cluster/network.sh" close ;; esac

if is_good; then
  say "cluster $name is running"
else
  if [ -n "$(containers)" ]; then
    say "cluster $name is not running or out of date: recreating it"
    kind delete cluster --name "$name" > /dev/null 2>&1
  fi
  long "creating the cluster $name" create
fi
