# shellcheck shell=bash
# Shared functions; each script in this folder sources this file first. Messages go to stderr; stdout is for results.
set -euo pipefail
cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$cluster/../.." && pwd)
. "$cluster/versions.env"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-instance
# shellcheck disable=SC2034 # used by scripts that source this file
kubeconfig=$cache/kubeconfig   # for our clusters only; the user's own kubeconfig is never changed
# shellcheck disable=SC2034 # used by scripts that source this file
test_cluster=${PGI_TEST_CLUSTER:-pgi-test}
export PATH="$cache/bin:$PATH"
mkdir -p "$cache"

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'ERROR: %s\n' "$*" >&2; exit 1; }

# long TITLE COMMAND…: runs a slow command. Writes its output to a log, shows progress, and prints the end of the log if it fails.
long() {
  local what=$1 log start=$SECONDS status ticker; shift
  log=$cache/logs/$(printf '%s' "$what" | tr -cs 'A-Za-z0-9' - | cut -c1-50).log
  mkdir -p "$cache/logs"
  say "$what"
  tick 9>&- & ticker=$!   # without the lock of one_at_a_time, which its sleep would hold longer than the script runs
  set +e
  (set -e; "$@") > "$log" 2>&1
  status=$?
  set -e
  kill "$ticker" 2> /dev/null; wait "$ticker" 2> /dev/null || true
  if [ "$status" != 0 ]; then
    printf '\n' >&2; tail -n 40 "$log" >&2
    die "failed after $((SECONDS - start)) s: $what (full log: $log)"
  fi
  if [ -t 2 ]; then printf '\r'; fi >&2
  printf '    %s s\n' $((SECONDS - start)) >&2
}

# Shows the elapsed seconds on a terminal, elsewhere a dot every 10 s. Ends with the script, even if the script is killed.
tick() {
  local start=$SECONDS
  while kill -0 $$ 2> /dev/null; do
    if [ -t 2 ]; then sleep 1; printf '\r    %s s' $((SECONDS - start)) >&2; else sleep 10; printf '.' >&2; fi
  done
}

sha() { if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# hash_of PATH…: prints a short hash of the content of files and folders. Paths are relative to this folder.
hash_of() {
  (cd "$cluster" && find "$@" -type f | LC_ALL=C sort | while read -r file; do sha "$file"; done | sha | cut -c1-12)
}

# need PROGRAM PACKAGE…: ensures that a program exists. As root on Debian or Ubuntu, installs the packages if necessary.
need() {
  local program=$1; shift
  command -v "$program" > /dev/null && return
  if ! { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }; then
    die "$program is missing. Install it (Debian, Ubuntu: apt-get install $*) and repeat the command."
  fi
  long "$program is missing: installing $* from the distribution's packages" packages "$@"
  hash -r
  command -v "$program" > /dev/null || die "$program is still missing after the installation of $*"
}

packages() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# one_at_a_time NAME: takes a lock for the rest of the script, if flock exists, because demo and tests may run in parallel.
one_at_a_time() {
  if command -v flock > /dev/null; then exec 9> "$cache/lock-$1"; flock 9; fi
}

# within SECONDS COMMAND…: runs a command with a time limit, if timeout exists.
within() { if command -v timeout > /dev/null; then timeout "$@"; else shift; "$@"; fi; }

# Reports whether the Docker daemon can reach an image registry. PGI_REGISTRY=yes|no skips the test; a result is kept for 10 minutes.
registry_answers() {
  local known=$cache/registry
  case ${PGI_REGISTRY:-} in yes) return 0 ;; no) return 1 ;; esac
  if [ -z "$(find "$known" -mmin -10 2> /dev/null)" ]; then
    say "testing whether an image registry can be reached"
    if within 20 docker pull --quiet hello-world > /dev/null 2>&1; then echo yes; else echo no; fi > "$known"
    docker image rm hello-world > /dev/null 2>&1 || true
    say "image registry can be reached: $(cat "$known")"
  fi
  [ "$(cat "$known")" = yes ]
}

image_exists() { docker image inspect "$1" > /dev/null 2>&1; }

