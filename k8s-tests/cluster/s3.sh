#!/usr/bin/env bash
# s3.sh: prints the path of an S3 server's program. Builds it if it is missing.
# s3.sh CLUSTER: ensures that this server runs in the cluster, as https://s3.s3.svc:7070. The Secret s3 in the namespace s3 has
# its credentials (accessKeyId, secretAccessKey) and its certificate, which is its own authority (ca.crt).
. "$(dirname "$0")/lib.sh"
name=${1:-}
program=$cache/tools/versitygw-$(hash_of s3/go.mod s3/go.sum)/versitygw
image=postgres-instance-s3:$(hash_of s3/go.mod s3/go.sum s3/Dockerfile)
kubectl() { command kubectl --kubeconfig "$kubeconfig" --context "kind-$name" "$@"; }

# The rename makes the build atomic: the existence of the file is the only check for a finished build.
compile() {
  mkdir -p "${program%/*}"
  cd "$cluster/s3"
  golang build -ldflags '-s -w' -o "$program.new" github.com/versity/versitygw/cmd/versitygw
  mv "$program.new" "$program"
}

build() {
  debian_base trixie
  long "building the image $image" docker_build --progress=plain --tag "$image" --file "$cluster/s3/Dockerfile" "${program%/*}"
  remove_older "$image"
}

# The names of all Services of the namespace, for tests that create their own; the loopback names for kubectl port-forward.
names() {
  printf 'DNS:%s,' s3.s3.svc '*.s3.svc' '*.s3.svc.cluster.local' localhost
  printf 'IP:127.0.0.1,IP:%s' "$(kubectl get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')"
}

create_secret() {
  local folder
  folder=$(mktemp -d)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=s3 \
    -addext "subjectAltName=$(names)" -keyout "$folder/tls.key" -out "$folder/tls.crt"
  openssl rand -hex 10 | tr -d '\n' > "$folder/accessKeyId"
  openssl rand -hex 20 | tr -d '\n' > "$folder/secretAccessKey"
  cp "$folder/tls.crt" "$folder/ca.crt"
  kubectl -n s3 create secret generic s3 --from-file "$folder"
  rm -r "$folder"
}

# The pod would wait for a retry of the kubelet if it came before its Secret.
install() {
  kubectl get namespace s3 > /dev/null 2>&1 || kubectl create namespace s3
  kubectl -n s3 get secret s3 > /dev/null 2>&1 || create_secret
  sed "s|IMAGE$|$image|" "$cluster/s3/server.yaml" | kubectl apply --server-side --force-conflicts -f -
  kubectl -n s3 rollout status deployment/s3 --timeout 120s
}

one_at_a_time s3
if [ ! -x "$program" ]; then
  need_go
  long "building an S3 server from Go modules (about 3 minutes on 2 cores the first time)" compile
fi
if [ -z "$name" ]; then echo "$program"; exit; fi
need openssl openssl
image_exists "$image" || build
"$cluster/load.sh" "$name" "$image" > /dev/null
long "installing the S3 server for the tests" install
