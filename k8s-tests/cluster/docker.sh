#!/usr/bin/env bash
# Makes sure that a docker daemon answers. As root on Debian or Ubuntu: installs it and starts it.
. "$(dirname "$0")/lib.sh"

main() {
  docker info > /dev/null 2>&1 && return
  [ -z "${DOCKER_HOST:-}" ] || die "no docker daemon answers at DOCKER_HOST=$DOCKER_HOST"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    die "no docker daemon answers. Start Docker (and see that you may use it: docker info), or run this as root on Debian or Ubuntu to have it installed."
  fi
  if ! command -v dockerd > /dev/null; then
    long "no docker daemon: installing Debian's" install_docker
    hash -r
  fi
  raise fs.inotify.max_user_instances 1024
  raise fs.inotify.max_user_watches 1048576
  say "starting the docker daemon"
  if [ -d /run/systemd/system ]; then systemctl start docker; else start_without_systemd; fi
  for _ in $(seq 150); do docker info > /dev/null 2>&1 && return; sleep 0.2; done
  die "dockerd does not answer; see /var/log/dockerd.log or journalctl -u docker"
}

# Debian has the client and its builder in packages of their own since trixie.
install_docker() {
  local package wanted="docker.io iptables iproute2 jq"
  apt-get update -qq
  for package in docker-cli docker-buildx; do
    apt-cache show "$package" > /dev/null 2>&1 && wanted="$wanted $package"
  done
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted
}

# Several nodes' worth of systemd and kubelets watch many files.
raise() {
  if [ "$(sysctl -n "$1" 2> /dev/null || echo 0)" -lt "$2" ]; then sysctl -qw "$1=$2" || true; fi
}

start_without_systemd() {
  local options=()
  if ! grep -q '^CapBnd:.*[13579bdf]......$' /proc/self/status; then   # bit 24: CAP_SYS_RESOURCE
    need jq jq
    install -m 755 "$cluster/runc-without-sys-resource" /usr/local/bin/runc-without-sys-resource
    options=(--add-runtime without-sys-resource=/usr/local/bin/runc-without-sys-resource
             --default-runtime without-sys-resource)
  fi
  # A daemon that was killed leaves these; its number may be another process by now, and a new daemon would refuse to start.
  pgrep -x dockerd > /dev/null || rm -f /run/docker.pid /run/docker/containerd/containerd.pid
  setsid nohup dockerd ${options[@]+"${options[@]}"} > /var/log/dockerd.log 2>&1 < /dev/null 9>&- &
}

one_at_a_time docker
main
