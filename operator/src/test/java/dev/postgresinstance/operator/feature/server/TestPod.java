package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.access.RolesSql;
import dev.postgresinstance.operator.feature.access.RolesSql.Verifiers;
import dev.postgresinstance.operator.feature.configuration.Configuration;
import io.fabric8.kubernetes.client.utils.Serialization;
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
 * A pod as the operator makes it, on plain docker: the start script with its files, its environment
 * and its restrictions. Its directories last while its containers come and go.
 */
final class TestPod implements AutoCloseable {

  /** The identity that the operator gave to the data, where a test says nothing else. */
  static final String INSTANCE_ID = "0c1a7a5e-orders";

  static final String APP_PASSWORD = "first secret";

  private static final String SALT_KEY = "salt";

  /** What an image might set and nothing may follow. */
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

  /** The configuration of an instance for which the user sets no parameters. */
  static String working() {
    return configurationWith(Map.of());
  }

  /** The configuration of one with those parameters. */
  static String configurationWith(Map<String, String> parameters) {
    return Configuration.of(spec(), parameters).text();
  }

  private static PostgresInstanceSpec spec() {
    return Serialization.unmarshal(
        """
        version: "%s"
        database: app
        username: app
        storage: {size: 1Gi}
        resources: {}
        """
            .formatted(Docker.MAJOR),
        PostgresInstanceSpec.class);
  }

  static String verifier(String password) {
    return RolesSql.verifier("app", password, SALT_KEY);
  }

  /** The statements that the operator would render for this password of app. */
  static String rolesWith(String appPassword) {
    return RolesSql.render(
        spec(),
        "",
        new Verifiers(verifier(appPassword), verifier("of the operator"), Optional.empty()));
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

  TestPod instanceId(String id) {
    environment.put("PGI_INSTANCE_ID", id);
    return this;
  }

  /** Tells the pod that data exists, as the operator does once it has recorded that. */
  TestPod systemIdentifier(String identifier) {
    environment.put("PGI_SYSTEM_IDENTIFIER", identifier);
    return this;
  }

  /** Tells the pod that a person accepts an empty volume in place of data. */
  TestPod acceptingAnEmptyVolume() {
    environment.put("PGI_ACCEPT_EMPTY_VOLUME", "uid-of-the-claim");
    return this;
  }

  /** Tells the pod whose data a person accepts as this instance's. */
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

  /** Ends at a step of the first start: {@code kill before mv 1}, {@code hang after sync 2}. */
  TestPod that(String moment) {
    environment.put("STUMBLE", moment);
    hook("mv", TextResource.read(TestPod.class, "stumble.sh"));
    return hook("sync", TextResource.read(TestPod.class, "stumble.sh"));
  }

  /** Seems to have a volume of 1 GiB with so many bytes of room. */
  TestPod available(long bytes) {
    return hook("stat", "#!/bin/bash\necho 1073741824 %d 1\n".formatted(bytes));
  }

  /** Puts a program in front of the image's own. */
  private TestPod hook(String program, String script) {
    write("hooks/" + program, script);
    if (!environment.getOrDefault("PATH", "").startsWith("/hooks:")) {
      environment.put("PATH", "/hooks:" + Docker.PATH);
      options.addAll(List.of("--volume", directory.resolve("hooks") + ":/hooks:ro"));
    }
    return this;
  }

  /** Has a volume with so much room and not more; it lasts as long as the container. */
  TestPod room(String size) {
    options.addAll(List.of("--tmpfs", "/pgdata:uid=999,gid=999,size=" + size));
    return this;
  }

  /** Shares the processes of another container, as the containers of one pod do. */
  TestPod sharingProcessesOf(String container) {
    options.addAll(List.of("--pid", "container:" + container));
    ownInit = false;
    return this;
  }

  /** Makes the script process 1, to which no signal comes that it does not handle. */
  TestPod withoutInit() {
    ownInit = false;
    return this;
  }

  /** Starts the container of this pod, for the first time or again. */
  TestServer start() {
    write("termination-log", "");
    List<String> command =
        new ArrayList<>(List.of("--network", "none", "--user", "999:999", "--read-only"));
    command.addAll(List.of("--cap-drop", "ALL", "--security-opt", "no-new-privileges"));
    command.addAll(List.of("--tmpfs", "/tmp:mode=1777", "--entrypoint", "/bin/bash"));
    mount(command, "etc", "/etc/postgres-instance:ro");
    mount(command, "roles", "/etc/postgres-instance-roles:ro");
    mount(command, "passwd", "/etc/passwd:ro");
    mount(command, "run", "/var/run/postgresql");
    mount(command, "termination-log", "/dev/termination-log");
    environment.forEach((name, value) -> command.addAll(List.of("--env", name + "=" + value)));
    command.addAll(options);
    if (ownInit) {
      command.add("--init");
    }
    if (!options.contains("--tmpfs")) {
      command.addAll(List.of("--volume", volume.mount() + ":/pgdata"));
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

  /** The user of the container is another one than the user of the tests. */
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
