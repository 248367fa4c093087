#!/usr/bin/env bash
# Builds the jars of all modules, without tests; how the code is formatted is for the tests' build to say.
. "$(dirname "$0")/lib.sh"
need mvn maven
jdk=$("$cluster/jdk.sh")
long "building the jars" maven package -DskipTests -Dspotless.check.skip=true "$@"
