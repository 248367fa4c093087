#!/usr/bin/env bash
# operator-next-image.sh IMAGE: builds an image from the operator's image that stands for a later version with a different
# pod template and start script, and prints its name. Used to test that such an upgrade restarts no database.
. "$(dirname "$0")/lib.sh"
image=${1%:*}-next:${1##*:}
package=dev/postgresinstance/operator/feature/server
resources=$root/operator/src/main/resources/$package
work=$root/k8s-tests/target/operator-next

rm -rf "$work"
mkdir -p "$work/next/$package"
sed 's/^\( *periodSeconds: \)10$/\111/' "$resources/statefulset.yaml" > "$work/next/$package/statefulset.yaml"
sed 's/^exec postgres /printf "Started by the next version.\\n" >\&2\n&/' "$resources/start.sh" > "$work/next/$package/start.sh"
for file in statefulset.yaml start.sh; do
  ! cmp -s "$resources/$file" "$work/next/$package/$file" || die "$file was not changed for the next version"
done
cat > "$work/Dockerfile" <<EOF
FROM $1
COPY next /next
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-cp", "/next:/app/*:/app/lib/*", "dev.postgresinstance.operator.Main"]
EOF
long "building the image $image" docker_build --progress=plain --tag "$image" "$work"
echo "$image"
