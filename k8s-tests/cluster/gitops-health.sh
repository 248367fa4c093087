#!/usr/bin/env bash
# Prints the path of the program that reports the health GitOps tools compute for an object. Builds it if it is missing.
. "$(dirname "$0")/lib.sh"
program=$cache/tools/gitops-health-$(hash_of gitops)/gitops-health

# The rename makes the build atomic: the existence of the file is the only check for a finished build.
compile() {
  mkdir -p "${program%/*}"
  cd "$cluster/gitops"
  golang build -ldflags '-s -w' -o "$program.new" .
  mv "$program.new" "$program"
}

one_at_a_time gitops-health
if [ ! -x "$program" ]; then
  need_go
  long "building gitops-health from Go modules (about 2 minutes)" compile
fi
mkdir -p "$cache/bin"
ln -sfn "$program" "$cache/bin/gitops-health"
echo "$program"
