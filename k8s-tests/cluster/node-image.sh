#!/usr/bin/env bash
# Ensures that the node image of the clusters exists, and prints its name. The image is the one that kind publishes if an image
# registry can be reached; else our own, built from Debian's packages and from the Go modules of Kubernetes, etcd and CoreDNS.
. "$(dirname "$0")/lib.sh"
version=$(kubernetes_version)
built=$BUILT_NODE_IMAGE:$version-$(hash_of node kubernetes coredns)
work=$cache/node

build() {
  need_go
  debian_base trixie
  rm -rf "$work"
  mkdir -p "$work"
  cp -R "$cluster/node/." "$work/"
  long "building Kubernetes $version, etcd and CoreDNS from Go modules (about 7 minutes on 2 cores the first time)" \
    "$cluster/node/build.sh" compile "$work" "$built"
  long "building the images that kubeadm requires" "$cluster/node/build.sh" bake "$work" "$built"
  long "building the node image $built" "$cluster/node/build.sh" assemble "$work" "$built"
  rm -rf "$work"
  remove_older "$built"
}

one_at_a_time node-image
if [ "${PGI_REGISTRY:-}" != no ] && image_exists "$PUBLISHED_NODE_IMAGE"; then
  echo "$PUBLISHED_NODE_IMAGE"
elif image_exists "$built"; then
  echo "$built"
elif registry_answers; then
  long "fetching ${PUBLISHED_NODE_IMAGE%@*}" docker pull "$PUBLISHED_NODE_IMAGE"
  echo "$PUBLISHED_NODE_IMAGE"
else
  build
  echo "$built"
fi
