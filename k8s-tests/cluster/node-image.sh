#!/usr/bin/env bash
# Prints the name of the image that the clusters' nodes run, having made sure that it is there: the one kind publishes
# where an image registry answers; else ours, built of Kubernetes, etcd and CoreDNS from Go modules and of Debian's packages.
. "$(dirname "$0")/lib.sh"
version=$(kubernetes_version)
built=$BUILT_NODE_IMAGE:$version-$(hash_of node kubernetes coredns)
work=$cache/node

remove_older() {
  docker image ls --format '{{.Repository}}:{{.Tag}}' "$BUILT_NODE_IMAGE" | { grep -vxF "$built" || true; } \
    | while read -r image; do docker image rm "$image" > /dev/null 2>&1 || true; done
}

build() {
  need_go
  debian_base trixie
  rm -rf "$work"
  mkdir -p "$work"
  cp -R "$cluster/node/." "$work/"
  long "building Kubernetes $version, etcd and CoreDNS from Go modules (about 7 minutes on 2 cores the first time)" \
    "$cluster/node/build.sh" compile "$work" "$built"
  long "building the images that kubeadm asks for" "$cluster/node/build.sh" bake "$work" "$built"
  long "building the node image $built" "$cluster/node/build.sh" assemble "$work" "$built"
  rm -rf "$work"
  remove_older
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
