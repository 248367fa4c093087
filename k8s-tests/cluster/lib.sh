# shellcheck shell=bash
# What the scripts here share; each of them sources this first. Messages go to stderr, so that stdout can be an answer.
set -euo pipefail
cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$cluster/../.." && pwd)
. "$cluster/versions.env"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-instance
# shellcheck disable=SC2034 # used where this is sourced
kubeconfig=$cache/kubeconfig   # of our clusters only: the user's own file is never written
export PATH="$cache/bin:$PATH"
mkdir -p "$cache"

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'ERROR: %s\n' "$*" >&2; exit 1; }

# long WHAT COMMAND…: runs a command that takes its time: output into a log, a sign of life for people, the log's end on failure.
long() {
  local what=$1 log start=$SECONDS status ticker; shift
  log=$cache/logs/$(printf '%s' "$what" | tr -cs 'A-Za-z0-9' - | cut -c1-50).log
  mkdir -p "$cache/logs"
  say "$what"
  tick 9>&- & ticker=$!   # not with the lock of one_at_a_time, which its sleep would hold for longer than the script
  set +e
  (set -e; "$@") > "$log" 2>&1
  status=$?
  set -e
  kill "$ticker" 2> /dev/null; wait "$ticker" 2> /dev/null || true
  if [ "$status" != 0 ]; then
    printf '\n' >&2; tail -n 40 "$log" >&2
    die "failed after $((SECONDS - start)) s: $what (all of it: $log)"
  fi
  if [ -t 2 ]; then printf '\r'; fi >&2
  printf '    %s s\n' $((SECONDS - start)) >&2
}

# A running second count on a terminal, elsewhere a dot now and then. Ends with the script, also when that is killed.
tick() {
  local start=$SECONDS
  while kill -0 $$ 2> /dev/null; do
    if [ -t 2 ]; then sleep 1; printf '\r    %s s' $((SECONDS - start)) >&2; else sleep 10; printf '.' >&2; fi
  done
}

sha() { if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# hash_of PATH…: one short hash of the content of files and folders below this folder.
hash_of() {
  (cd "$cluster" && find "$@" -type f | LC_ALL=C sort | while read -r file; do sha "$file"; done | sha | cut -c1-12)
}

# need PROGRAM PACKAGE…: makes sure that a program is there, from the packages of Debian and its kin where we may.
need() {
  local program=$1; shift
  command -v "$program" > /dev/null && return
  if ! { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }; then
    die "$program is missing. Install it (Debian, Ubuntu: apt-get install $*) and try again."
  fi
  long "$program is missing: installing $* from the distribution's packages" packages "$@"
  hash -r
  command -v "$program" > /dev/null || die "$program is still missing after the installation of $*"
}

packages() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# one_at_a_time NAME: the rest of the script has this lock, where there is flock: demo and tests may start side by side.
one_at_a_time() {
  if command -v flock > /dev/null; then exec 9> "$cache/lock-$1"; flock 9; fi
}

# within SECONDS COMMAND…
within() { if command -v timeout > /dev/null; then timeout "$@"; else shift; "$@"; fi; }

# Does an image registry answer the docker daemon? PGI_REGISTRY=yes|no decides without asking; an answer holds for ten minutes.
registry_answers() {
  local known=$cache/registry
  case ${PGI_REGISTRY:-} in yes) return 0 ;; no) return 1 ;; esac
  if [ -z "$(find "$known" -mmin -10 2> /dev/null)" ]; then
    say "asking whether an image registry answers"
    if within 20 docker pull --quiet hello-world > /dev/null 2>&1; then echo yes; else echo no; fi > "$known"
    docker image rm hello-world > /dev/null 2>&1 || true
    say "an image registry answers: $(cat "$known")"
  fi
  [ "$(cat "$known")" = yes ]
}

image_exists() { docker image inspect "$1" > /dev/null 2>&1; }

# debian_base SUITE: the image debian:SUITE-slim; without a registry from Debian's packages.
debian_base() {
  local image=debian:$1-slim
  image_exists "$image" && return
  if registry_answers; then
    long "fetching $image" docker pull "$image"
  else
    need mmdebstrap mmdebstrap debian-archive-keyring
    long "making $image from Debian's packages" import_debian "$1"
  fi
}

# By way of a file: docker would take what a failed mmdebstrap left for an image. A mirror may lag behind the date by which a
# testing suite wants to be renewed; its signature counts all the same.
import_debian() {
  mmdebstrap --variant=minbase --include=ca-certificates --aptopt='Acquire::Check-Valid-Until "false"' "$1" "$cache/debian-$1.tar"
  docker import -c 'CMD ["bash"]' "$cache/debian-$1.tar" "debian:$1-slim"
  rm "$cache/debian-$1.tar"
}

# docker_build ARGUMENT…: docker build with BuildKit, by a client that can: from release 23 on it needs the plug-in buildx,
# before that it needs nothing. A machine may have several clients.
docker_build() {
  local client
  while read -r client; do
    if "$client" buildx version > /dev/null 2>&1 || [ "$("$client" version --format '{{.Client.Version}}' | cut -d. -f1)" -lt 23 ]; then
      DOCKER_BUILDKIT=1 BUILDX_BUILDER=default "$client" build "$@"
      return
    fi
  done < <(type -ap docker)
  die "docker cannot build with BuildKit: install its plug-in buildx (Debian: apt-get install docker-buildx)."
}

kubernetes_version() { sed -n 's|^[[:space:]]*k8s.io/kubernetes \(v[0-9.]*\)$|\1|p' "$cluster/kubernetes/go.mod"; }

# Go of any release since 1.21 fetches by itself the newer toolchain that a module asks for.
need_go() {
  local minor
  need go golang-go
  minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge "${GO_MINIMUM#1.}" ] || die "go is older than $GO_MINIMUM. Get a newer one, for instance from https://go.dev/dl or Debian's backports."
}

# The go command, with what every build of ours wants.
golang() {
  CGO_ENABLED=0 GOTOOLCHAIN=${GOTOOLCHAIN:-auto} GOFLAGS='-trimpath -buildvcs=false' go "$@"
}

# Linker flags that tell Kubernetes programs their version.
kubernetes_stamp() {
  local version minor package
  version=$(kubernetes_version); minor=${version#v1.}; minor=${minor%%.*}
  printf -- '-s -w'
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- ' -X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s' "$package" "$version" "$package" "$package" "$minor"
    printf -- ' -X %s.gitTreeState=clean -X %s.buildDate=1970-01-01T00:00:00Z' "$package" "$package"
  done
}

project_version() { sed -n '/<artifactId>postgres-instance</,/<version>/s|.*<version>\(.*\)</version>.*|\1|p' "$root/pom.xml" | head -1; }

# maven ARGUMENT…, on the JDK that we found.
maven() {
  need mvn maven
  if [ -z "${jdk:-}" ]; then jdk=$("$cluster/jdk.sh"); fi
  JAVA_HOME=$jdk mvn -B -ntp -f "$root/pom.xml" "$@"
}
