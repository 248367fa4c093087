#!/usr/bin/env bash
# scale.sh idle|figures|runtimes|logins INSTANCES ROUNDS: measures the operator's resource usage with many instances, on the separate cluster
# pgi-scale. Their pods do not run; KWOK simulates them. All share one real server, to which scale/main.go forwards the
# operator's logins.
. "$(dirname "$0")/lib.sh"
name=pgi-scale
node=$name-control-plane
pods=10.244.128.0/17   # half of the cluster's pod network, as in scale/cluster.yaml
tools=$cache/tools/scale-$(hash_of scale/go.mod scale/go.sum scale/main.go)
kubeconfig_of_kwok=$cache/kubeconfig-$name
export KUBECONFIG=$kubeconfig PGI_TEST_CONTEXT=kind-$name
kubectl() { command kubectl --context "kind-$name" "$@"; }

compile() {
  mkdir -p "$tools.new"
  cd "$cluster/scale"
  golang build -ldflags '-s -w' -o "$tools.new/kwok" sigs.k8s.io/kwok/cmd/kwok
  golang build -ldflags '-s -w' -o "$tools.new/databases" .
  mv "$tools.new" "$tools"
}

install_operator() {
  helm upgrade --install postgres-instance-operator "$root/helm/postgres-instance-operator" --kube-context "kind-$name" \
    --namespace postgres-instance-system --create-namespace --set "image.repository=${operator_image%:*}" --wait --timeout 5m
}

# Keeps the operator from making a certificate for the real server, so that it starts without TLS. Scale deletes the Secret.
without_tls() {
  kubectl create namespace scale-server
  kubectl -n scale-server create secret generic server-tls
}

# Starts the real server and the program that forwards the logins of all other instances to it.
start_databases() {
  kubectl apply -f "$cluster/scale/cluster.yaml"
  kubectl -n scale-server wait pgi/server --for condition=Ready --timeout 3m
  docker cp --quiet "$tools/databases" "$node:/kind/databases"
  docker exec "$node" ip route replace local "$pods" dev lo
  docker exec --detach "$node" sh -c '/kind/databases --real scale-server/server > /var/log/databases.log 2>&1'
}

scale() {
  "$jdk/bin/java" -cp "$modules/test-classes:$modules/classes:$(cat "$modules/test-classpath.txt")" \
    dev.postgresinstance.tests.scale.Scale "$@"
}

clean_up() {
  if [ -n "$kwok" ]; then kill "$kwok" 2> /dev/null; fi
  rm -f "$kubeconfig_of_kwok"
  kind delete cluster --name "$name" > /dev/null 2>&1
}

"$cluster/tools.sh"
jdk=$("$cluster/jdk.sh")
modules=$root/k8s-tests/target
kwok=
# Leftovers of an earlier run would distort the figures.
if kind get clusters 2> /dev/null | grep -qx "$name"; then kind delete cluster --name "$name" > /dev/null 2>&1; fi
trap clean_up EXIT
"$cluster/up.sh" "$name"
postgres_image=$("$cluster/postgres-image.sh" "$POSTGRES_DEFAULT_MAJOR")
operator_image=$("$cluster/operator-image.sh")
if [ "$1" = runtimes ]; then operator_image=$("$cluster/operator-jdk-image.sh" "$operator_image"); fi
"$cluster/load.sh" "$name" "$postgres_image" "$operator_image" > /dev/null
one_at_a_time scale
if [ ! -d "$tools" ]; then
  need_go
  rm -rf "$tools.new"
  long "building KWOK and the database stand-in from Go modules (about 3 minutes on 2 cores the first time)" compile
fi
long "installing the chart" install_operator
kind get kubeconfig --name "$name" > "$kubeconfig_of_kwok"
"$tools/kwok" --kubeconfig "$kubeconfig_of_kwok" --config "$cluster/scale/stages.yaml" --manage-single-node scale \
  --cidr "$pods" --node-ip 10.244.255.254 > "$cache/logs/kwok.log" 2>&1 9>&- &
kwok=$!

long "compiling" maven test-compile -pl k8s-tests -am
case $1 in
  idle) say "measuring, about 50 minutes" ;;
  figures) say "measuring, more than an hour" ;;
  runtimes) say "measuring, about an hour" ;;
  logins) say "measuring, about ten minutes" ;;
esac
case $1 in idle | figures) scale idle "$node" "$2" "$3" ;; esac
if [ "$1" = logins ]; then long "keeping the operator from making a certificate for the real server" without_tls; fi
start_databases > "$cache/logs/databases.log" 2>&1 || die "the databases did not start; see $cache/logs/databases.log"
case $1 in idle) scale one "$node" "$2" "$3" ;; *) scale "$1" "$node" "$2" "$3" ;; esac
