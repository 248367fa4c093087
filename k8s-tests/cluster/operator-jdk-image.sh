#!/usr/bin/env bash
# operator-jdk-image.sh IMAGE: builds an image from the operator's image that also has a full JDK at /opt/jdk, and prints
# its name. Used to measure the benefit of the reduced Java runtime in the operator's image.
. "$(dirname "$0")/lib.sh"
image=${1%:*}-jdk:${1##*:}
work=$root/k8s-tests/target/operator-jdk

build() {
  docker_build --progress=plain --target runtime --tag "$image-runtime" --file "$root/operator/Dockerfile" "$root"
  docker_build --progress=plain --tag "$image" "$work"
}

rm -rf "$work"
mkdir -p "$work"
# The class data sharing archive uses the same object headers as the one of the reduced runtime.
cat > "$work/Dockerfile" <<EOF
FROM $1 AS operator
FROM $image-runtime
COPY --from=operator /opt/java /opt/java
COPY --from=operator /app /app
RUN ln -s /usr/lib/jvm/java-25-openjdk-* /opt/jdk \\
 && /opt/jdk/bin/java -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xshare:dump
USER 65532:65532
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-cp", "/app/*:/app/lib/*", "dev.postgresinstance.operator.Main"]
EOF
long "building the image $image" build
echo "$image"
