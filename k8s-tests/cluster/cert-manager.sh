#!/usr/bin/env bash
# Prints the folder with the program cert-manager, which issues certificates, and crds/ with its definitions. Builds it if
# it is missing.
. "$(dirname "$0")/lib.sh"
folder=$cache/tools/cert-manager-$(hash_of cert-manager)
module=github.com/cert-manager/cert-manager

# The rename makes the build atomic: the existence of the folder is the only check for a finished build.
compile() {
  local sources
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  cd "$cluster/cert-manager"
  golang build -ldflags '-s -w' -o "$folder.new/cert-manager" .
  sources=$(golang list -m -f '{{.Dir}}' "$module")
  cp -r "$sources/deploy/crds" "$folder.new/crds"
  mv "$folder.new" "$folder"
}

one_at_a_time cert-manager
if [ ! -d "$folder" ]; then
  need_go
  long "building cert-manager from Go modules (about 3 minutes on 2 cores the first time)" compile
fi
echo "$folder"
