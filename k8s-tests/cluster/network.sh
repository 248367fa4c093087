#!/usr/bin/env bash
# close: blocks traffic from the Docker network of clusters that run on our node image to other machines, and traffic to pod
#        and service addresses that leaves this machine. Until kube-proxy has written its rules, traffic to a service
#        address would use the default route; the host has no routes to pod and service addresses at all.
# open:  reverts what close did.
# Published node images need neither.
. "$(dirname "$0")/lib.sh"
marked=(-m comment --comment postgres-instance)
networks="10.244.0.0/16 10.96.0.0/16"   # of pods and services, as in kind-config.sh

close_network() {
  local bridge outside network
  docker network inspect kind > /dev/null 2>&1 || docker network create --driver bridge kind > /dev/null
  bridge=br-$(docker network inspect kind --format '{{.Id}}' | cut -c1-12)
  outside=$(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sed -n 1p)
  if [ -n "$outside" ] && ! iptables -C DOCKER-USER -i "$bridge" -o "$outside" "${marked[@]}" -j REJECT 2> /dev/null; then
    remove_rules
    iptables -I DOCKER-USER -i "$bridge" -o "$outside" "${marked[@]}" -j REJECT
  fi
  for network in $networks; do ip route replace unreachable "$network"; done
}

open_network() {
  local network
  remove_rules
  for network in $networks; do ip route del unreachable "$network" 2> /dev/null || true; done
}

# Also removes rules for a bridge that no longer exists.
remove_rules() {
  local rule
  iptables -S DOCKER-USER 2> /dev/null | sed -n '/--comment postgres-instance/s/^-A //p' | while read -r rule; do
    # shellcheck disable=SC2086 # the arguments of a rule
    iptables -D $rule
  done
}

if [ "$(id -u)" != 0 ]; then
  [ "$(uname)" = Linux ] || exit 0   # Docker runs in a virtual machine
  exec sudo "XDG_CACHE_HOME=${cache%/*}" "$0" "$@"
fi
if [ "$1" = open ] && ! { command -v iptables && command -v ip; } > /dev/null; then exit 0; fi
need iptables iptables
need ip iproute2
case $1 in
  close) close_network ;;
  open) open_network ;;
esac
