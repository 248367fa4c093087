#!/usr/bin/env bash
# Ensures that Docker has the image of the proxy in examples/sni, and prints its name. The image is the published one if a
# registry can be reached; else a stand-in of the same name from Debian's package.
. "$(dirname "$0")/lib.sh"
hash=$(hash_of haproxy)

build() {
  debian_base trixie
  long "building a stand-in for $HAPROXY from Debian's package" docker_build --progress=plain --tag "$HAPROXY" \
    --label "$stand_in=$hash" "$cluster/haproxy"
}

one_at_a_time proxy-image
published_or "$HAPROXY" "$hash" build
echo "$HAPROXY"
