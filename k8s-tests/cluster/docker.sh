#!/usr/bin/env bash
# Ensures that a Docker daemon answers. As root on Debian or Ubuntu, installs and starts it if necessary.
. "$(dirname "$0")/lib.sh"

main() {
  docker info > /dev/null 2>&1 && return
  [ -z "${DOCKER_HOST:-}" ] || die "no Docker daemon answers at DOCKER_HOST=$DOCKER_HOST"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    die "no Docker daemon answers. Start Docker and check your access with: docker info. On Debian or Ubuntu, run this command as root to install Docker."
  fi
  if ! command -v dockerd > /dev/null; then
    long "no Docker daemon found: installing Docker from the distribution's packages" install_docker
    hash -r
  fi
  raise fs.inotify.max_user_instances 1024
  raise fs.inotify.max_user_watches 1048576
  say "starting the Docker daemon"
  if [ -d /run/systemd/system ]; then systemctl start docker; else start_without_systemd; fi
  for _ in $(seq 150); do docker info > /dev/null 2>&1 && return; sleep 0.2; done
  die "dockerd does not answer. See /var/log/dockerd.log or journalctl -u docker"
}

# Since trixie, Debian has separate packages for the client and the builder.
install_docker() {
  local package wanted="docker.io iptables iproute2 jq"
  apt-get update -qq
  for package in docker-cli docker-buildx; do
    apt-cache show "$package" > /dev/null 2>&1 && wanted="$wanted $package"
  done
  # shellcheck disable=SC2086 # a list
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted
}

# The systemd and the kubelet of each node watch many files.
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
  # A killed daemon leaves its PID files. If another process has that PID now, a new daemon would refuse to start.
  pgrep -x dockerd > /dev/null || rm -f /run/docker.pid /run/docker/containerd/containerd.pid
  setsid nohup dockerd ${options[@]+"${options[@]}"} > /var/log/dockerd.log 2>&1 < /dev/null 9>&- &
}

one_at_a_time docker
main
