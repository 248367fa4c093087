#!/usr/bin/env bash
# bench-logins.sh ROUNDS: measures the processor time of the operator's logins without and with TLS, with the operator's JVM
# options, at a server in a container.
. "$(dirname "$0")/lib.sh"
name=postgres-instance-bench-logins
files=$root/operator/target/bench-logins   # certificate, key and authority of the server

bench() {
  "$jdk/bin/java" -XX:+IgnoreUnrecognizedVMOptions "@$root/operator/jvm.options" \
    -cp "$root/operator/target/test-classes:$(cat "$root/k8s-tests/target/test-classpath.txt")" \
    dev.postgresinstance.operator.sql.LoginBenchmark "$@"
}

start_server() {
  docker run --detach --name "$name" --user postgres --volume "$files:/files:ro" --entrypoint sh "$image" -c '
    set -e
    cd /tmp
    cp /files/* .
    chmod 600 tls.key
    export PGDATA=/tmp/data
    echo secret > password
    initdb --username pgi_operator --pwfile password --auth scram-sha-256
    echo "host all all all scram-sha-256" >> data/pg_hba.conf
    exec postgres -c "listen_addresses=*" -c unix_socket_directories=/tmp -c ssl=on -c ssl_cert_file=/tmp/tls.crt -c ssl_key_file=/tmp/tls.key'
  until docker exec "$name" pg_isready --quiet --host localhost; do
    if [ "$(docker inspect --format '{{.State.Running}}' "$name")" != true ]; then
      docker logs "$name"
      die "the server has ended"
    fi
    sleep 1
  done
  docker exec --env PGPASSWORD=secret "$name" psql --host localhost --username pgi_operator --dbname postgres \
    --command "CREATE ROLE app LOGIN PASSWORD 'secret'" --command "CREATE DATABASE app"
}

"$cluster/docker.sh"
jdk=$("$cluster/jdk.sh")
image=$("$cluster/postgres-image.sh" "$POSTGRES_DEFAULT_MAJOR")
long "compiling" maven test-compile -pl k8s-tests -am
mkdir -p "$files"
bench certificate "$files"
docker rm --force "$name" > /dev/null 2>&1 || true
trap 'docker rm --force "$name" > /dev/null' EXIT
long "starting a server" start_server
say "measuring"
bench measure "$files" "$(docker inspect --format '{{.NetworkSettings.Networks.bridge.IPAddress}}' "$name")" "$1"
