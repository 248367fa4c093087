#!/usr/bin/env bash
# Builds the jars of all modules. Skips the tests, and the checks of format and size that `make test` runs.
. "$(dirname "$0")/lib.sh"
need mvn maven
jdk=$("$cluster/jdk.sh")
long "building the jars" maven package -DskipTests -Dspotless.check.skip=true -Dcheckstyle.skip=true "$@"
