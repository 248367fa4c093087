#!/usr/bin/env bash
# postgres-image.sh MAJOR…: ensures that Docker has the operator's default images of these major versions, and prints their
# names. The images are the published ones if a registry can be reached; else stand-ins of the same name from Debian's packages.
. "$(dirname "$0")/lib.sh"
hash=$(hash_of postgres)

build() {
  local image=$1 major=$2 suite=POSTGRES_$2_SUITE data=/var/lib/postgresql/data volume=/var/lib/postgresql/data
  [ -n "${!suite:-}" ] || die "cannot get $image: no image registry can be reached, and Debian has no package of PostgreSQL $major to build a stand-in"
  debian_base "${!suite}"
  if [ "$major" -ge 18 ]; then data=/var/lib/postgresql/$major/docker volume=/var/lib/postgresql; fi
  long "building a stand-in for $image from Debian's packages" docker_build --progress=plain --tag "$image" \
    --label "$stand_in=$hash" --build-arg "SUITE=${!suite}" --build-arg "MAJOR=$major" --build-arg "PGDATA=$data" \
    --build-arg "VOLUME=$volume" "$cluster/postgres"
  check_version "$image"
}

# The tag has a minor version, and Debian may have a later one.
check_version() {
  local tag=${1#*:} is
  is=$(docker run --rm --network none "$1" postgres --version | sed 's/^[^0-9]*\([0-9.]*\).*/\1/')
  [ "$is" = "${tag%%-*}" ] || say "NOTE: the stand-in $1 contains PostgreSQL $is, the release in Debian; update versions.env"
}

one_at_a_time postgres-image
for major in "$@"; do
  name=POSTGRES_$major
  image=${!name}
  published_or "$image" "$hash" build "$image" "$major"
  echo "$image"
done