# remove_older IMAGE: removes the images of the same name with other tags.
remove_older() {
  docker image ls --format '{{.Repository}}:{{.Tag}}' "${1%:*}" | { grep -vxF "$1" || true; } \
    | while read -r older; do docker image rm "$older" > /dev/null 2>&1 || true; done
}

# The label of a stand-in for a published image: the hash of the folder from which it was built.
stand_in=postgres-instance.stand-in

# is_current IMAGE HASH: reports whether Docker has this image. A published one is always current; a stand-in is current while
# its hash is this one.
is_current() {
  image_exists "$1" && case $(docker image inspect --format "{{index .Config.Labels \"$stand_in\"}}" "$1") in
    '' | '<no value>' | "$2") true ;; *) false ;; esac
}

# published_or IMAGE HASH COMMAND…: ensures that Docker has the published image if a registry can be reached; else the stand-in
# of this hash, which the command builds.
published_or() {
  local image=$1 hash=$2; shift 2
  if is_current "$image" "$hash"; then return; fi
  if registry_answers; then long "fetching $image" docker pull "$image"; else "$@"; fi
}

# debian_base SUITE: ensures that the image debian:SUITE-slim exists. Without a registry, builds it from Debian's packages.
debian_base() {
  local image=debian:$1-slim
  image_exists "$image" && return
  if registry_answers; then
    long "fetching $image" docker pull "$image"
  else
    need mmdebstrap mmdebstrap debian-archive-keyring
    long "building $image from Debian's packages" import_debian "$1"
  fi
}

# Uses a file instead of a pipe: from a pipe, docker would import the partial output of a failed mmdebstrap. A mirror may serve
# a testing suite past its Valid-Until date, so that date is not checked; the signature is.
import_debian() {
  mmdebstrap --variant=minbase --include=ca-certificates --aptopt='Acquire::Check-Valid-Until "false"' "$1" "$cache/debian-$1.tar"
  docker import -c 'CMD ["bash"]' "$cache/debian-$1.tar" "debian:$1-slim"
  rm "$cache/debian-$1.tar"
}

# docker_build ARGUMENT…: runs docker build with BuildKit, using the first client that supports it. Clients from release 23 on
# need the plug-in buildx, older ones do not. A machine may have several clients.
docker_build() {
  local client
  while read -r client; do
    if "$client" buildx version > /dev/null 2>&1 || [ "$("$client" version --format '{{.Client.Version}}' | cut -d. -f1)" -lt 23 ]; then
      DOCKER_BUILDKIT=1 BUILDX_BUILDER=default "$client" build "$@"
      return
    fi
  done < <(type -ap docker)
  die "docker cannot build with BuildKit. Install the plug-in buildx (Debian: apt-get install docker-buildx) and repeat the command."
}

kubernetes_version() { sed -n 's|^[[:space:]]*k8s.io/kubernetes \(v[0-9.]*\)$|\1|p' "$cluster/kubernetes/go.mod"; }

# Since release 1.21, Go downloads the newer toolchain that a module requires.
need_go() {
  local minor
  need go golang-go
  minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge "${GO_MINIMUM#1.}" ] || die "go is older than $GO_MINIMUM. Install a newer release, for example from https://go.dev/dl or from Debian's backports."
}

# golang ARGUMENT…: runs go with the settings that all builds share.
golang() {
  CGO_ENABLED=0 GOTOOLCHAIN=${GOTOOLCHAIN:-auto} GOFLAGS='-trimpath -buildvcs=false' go "$@"
}

# Prints the linker flags that set the version of Kubernetes programs.
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

java_major() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2> /dev/null; }

# maven ARGUMENT…: runs Maven on this project with the JDK that jdk.sh finds.
maven() {
  local options=${MAVEN_OPTS:-}
  need mvn maven
  if [ -z "${jdk:-}" ]; then jdk=$("$cluster/jdk.sh"); fi
  # Maven's own libraries use sun.misc.Unsafe: from release 24 on, Java prints four lines of warnings about it.
  if [ "$(java_major "$jdk")" -ge 24 ]; then options="--sun-misc-unsafe-memory-access=allow $options"; fi
  MAVEN_OPTS=$options JAVA_HOME=$jdk mvn -B -ntp -f "$root/pom.xml" "$@"
}
