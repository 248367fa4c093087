package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.program.restore.FolderFetch;
import dev.postgresinstance.operator.common.TextResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The pod of a restore, on plain docker: the script in a container of PostgreSQL's image, and the
 * program that reads the archive in a container with the JDK of this test.
 */
final class TestRestore implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String SCRIPT = "/dev/postgresinstance/operator/feature/restore/restore.sh";
  private static final String CLASSES = "/classes";

  private final TestVolume volume;
  private final TestArchive archive;
  private final Path folder;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> scriptOptions = new ArrayList<>();
  private TestServer script;
  private TestServer fetch;

  TestRestore(TestArchive archive, TestVolume volume) {
    this.archive = archive;
    this.volume = volume;
    environment.put("PGI_MAJOR", Docker.MAJOR);
    environment.put("PGI_INSTANCE_ID", TestPod.INSTANCE_ID);
    environment.put("PGI_DATABASE", "app");
    environment.put("PGI_USERNAME", "app");
    environment.put("PGI_SOURCE_INSTANCE_ID", TestArchive.INSTANCE_ID);
    environment.put("PGI_RESTORE", "0a1b");
    environment.put("PGI_PARTNER_TIMEOUT", "10");
    // Variables of an image, which must have no effect.
    environment.put("PGDATA", "/nowhere");
    environment.put("LC_ALL", "xx_YY.UTF-8");
    try {
      Path base = Files.createDirectories(Path.of("target", "restore").toAbsolutePath());
      folder = Files.createTempDirectory(base, "pod");
      open(folder);
      write("restore.sh", TextResource.read(TestRestore.class, SCRIPT));
      write("passwd", "postgres:x:999:999:PostgreSQL:/tmp:/bin/sh\n");
      write("script-result", "");
      write("fetch-result", "");
      open(Files.createDirectory(folder.resolve("exchange")));
      Files.createDirectory(folder.resolve("lib"));
      for (Class<?> type : new Class<?>[] {FolderFetch.class, ArchiveJson.class}) {
        copyClasses(type);
      }
      for (String jar : System.getProperty("java.class.path").split(":", -1)) {
        if (jar.matches(".*/(jackson-|slf4j-api|logback-|AmazonCorretto)[^/]*\\.jar")) {
          Files.copy(Path.of(jar), folder.resolve("lib").resolve(Path.of(jar).getFileName()));
        }
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.toList()) {
          open(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of the classes may not be readable for the user of the container. */
  private void copyClasses(Class<?> type) throws IOException {
    Path root = Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    for (String part : new String[] {"archive", "common"}) {
      Path source = root.resolve("dev/postgresinstance/operator").resolve(part);
      if (!Files.exists(source)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path target = folder.resolve("classes").resolve(root.relativize(file));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }

  TestRestore with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Kills or hangs the script at a step, see {@link TestPod#that}. */
  TestRestore that(String moment) {
    environment.put("STUMBLE", moment);
    for (String program : new String[] {"mv", "sync"}) {
      write("hooks/" + program, TextResource.read(TestPod.class, "stumble.sh"));
    }
    return withHooks();
  }

  /** Only shows that the archive can be restored. */
  TestRestore verifying() {
    environment.put("PGI_VERIFY", "true");
    return this;
  }

  /** Runs shell commands in the folder of the unpacked files, before the recovery. */
  TestRestore damaging(String shell) {
    write(
        "hooks/sync",
        """
        #!/bin/bash
        if [[ $1 == -f ]]; then cd /pgdata/%s.restore && %s; fi
        exec /usr/bin/sync "$@"
        """
            .formatted(Docker.MAJOR, shell));
    return withHooks();
  }

  /** The command that overwrites a part of a file. */
  static String overwrite(String file, int offset, int bytes) {
    return "head -c %d /dev/zero | tr '\\0' '\\252' | dd of=%s bs=1 seek=%d conv=notrunc status=none"
        .formatted(bytes, file, offset);
  }

  private TestRestore withHooks() {
    scriptOptions.addAll(
        List.of(
            "--volume",
            folder.resolve("hooks") + ":/hooks:ro",
            "--env",
            "PATH=/hooks:" + Docker.PATH));
    return this;
  }

  TestRestore start() {
    script = startScript();
    fetch = startFetch();
    return this;
  }

  private TestServer startScript() {
    List<String> command = common("script-result");
    command.addAll(scriptOptions);
    command.addAll(List.of("--volume", folder.resolve("passwd") + ":/etc/passwd:ro"));
    command.addAll(List.of("--entrypoint", "/bin/bash"));
    command.addAll(List.of(Docker.IMAGE, "/pod/restore.sh"));
    return new TestServer(command, folder.resolve("script-result"));
  }

  private TestServer startFetch() {
    List<String> command = common("fetch-result");
    command.addAll(List.of("--volume", archive.folder() + ":/store"));
    command.addAll(List.of("--volume", System.getProperty("java.home") + ":/jdk:ro"));
    command.addAll(List.of("--entrypoint", "/jdk/bin/java"));
    command.addAll(List.of(Docker.IMAGE, "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", "/pod" + CLASSES + ":/pod/lib/*", FolderFetch.class.getName()));
    return new TestServer(command, folder.resolve("fetch-result"));
  }

  private List<String> common(String result) {
    List<String> command =
        new ArrayList<>(List.of("--user", "999:999", "--read-only", "--network", "none"));
    command.addAll(List.of("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--init"));
    command.addAll(List.of("--tmpfs", "/tmp:mode=1777"));
    command.addAll(List.of("--volume", folder + ":/pod:ro"));
    command.addAll(List.of("--volume", folder.resolve("exchange") + ":/exchange"));
    command.addAll(List.of("--volume", folder.resolve(result) + ":/dev/termination-log"));
    command.addAll(List.of("--volume", volume.mount() + ":/pgdata"));
    environment.forEach((name, value) -> command.addAll(List.of("--env", name + "=" + value)));
    return command;
  }

  /** Waits until both containers have ended, and returns the result of the script. */
  String awaitResult() {
    assertThat(fetch.awaitEnd()).as(this::logs).isZero();
    assertThat(script.awaitEnd()).as(this::logs).isZero();
    return script.terminationMessage();
  }

  /** Waits until both containers have failed with the same reason, and returns it. */
  String awaitFailure() {
    assertThat(script.awaitEnd()).as(this::logs).isEqualTo(failedExitCode());
    assertThat(fetch.awaitEnd()).as(this::logs).isOne();
    String result = script.terminationMessage();
    assertThat(fetch.terminationMessage()).as(this::logs).isEqualTo(result);
    return result;
  }

  /** A verification tells its Job that another attempt would find the same. */
  private int failedExitCode() {
    return environment.containsKey("PGI_VERIFY") ? 3 : 1;
  }

  String logs() {
    return "script:%n%s%n%nfetch:%n%s".formatted(script.log(), fetch.log());
  }

  /** Waits for a file of the exchange, or until a container has ended. */
  TestRestore awaitFile(String name) {
    await(name).atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> exists(name));
    return this;
  }

  /** Waits for a line in the log of the script. */
  TestRestore awaitLine(String text) {
    script.awaitLine(text);
    return this;
  }

  boolean exists(String name) {
    return Files.exists(folder.resolve("exchange").resolve(name));
  }

  TestServer script() {
    return script;
  }

  TestServer fetch() {
    return fetch;
  }

  private void write(String file, String text) {
    try {
      Path path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
      open(path.getParent());
      open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Needed because the containers run as another user than the tests. */
  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Override
  public void close() {
    if (script != null) {
      script.close();
      fetch.close();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
