#!/usr/bin/env bash
# Prints the home of a JDK that is new enough: JAVA_HOME if it qualifies, else the newest JDK that it finds.
. "$(dirname "$0")/lib.sh"

fits() { [ -x "$1/bin/javac" ] && [ "$(java_major "$1" || echo 0)" -ge "$JDK_MINIMUM" ] 2> /dev/null; }

candidates() {
  ls -d /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* 2> /dev/null || true
  if [ -x /usr/libexec/java_home ]; then /usr/libexec/java_home -v "$JDK_MINIMUM+" 2> /dev/null || true; fi
  if command -v javac > /dev/null; then dirname "$(dirname "$(realpath "$(command -v javac)")")"; fi
}

newest() {
  candidates | while read -r home; do if fits "$home"; then echo "$(java_major "$home") $home"; fi; done \
    | sort -rn | sed -n '1s/^[0-9]* //p'
}

install_jdk() {
  local release
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 0
  apt-get update -qq > /dev/null
  for release in 25 21; do
    if apt-cache show "openjdk-$release-jdk-headless" > /dev/null 2>&1; then
      long "no JDK $JDK_MINIMUM or later found: installing openjdk-$release-jdk-headless" packages "openjdk-$release-jdk-headless"
      return
    fi
  done
}

if [ -n "${JAVA_HOME:-}" ] && fits "$JAVA_HOME"; then echo "$JAVA_HOME"; exit; fi
found=$(newest)
if [ -z "$found" ]; then install_jdk; found=$(newest); fi
[ -n "$found" ] || die "no JDK $JDK_MINIMUM or later was found in JAVA_HOME or in the usual places. Install one, for example:
  Debian 13, Ubuntu:  apt-get install openjdk-21-jdk-headless
  macOS:              brew install openjdk@21
  elsewhere:          https://adoptium.net
If the JDK is in another place, set JAVA_HOME to it."
echo "$found"
