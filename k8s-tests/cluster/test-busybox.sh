#!/usr/bin/env bash
# test-busybox.sh: runs the tests of the start script in an image that has busybox, the tools of Alpine, first in PATH.
. "$(dirname "$0")/lib.sh"
"$cluster/docker.sh"
base=$("$cluster/postgres-image.sh" "$POSTGRES_DEFAULT_MAJOR")
image=postgres-instance-busybox:$POSTGRES_DEFAULT_MAJOR
work=$root/operator/target/busybox

mkdir -p "$work"
cat > "$work/Dockerfile" <<EOF
FROM $base
USER 0
RUN apt-get update && apt-get install -y --no-install-recommends busybox \\
 && mkdir /busybox && busybox --install -s /busybox && rm -f /busybox/bash /busybox/sh
ENV PATH=/busybox:\$PATH
EOF
long "building the image $image" docker_build --progress=plain --tag "$image" "$work"
PGI_POSTGRES_IMAGE=$image maven test -pl operator -am -Dtest=StartScriptTest -Dtests.tags.excluded=
