package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.access.roles.RolesSql;
import dev.postgresinstance.operator.feature.access.roles.RolesSql.Verifiers;
import dev.postgresinstance.operator.feature.configuration.Configuration;
import dev.postgresinstance.operator.instance.ServerUser;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A pod like those of the operator, on plain docker: the start script with its files, environment
 * and restrictions. Its directories outlive its containers.
 */
final class TestPod implements AutoCloseable {

  /** The default instance id. */
  static final String INSTANCE_ID = "0c1a7a5e-orders";

  static final String APP_PASSWORD = "first secret";

  static final String OPERATOR_PASSWORD = "of the operator";

  private static final String SALT_KEY = "salt";

  /** Environment variables that an image may set, and that must have no effect. */
  private static final Map<String, String> IMAGE_ENVIRONMENT =
      Map.of(
          "PGDATA", "/nowhere",
          "PGPORT", "6000",
          "PGOPTIONS", "-c work_mem=1MB",
          "POSTGRES_PASSWORD", "from-the-image",
          "LANG", "xx_YY.UTF-8",
          "LC_ALL", "xx_YY.UTF-8",
          "TZ", "Asia/Tokyo");

  private final TestVolume volume;
  private final Path directory;
  private final List<TestServer> servers = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>(IMAGE_ENVIRONMENT);
  private List<String> initdbArguments;
  private boolean ownInit = true;
  private String mountOptions = "";
  private List<String> network = List.of("--network", "none");

