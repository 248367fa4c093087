#!/usr/bin/env bash
# load.sh CLUSTER IMAGE…: copies images from docker into the node, those that changed only, and prints their names.
. "$(dirname "$0")/lib.sh"
name=$1; shift
node=$name-control-plane

# The node remembers which image it got under a name: as long as it lives, and no longer.
for image in "$@"; do
  id=$(docker image inspect --format '{{.Id}}' "$image")
  note=/kind/loaded-$(printf '%s' "$image" | tr -c 'A-Za-z0-9.\n' _)
  if [ "$(docker exec "$node" cat "$note" 2> /dev/null)" != "$id" ]; then
    long "loading $image into the cluster $name" kind load docker-image --name "$name" "$image"
    docker exec "$node" sh -c "echo $id > $note"
    echo "$image"
  fi
done
