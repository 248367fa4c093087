#!/usr/bin/env bash
# Prints what a shell needs to use kind, kubectl and helm on our clusters: eval "$(make -s env)"
. "$(dirname "$0")/lib.sh"
"$cluster/tools.sh"
# shellcheck disable=SC2016 # $PATH is for the caller
printf 'export PATH=%q:$PATH\nexport KUBECONFIG=%q\n' "$cache/bin" "$kubeconfig"
