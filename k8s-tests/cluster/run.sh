#!/usr/bin/env bash
# Runs the operator as a process on this machine, for the cluster of the current context in the caller's kubeconfig.
. "$(dirname "$0")/lib.sh"
chart=$root/helm/postgres-instance-operator
"$cluster/tools.sh" kubectl helm
context=$(kubectl config current-context 2> /dev/null) \
  || die "the kubeconfig has no current context. For the demo cluster: make cluster-up, then eval \"\$(make -s env)\""
say "using the cluster of the context $context"
installed=$(kubectl get deployment -A -l app.kubernetes.io/name=postgres-instance-operator -o go-template \
  --template '{{range .items}}{{if .spec.replicas}}{{.metadata.namespace}}/{{.metadata.name}} {{end}}{{end}}')
[ -z "$installed" ] || die "an operator is already installed in this cluster ($installed), and two operators would conflict.
  Stop the installed one with:  kubectl -n ${installed%%/*} scale deployment --replicas 0 -l app.kubernetes.io/name=postgres-instance-operator"

"$cluster/build.sh" -pl operator -am -Dmaven.test.skip=true
say "applying the CustomResourceDefinition"
helm template postgres-instance-operator "$chart" --show-only templates/crd.yaml \
  | kubectl apply --server-side --force-conflicts -f - >&2
jdk=$("$cluster/jdk.sh")
say "the operator runs until Ctrl-C"
# jvm.options is for the Java release of the image. An older JDK, which is sufficient here, ignores options it does not know.
exec "$jdk/bin/java" -XX:+IgnoreUnrecognizedVMOptions "@$root/operator/jvm.options" \
  -cp "$root/operator/target/postgres-instance-operator-$(project_version).jar:$root/operator/target/lib/*" \
  dev.postgresinstance.operator.Main
