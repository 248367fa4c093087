#!/usr/bin/env bash
# Generates two files from the records of the module crd: the CustomResourceDefinition in the chart, which is also a resource
# of the jar, and docs/api.md.
. "$(dirname "$0")/lib.sh"
maven -q -pl crd spotless:apply test -Dregenerate