  TestPod(TestVolume volume) {
    this.volume = volume;
    PostgresInstanceSpec spec = spec();
    this.initdbArguments = InitdbArguments.of(spec);
    environment.put("PGI_MAJOR", Docker.MAJOR);
    environment.put("PGI_INSTANCE_ID", INSTANCE_ID);
    environment.put("PGI_SYSTEM_IDENTIFIER", "");
    try {
      Path base = Files.createDirectories(Path.of("target", "start-script").toAbsolutePath());
      directory = Files.createTempDirectory(base, "pod");
      write("etc/start.sh", TextResource.read(TestPod.class, "start.sh"));
      configuration(working(), working());
      write("etc/pg_hba.conf", TextResource.read(TestPod.class, "pg_hba.conf"));
      write("passwd", "postgres:x:999:999:PostgreSQL:/tmp:/bin/sh\n");
      write("termination-log", "");
      open(Files.createDirectories(directory.resolve("run")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    roles(rolesWith(APP_PASSWORD));
  }

  /** The configuration of an instance without user-defined parameters. */
  static String working() {
    return configurationWith(Map.of());
  }

  /** The configuration of an instance with these parameters. */
  static String configurationWith(Map<String, String> parameters) {
    return Configuration.of(snapshot(), parameters).text();
  }

  private static PostgresInstanceSpec spec() {
    return snapshot().instance().getSpec();
  }

  /** An instance before any child exists. */
  static Snapshot snapshot() {
    return Snapshots.of(
        """
        version: "%s"
        database: app
        username: app
        storage: {size: 1Gi}
        resources: {}
        """
            .formatted(Docker.MAJOR));
  }

  static String verifier(String password) {
    return RolesSql.verifier("app", password, SALT_KEY);
  }

  /** The statements that the operator renders for a password of the role app. */
  static String rolesWith(String appPassword) {
    return RolesSql.render(
        spec(),
        "",
        new Verifiers(
            verifier(appPassword),
            verifier(OPERATOR_PASSWORD),
            Optional.empty(),
            Optional.empty()));
  }

  TestPod roles(String sql) {
    write("roles/roles.sql", sql);
    return this;
  }

  /** The configuration to try first, and the one to fall back to. */
  TestPod configuration(String first, String second) {
    write("etc/a.conf", first);
    write("etc/b.conf", second);
    write("etc/order", "a.conf b.conf\n");
    return this;
  }

  /** Mounts the certificate of the server, as a Secret with the group of the server is mounted. */
  TestPod certificate(String certificate, String key) {
    write("tls/tls.crt", certificate);
    write("tls/tls.key", key);
    try {
      Path file = directory.resolve("tls/tls.key");
      Files.setAttribute(file, "unix:gid", ServerUser.DEFAULT_ID);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Adds another script of the ConfigMap. */
  TestPod script(String key, String text) {
    write("etc/" + key, text);
    return this;
  }

  TestPod instanceId(String id) {
    environment.put("PGI_INSTANCE_ID", id);
    return this;
  }

  /** Sets the known system identifier, as the operator does once it has recorded the data. */
  TestPod systemIdentifier(String identifier) {
    environment.put("PGI_SYSTEM_IDENTIFIER", identifier);
    return this;
  }

  /** Sets the consent of a user to an empty volume in place of data. */
  TestPod acceptingAnEmptyVolume() {
    environment.put("PGI_ACCEPT_EMPTY_VOLUME", "uid-of-the-claim");
    return this;
  }

  /** The data of the instance comes from a backup. */
  TestPod restored() {
    environment.put("PGI_RESTORE", "0c1a7a5e");
    return this;
  }

  /** Sets the id of the data that a user adopts for this instance. */
  TestPod adopting(String id) {
    environment.put("PGI_ADOPT", id);
    return this;
  }

  TestPod major(String major) {
    environment.put("PGI_MAJOR", major);
    return this;
  }

  TestPod initdb(String... arguments) {
    initdbArguments = List.of(arguments);
    return this;
  }

  /** Kills or hangs the script at a step: {@code kill before mv 1}, {@code hang after sync 2}. */
  TestPod that(String moment) {
    environment.put("STUMBLE", moment);
    hook("mv", TextResource.read(TestPod.class, "stumble.sh"));
    return hook("sync", TextResource.read(TestPod.class, "stumble.sh"));
  }

  /** Simulates a volume of 1 GiB with this number of available bytes. */
  TestPod available(long bytes) {
    return hook("stat", "#!/bin/bash\necho 1073741824 %d 1\n".formatted(bytes));
  }

  /** Installs a program that takes precedence over the one of the image. */
  private TestPod hook(String program, String script) {
    write("hooks/" + program, script);
    if (!environment.getOrDefault("PATH", "").startsWith("/hooks:")) {
      environment.put("PATH", "/hooks:" + Docker.PATH);
      options.addAll(List.of("--volume", directory.resolve("hooks") + ":/hooks:ro"));
    }
    return this;
  }

  /** Replaces the server program of the image. */
  TestPod postgres(String script) {
    write("postgres", script);
    options.addAll(
        List.of(
            "--volume",
            "%s:/usr/lib/postgresql/%s/bin/postgres:ro"
                .formatted(directory.resolve("postgres"), Docker.MAJOR)));
    return this;
  }

  /** Uses a volume of a limited size, which exists as long as the container. */
  TestPod room(String size) {
    options.addAll(List.of("--tmpfs", "/pgdata:uid=999,gid=999,size=" + size));
    return this;
  }

  /** Mounts the volume read-only. */
  TestPod readOnly() {
    mountOptions = ":ro";
    return this;
  }

  /** Shares the process namespace of another container, like the containers of one pod. */
  TestPod sharingProcessesOf(String container) {
    options.addAll(List.of("--pid", "container:" + container));
    ownInit = false;
    return this;
  }

  /** Lets the tests connect to the server from outside its container. */
  TestPod reachable() {
    network = List.of("--publish", "127.0.0.1::5432");
    return this;
  }

  /** Runs the script as process 1, which receives only signals that it handles. */
  TestPod withoutInit() {
    ownInit = false;
    return this;
  }

  /** Starts the container of this pod, for the first time or again. */
  TestServer start() {
    write("termination-log", "");
    List<String> command = new ArrayList<>(List.of("--user", "999:999", "--read-only"));
    command.addAll(network);
    command.addAll(List.of("--cap-drop", "ALL", "--security-opt", "no-new-privileges"));
    command.addAll(List.of("--tmpfs", "/tmp:mode=1777", "--entrypoint", "/bin/bash"));
    mount(command, "etc", "/etc/postgres-instance:ro");
    mount(command, "roles", "/etc/postgres-instance-roles:ro");
    mount(command, "passwd", "/etc/passwd:ro");
    if (Files.exists(directory.resolve("tls"))) {
      mount(command, "tls", "/etc/postgres-instance-tls:ro");
    }
    mount(command, "run", "/var/run/postgresql");
    mount(command, "termination-log", "/dev/termination-log");
    environment.forEach((name, value) -> command.addAll(List.of("--env", name + "=" + value)));
    command.addAll(options);
    if (ownInit) {
      command.add("--init");
    }
    if (!options.contains("--tmpfs")) {
      command.addAll(List.of("--volume", volume.mount() + ":/pgdata" + mountOptions));
    }
    command.addAll(List.of(Docker.IMAGE, "/etc/postgres-instance/start.sh"));
    command.addAll(initdbArguments);
    TestServer server = new TestServer(command, directory.resolve("termination-log"));
    servers.add(server);
    return server;
  }

  private void mount(List<String> command, String file, String target) {
    command.addAll(List.of("--volume", directory.resolve(file) + ":" + target));
  }

  private void write(String file, String text) {
    try {
      Path path = directory.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
      open(path.getParent());
      open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Needed because the container runs as another user than the tests. */
  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Override
  public void close() {
    servers.forEach(TestServer::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
