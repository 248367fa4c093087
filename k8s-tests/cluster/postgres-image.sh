#!/usr/bin/env bash
# postgres-image.sh MAJOR…: prints the names of the operator's default images of these majors, having made sure that docker
# has them: the published ones where a registry answers; else stand-ins of the same names from Debian's packages.
. "$(dirname "$0")/lib.sh"
label=postgres-instance.stand-in
hash=$(hash_of postgres)

# A published image is as good as its tag; a stand-in is good while its Dockerfile is unchanged.
is_current() {
  image_exists "$1" && case $(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1") in
    '' | '<no value>' | "$hash") true ;; *) false ;; esac
}

build() {
  local image=$1 major=$2 suite=POSTGRES_$2_SUITE data=/var/lib/postgresql/data volume=/var/lib/postgresql/data
  [ -n "${!suite:-}" ] || die "no image registry answers, and Debian has no PostgreSQL $major to build $image from"
  debian_base "${!suite}"
  if [ "$major" -ge 18 ]; then data=/var/lib/postgresql/$major/docker volume=/var/lib/postgresql; fi
  long "building a stand-in for $image from Debian's packages" docker_build --progress=plain --tag "$image" \
    --label "$label=$hash" --build-arg "SUITE=${!suite}" --build-arg "MAJOR=$major" --build-arg "PGDATA=$data" \
    --build-arg "VOLUME=$volume" "$cluster/postgres"
  check_version "$image"
}

# The tag names a minor version; Debian moves on.
check_version() {
  local tag=${1#*:} is
  is=$(docker run --rm --network none "$1" postgres --version | sed 's/^[^0-9]*\([0-9.]*\).*/\1/')
  [ "$is" = "${tag%%-*}" ] || say "NOTE: the stand-in $1 holds $is: versions.env is behind Debian"
}

one_at_a_time postgres-image
for major in "$@"; do
  name=POSTGRES_$major
  image=${!name}
  if is_current "$image"; then :
  elif registry_answers; then long "fetching $image" docker pull "$image"
  else build "$image" "$major"
  fi
  echo "$image"
done
