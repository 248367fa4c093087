#!/usr/bin/env bash
# Prints where the program is that says for the tests what GitOps tools make of an object; builds it if it is missing.
. "$(dirname "$0")/lib.sh"
program=$cache/tools/gitops-health-$(hash_of gitops)/gitops-health

# Whole or not at all: whoever finds it does not ask whether its build has ended.
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
