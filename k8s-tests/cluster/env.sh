#!/usr/bin/env bash
# Prints the shell settings for using kind, kubectl and helm with the clusters of this project: eval "$(make -s env)"
. "$(dirname "$0")/lib.sh"
"$cluster/tools.sh"
# shellcheck disable=SC2016 # the caller's shell expands $PATH
printf 'export PATH=%q:$PATH\nexport KUBECONFIG=%q\n' "$cache/bin" "$kubeconfig"
