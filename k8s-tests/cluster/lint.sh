#!/usr/bin/env bash
# Checks the scripts and the chart. Uses shellcheck if it is installed.
. "$(dirname "$0")/lib.sh"
"$cluster/tools.sh" helm
helm lint "$root/helm/postgres-instance-operator"
scripts=("$root/mvnw" "$cluster"/*.sh "$cluster/node/build.sh" "$cluster/runc-without-sys-resource" "$cluster/node/files/usr/local/bin/entrypoint" "$root/.ci/run")
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck > /dev/null; then
  shellcheck --external-sources --source-path SCRIPTDIR "${scripts[@]}"
else
  say "NOTE: shellcheck is not installed; only the syntax of the scripts was checked"
fi
say "no findings"
