#!/usr/bin/env bash
# Builds our node image in three steps, called by node-image.sh: build.sh compile|bake|assemble FOLDER IMAGE.
. "$(dirname "$0")/../lib.sh"
version=$(kubernetes_version)
step=$1 work=$2 built=$3

compile() {
  local stamp
  stamp=$(kubernetes_stamp)
  cd "$cluster/kubernetes"
  golang build -ldflags "$stamp" -o "$work/kube" ./cmd/kube
  golang build -ldflags '-s -w' -o "$work/pause" ./cmd/pause
  golang build -ldflags '-s -w' -o "$work/etcd" go.etcd.io/etcd/server/v3
  golang build -ldflags '-s -w' -o "$work/local-path-provisioner" github.com/rancher/local-path-provisioner
  cd "$cluster/coredns"
  golang build -ldflags '-s -w' -o "$work/coredns" .
}

kubeadm_images() { "$work/kubeadm" config images list --kubernetes-version "$version"; }
name_of() { kubeadm_images | grep "/$1:"; }
part() { docker_build --quiet --file "$work/images.Dockerfile" --target "$1" "${@:2}" "$work"; }

# Exports the images of the control plane and of the volume provisioner to images.tar; Docker does not keep them.
bake() {
  local image images
  ln -sf kube "$work/kubeadm"
  part control-plane --tag "$(name_of kube-apiserver)" --tag "$(name_of kube-controller-manager)" --tag "$(name_of kube-scheduler)"
  for image in kube-proxy etcd pause coredns; do part "$image" --tag "$(name_of "$image")"; done
  part local-path-provisioner --tag localhost/local-path-provisioner:latest
  part busybox --tag localhost/busybox:static
  images="localhost/local-path-provisioner:latest localhost/busybox:static $(kubeadm_images)"
  # shellcheck disable=SC2086 # a list of words
  docker save --output "$work/images.tar" $images
  # shellcheck disable=SC2086
  docker image rm $images
}

assemble() {
  local pause
  pause=$(name_of pause)
  sed -i.bak "s#@PAUSE@#$pause#" "$work/files/etc/containerd/config.toml"
  rm "$work/files/etc/containerd/config.toml.bak"
  docker_build --quiet --tag "$built" "$work"
}

"$step"
