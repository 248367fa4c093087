#!/usr/bin/env bash
# load.sh CLUSTER IMAGE…: copies images from Docker to the node. Copies, and prints the names of, changed images only.
. "$(dirname "$0")/lib.sh"
name=$1; shift
node=$name-control-plane

# A file in the node has the ID of the image that was copied under a name. It is lost when the node is removed.
for image in "$@"; do
  id=$(docker image inspect --format '{{.Id}}' "$image")
  note=/kind/loaded-$(printf '%s' "$image" | tr -c 'A-Za-z0-9.\n' _)
  if [ "$(docker exec "$node" cat "$note" 2> /dev/null)" != "$id" ]; then
    long "loading $image into the cluster $name" kind load docker-image --name "$name" "$image"
    docker exec "$node" sh -c "echo $id > $note"
    echo "$image"
  fi
done
