#!/usr/bin/env bash
# Writes what is generated from the records of the module crd: the definition of the resource, which is the chart's file
# and a resource of the jar, and docs/api.md.
. "$(dirname "$0")/lib.sh"
maven -q -pl crd spotless:apply test -Dregenerate
