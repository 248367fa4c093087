#!/usr/bin/env bash
# Builds the operator's image and prints its name.
. "$(dirname "$0")/lib.sh"
version=$(project_version)
image=postgres-instance-operator:$version

"$cluster/docker.sh"
"$cluster/build.sh" -pl operator -am -Dmaven.test.skip=true
debian_base trixie
long "building the image $image" docker_build --progress=plain --tag "$image" --build-arg "VERSION=$version" \
  --file "$root/operator/Dockerfile" "$root"
echo "$image"
