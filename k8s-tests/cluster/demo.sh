#!/usr/bin/env bash
# Creates the demo cluster, installs the operator, creates an instance and logs in to it.
. "$(dirname "$0")/lib.sh"
export KUBECONFIG=$kubeconfig
release=postgres-instance-operator
system=postgres-instance-system
namespace=quickstart
host=127.0.0.1 port=30432
kubectl() { command kubectl --context kind-pgi "$@"; }
helm() { command helm --kube-context kind-pgi --namespace "$system" "$@"; }

install_operator() {
  local known=no
  kubectl -n "$system" get deployment "$release" > /dev/null 2>&1 && known=yes
  # Helm refuses to upgrade a release whose installation was interrupted.
  if helm list --pending --short | grep -qx "$release"; then helm uninstall "$release" --wait; fi
  helm upgrade --install "$release" "$root/helm/$release" --create-namespace --take-ownership --wait --timeout 5m
  # The image may have changed although its tag has not.
  if [ "$known" = yes ] && [ -n "$1" ]; then
    kubectl -n "$system" rollout restart deployment "$release"
    kubectl -n "$system" rollout status deployment "$release" --timeout 5m
  fi
}

ready() { kubectl -n "$namespace" get pgi orders -o jsonpath='{range .status.conditions[?(@.type=="Ready")]}{.status} {.reason}: {.message}{end}'; }

# Prints each new state once. Compares generations, so that the state of an older spec does not count.
wait_until_ready() {
  local state='' before='' start=$SECONDS
  while [ $((SECONDS - start)) -lt 300 ]; do
    state=$(ready)
    if [ "$state" != "$before" ]; then printf '    %3s s  %s\n' $((SECONDS - start)) "$state" >&2; before=$state; fi
    case $state in True*)
      if [ "$(kubectl -n "$namespace" get pgi orders -o jsonpath='{.metadata.generation}')" = \
           "$(kubectl -n "$namespace" get pgi orders -o jsonpath='{.status.observedGeneration}')" ]; then return; fi ;;
    esac
    sleep 0.5
  done
  die "orders is not ready after 300 s. For details: kubectl -n $namespace describe pgi,pod"
}

secret() { kubectl -n "$namespace" get secret orders-app -o go-template --template "{{index .data \"$1\" | base64decode}}"; }

# Uses the psql of this machine if there is one, else the one in the image.
sql() {
  if command -v psql > /dev/null; then psql "$@"
  else docker run --rm --interactive --network host --env PGPASSWORD --env PGCONNECT_TIMEOUT "$postgres_image" psql "$@"
  fi
}

"$cluster/up.sh" pgi
postgres_image=$("$cluster/postgres-image.sh" "$POSTGRES_DEFAULT_MAJOR")
operator_image=$("$cluster/operator-image.sh")
"$cluster/load.sh" pgi "$postgres_image" > /dev/null
changed=$("$cluster/load.sh" pgi "$operator_image")
command kubectl config use-context kind-pgi > /dev/null
long "installing the chart" install_operator "$changed"

say "applying examples/quickstart"
kubectl apply -f "$root/examples/quickstart/namespace.yaml" -f "$root/examples/quickstart/orders.yaml" >&2
say "waiting for the database"
wait_until_ready

say "logging in at $host:$port with the password from the Secret orders-app"
user=$(secret username) database=$(secret database)
PGPASSWORD=$(secret password)
export PGPASSWORD PGCONNECT_TIMEOUT=5
version=$(sql -h "$host" -p "$port" -U "$user" -d "$database" -XAtc 'select version()')
cat <<TEXT

$version
answers at $host:$port, $SECONDS s after make demo was started. Next:

  eval "\$(make -s env)"
  kubectl get pgi -n $namespace
TEXT
if command -v psql > /dev/null; then
  cat <<TEXT
  PGPASSWORD=\$(kubectl -n $namespace get secret orders-app -o go-template='{{.data.password | base64decode}}') \\
    psql -h $host -p $port -U $user -d $database
TEXT
else
  cat <<TEXT
  PGPASSWORD=\$(kubectl -n $namespace get secret orders-app -o go-template='{{.data.password | base64decode}}') \\
    docker run --rm -it --network host -e PGPASSWORD $postgres_image psql -h $host -p $port -U $user -d $database
TEXT
fi
