#!/usr/bin/env bash
# Runs the operator as a process on this machine, against the current context of the caller's kubeconfig.
. "$(dirname "$0")/lib.sh"
chart=$root/helm/postgres-instance-operator
"$cluster/tools.sh" kubectl helm
context=$(kubectl config current-context 2> /dev/null) \
  || die "there is no current context. For the demo's cluster: make cluster-up, then eval \"\$(make -s env)\""
say "the cluster is that of the context $context"
installed=$(kubectl get deployment -A -l app.kubernetes.io/name=postgres-instance-operator -o go-template \
  --template '{{range .items}}{{if .spec.replicas}}{{.metadata.namespace}}/{{.metadata.name}} {{end}}{{end}}')
[ -z "$installed" ] || die "an operator is installed in this cluster ($installed), and two would answer each other.
  Stop it for a while:  kubectl -n ${installed%%/*} scale deployment --replicas 0 -l app.kubernetes.io/name=postgres-instance-operator"

"$cluster/build.sh" -pl operator -am -Dmaven.test.skip=true
say "applying the definition of the resource"
helm template postgres-instance-operator "$chart" --show-only templates/crd.yaml \
  | kubectl apply --server-side --force-conflicts -f - >&2
jdk=$("$cluster/jdk.sh")
say "the operator runs until Ctrl-C"
# The image's Java is newer than what is enough here.
exec "$jdk/bin/java" -XX:+IgnoreUnrecognizedVMOptions "@$root/operator/jvm.options" \
  -cp "$root/operator/target/postgres-instance-operator-$(project_version).jar:$root/operator/target/lib/*" \
  dev.postgresinstance.operator.Main
