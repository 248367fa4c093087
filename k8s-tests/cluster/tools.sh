#!/usr/bin/env bash
# tools.sh [TOOL…]: ensures that kind, kubectl and helm, or the named tools, are in $cache/bin. Links to the tools of this
# machine if their versions fit, else to our own, built from Go modules at the pinned versions. Tests also need toxiproxy-server.
. "$(dirname "$0")/lib.sh"
tools=$cache/tools
node_minor=$(kubernetes_version | cut -d. -f2)

# version_of PROGRAM ARGUMENT…: prints "major minor" of the first version in the output of the command.
version_of() { "$@" 2> /dev/null | sed -n 's/.*v\([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p' | sed -n 1p; }

# kind: a release that supports the node image. helm: v4, or a v3 that has --take-ownership. kubectl: at most one minor version
# away from the API server. toxiproxy: only our own build, because it does not report its version.
fits() {
  local major minor
  case $1 in
    kind)    read -r major minor < <(version_of "$2" version)          && [ "$major" = 0 ] && [ "$minor" -ge 33 ] ;;
    helm)    read -r major minor < <(version_of "$2" version --short)  && { [ "$major" = 4 ] || { [ "$major" = 3 ] && [ "$minor" -ge 17 ]; }; } ;;
    kubectl) read -r major minor < <(version_of "$2" version --client) && [ "$major" = 1 ] \
               && [ $((minor - node_minor)) -ge -1 ] && [ $((minor - node_minor)) -le 1 ] ;;
    toxiproxy-server) false ;;
  esac
}

key() {
  case $1 in
    kind) echo "kind-${KIND_MODULE#*@}" ;;
    helm) echo "helm-${HELM_MODULE#*@}" ;;
    kubectl) echo "kubectl-$(kubernetes_version)" ;;
    toxiproxy-server) echo "toxiproxy-${TOXIPROXY_MODULE#*@}" ;;
  esac
}

build() {
  local target
  target=$tools/$(key "$1")
  mkdir -p "$target"
  need_go
  case $1 in
    kind)    long "building kind ${KIND_MODULE#*@} (seconds)" install_module "$target" "$KIND_MODULE" ;;
    helm)    long "building helm ${HELM_MODULE#*@} (about 2 minutes)" install_module "$target" "$HELM_MODULE" ;;
    toxiproxy-server) long "building toxiproxy ${TOXIPROXY_MODULE#*@} (less than a minute)" build_toxiproxy "$target" ;;
    kubectl) long "building kubectl $(kubernetes_version) (about a minute)" build_kubectl "$target" ;;
  esac
}

install_module() { cd "$1" && GOBIN=$1 golang install "$2"; }

# The module names the program "server".
build_toxiproxy() { install_module "$1" "$TOXIPROXY_MODULE" && mv "$1/server" "$1/toxiproxy-server"; }

build_kubectl() {
  cd "$cluster/kubernetes" && golang build -ldflags "$(kubernetes_stamp)" -o "$1/kubectl" k8s.io/kubernetes/cmd/kubectl
}

# Prints the tools of the machine in the order of PATH, without our own links in $cache/bin.
of_machine() { type -ap "$1" | grep -vxF "$cache/bin/$1" || true; }

provide() {
  local own found
  own=$tools/$(key "$1")/$1
  if [ ! -x "$own" ]; then
    while read -r found; do
      if fits "$1" "$found"; then ln -sfn "$found" "$cache/bin/$1"; return; fi
    done < <(of_machine "$1")
    build "$1"
  fi
  ln -sfn "$own" "$cache/bin/$1"
}

mkdir -p "$cache/bin"
one_at_a_time tools
if [ $# = 0 ]; then set -- kind kubectl helm; fi
for tool in "$@"; do provide "$tool"; done
