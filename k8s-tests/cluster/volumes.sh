#!/usr/bin/env bash
# volumes.sh CLUSTER: ensures that the cluster has the StorageClasses of volumes/classes.yaml. Unlike that of kind, they need no
# pods to create and delete volumes, and most of them have a real size limit.
. "$(dirname "$0")/lib.sh"
name=$1
image=postgres-instance-volumes:$(hash_of volumes)
driver=limited.volumes.postgresinstance.test
work=$cache/volumes
kubectl() { command kubectl --kubeconfig "$kubeconfig" --context "kind-$name" "$@"; }

compile() {
  local csi=github.com/kubernetes-csi
  cd "$cluster/volumes"
  golang build -ldflags '-s -w' -o "$work/" "$csi/external-provisioner/v6/cmd/csi-provisioner" "$csi/external-resizer/v2/cmd/csi-resizer"
  golang build -ldflags '-s -w' -o "$work/driver" .
}

build() {
  need_go
  debian_base trixie
  rm -rf "$work"
  mkdir -p "$work"
  long "building the CSI driver for the tests from Go modules (about 3 minutes on 2 cores the first time)" compile
  long "building the image $image" docker_build --progress=plain --tag "$image" --file "$cluster/volumes/Dockerfile" "$work"
  rm -rf "$work"
  remove_older "$image"
}

manifests() {
  sed "s|IMAGE$|$image|" "$cluster/volumes/driver.yaml"
  echo ---
  cat "$cluster/volumes/classes.yaml"
}

# Complete only when the kubelet knows the driver: until then, a pod with such a volume waits for a retry.
install() {
  kubectl annotate storageclass standard storageclass.kubernetes.io/is-default-class-
  manifests | kubectl apply -f -
  kubectl -n limited-volumes rollout status deployment/limited-volumes --timeout 120s
  known
}

# kubectl wait cannot be used: it fails if a node has no driver at all.
known() {
  local attempt
  for ((attempt = 0; attempt < 120; attempt++)); do
    if kubectl get csinode "$name-control-plane" -o 'jsonpath={.spec.drivers[*].name}' | grep -qwF "$driver"; then return; fi
    sleep 0.5
  done
  echo "The kubelet does not know the driver $driver." >&2
  return 1
}

one_at_a_time volumes
image_exists "$image" || build
"$cluster/load.sh" "$name" "$image" > /dev/null
long "installing the StorageClasses for the tests" install
