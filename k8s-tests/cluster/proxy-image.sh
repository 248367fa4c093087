#!/usr/bin/env bash
# Ensures that Docker has the image of the proxy in examples/sni, and prints its name. The image is the published one if a
# registry can be reached; else a stand-in of the same name from Debian's package.
. "$(dirname "$0")/lib.sh"
label=postgres-instance.stand-in
hash=$(hash_of haproxy)

# A published image is always current; a stand-in is current while its Dockerfile is unchanged.
is_current() {
  image_exists "$HAPROXY" && case $(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$HAPROXY") in
    '' | '<no value>' | "$hash") true ;; *) false ;; esac
}

one_at_a_time proxy-image
if is_current; then :
elif registry_answers; then long "fetching $HAPROXY" docker pull "$HAPROXY"
else
  debian_base trixie
  long "building a stand-in for $HAPROXY from Debian's package" docker_build --progress=plain --tag "$HAPROXY" \
    --label "$label=$hash" "$cluster/haproxy"
fi
echo "$HAPROXY"
