#!/usr/bin/env bash
# Builds the operator's image from an earlier commit, once, and prints its name. Prints nothing if this is a shallow clone
# without that commit: the test that needs the image says so and is skipped.
. "$(dirname "$0")/lib.sh"
image=postgres-instance-operator-previous:${PREVIOUS_OPERATOR_COMMIT:0:12}
sources=$cache/operator-previous

build_previous() {
  rm -rf "$sources"
  mkdir -p "$sources"
  git -C "$root" archive "$PREVIOUS_OPERATOR_COMMIT" | tar -x -C "$sources"
  JAVA_HOME=$jdk mvn -B -ntp -q -f "$sources/pom.xml" package -pl operator -am -Dmaven.test.skip=true -Dspotless.check.skip=true
  docker_build --progress=plain --tag "$image" --build-arg "VERSION=$version" --file "$sources/operator/Dockerfile" "$sources"
  rm -rf "$sources"
}

if ! image_exists "$image"; then
  if ! git -C "$root" cat-file -e "$PREVIOUS_OPERATOR_COMMIT^{commit}" 2> /dev/null; then
    say "this clone does not contain $PREVIOUS_OPERATOR_COMMIT: the upgrade from it is not tested"
    exit
  fi
  jdk=$("$cluster/jdk.sh")
  version=$(git -C "$root" show "$PREVIOUS_OPERATOR_COMMIT:pom.xml" | sed -n '/<artifactId>postgres-instance</,/<version>/s|.*<version>\(.*\)</version>.*|\1|p' | head -1)
  long "building the image $image" build_previous
fi
echo "$image"
