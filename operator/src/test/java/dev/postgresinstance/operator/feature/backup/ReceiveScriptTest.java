package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.common.TextResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script with another root folder, and a program that only notes how it is called. */
class ReceiveScriptTest {

  private static final String STUB =
      """
      #!/bin/bash
      printf '%s|' "$@" "$PGHOST" "$PGPORT" "$PGUSER" "$PGSSLMODE" "$PGSSLROOTCERT" "$PGAPPNAME" \
        "$(<"$PGPASSFILE")" "$(stat -c %a "$PGPASSFILE")" "${PGDATA-none}" >>@ROOT@/calls
      echo "$$" >>@ROOT@/calls
      if [[ -e @ROOT@/fails ]]; then exit 3; fi
      exec sleep 600
      """;

  @TempDir Path root;
  private Process script;

  @BeforeEach
  void start() throws IOException {
    Files.createDirectories(root.resolve("spool/wal"));
    Path login = Files.createDirectories(root.resolve("login"));
    Files.writeString(login.resolve("host"), "orders-backup.shop.svc");
    Files.writeString(login.resolve("port"), "5432");
    Files.writeString(login.resolve("username"), "pgi_backup");
    Files.writeString(login.resolve("password"), "a:b\\c d");
    Files.writeString(login.resolve("sslmode"), "verify-full");
    Files.writeString(login.resolve("ca.crt"), "x");
    Path stub = root.resolve("pg_receivewal");
    Files.writeString(stub, STUB.replace("@ROOT@", root.toString()));
    Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwx------"));
    String text =
        TextResource.read(ReceiveScriptTest.class, "receive.sh")
            .replace("=/spool", "=" + root.resolve("spool"))
            .replace("=/etc/pgi-login", "=" + login)
            .replace("=/tmp/pgpass", "=" + root.resolve("pgpass"));
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", text).inheritIO();
    builder.environment().merge("PATH", root.toString(), (path, first) -> first + ":" + path);
    builder.environment().put("PGI_MAJOR", "0");
    builder.environment().put("PGDATA", "/of/the/image");
    script = builder.start();
  }

  @AfterEach
  void stop() {
    script.descendants().forEach(ProcessHandle::destroyForcibly);
    script.destroyForcibly();
  }

  @Test
  void receivesWhileItIsOrdered() throws Exception {
    // Given
    order("lineage-1 1024");
    await().until(() -> calls().size() == 1);

    // Then
    assertThat(calls().getFirst())
        .contains("--no-loop|--no-password|--dbname=keepalives=1 ")
        .contains("|--directory=" + root.resolve("spool/wal") + "|--status-interval=5|")
        .contains("|orders-backup.shop.svc|5432|pgi_backup|verify-full|")
        .contains("/ca.crt|pgi_receiver|*:*:*:*:a\\:b\\\\c d|600|none|");
    assertThat(root.resolve("spool/receiving")).hasContent("lineage-1 1024");

    // When
    Files.delete(root.resolve("spool/receive"));

    // Then
    await().until(() -> Files.notExists(root.resolve("spool/receiving")));
    assertThat(isRunning(calls().getFirst())).isFalse();
    assertThat(script.isAlive()).isTrue();
  }

  @Test
  void anotherOrderStartsAnotherReceiver() throws Exception {
    order("lineage-1 1024");
    await().until(() -> calls().size() == 1);

    order("lineage-2 1024");

    await().until(() -> calls().size() == 2);
    assertThat(isRunning(calls().get(0))).isFalse();
    assertThat(isRunning(calls().get(1))).isTrue();
    assertThat(root.resolve("spool/receiving")).hasContent("lineage-2 1024");
  }

  @Test
  void aReceiverThatEndsIsStartedAgain() throws Exception {
    Files.createFile(root.resolve("fails"));
    order("lineage-1 1024");
    await().until(() -> calls().size() >= 2);

    Files.delete(root.resolve("fails"));

    await().until(() -> isRunning(calls().getLast()));
    assertThat(script.isAlive()).isTrue();
  }

  @Test
  void emptiesAFileThatAKilledReceiverWasExtending() throws Exception {
    Path wal = root.resolve("spool/wal");
    Files.write(wal.resolve("1.partial"), new byte[1000]);
    Files.write(wal.resolve("2.partial"), new byte[1024]);
    Files.write(wal.resolve("3"), new byte[1000]);

    order("lineage-1 1024");
    await().until(() -> calls().size() == 1);

    assertThat(wal.resolve("1.partial")).isEmptyFile();
    assertThat(wal.resolve("2.partial")).hasSize(1024);
    assertThat(wal.resolve("3")).hasSize(1000);
  }

  @Test
  void aSignalEndsItAtOnce() throws Exception {
    order("lineage-1 1024");
    await().until(() -> calls().size() == 1);

    script.destroy();

    assertThat(script.waitFor(2, TimeUnit.SECONDS)).isTrue();
    assertThat(script.exitValue()).isEqualTo(128 + 15);
    assertThat(isRunning(calls().getFirst())).isFalse();
  }

  private void order(String text) throws IOException {
    Path file = root.resolve("spool/receive.new");
    Files.writeString(file, text + "\n");
    Files.move(file, root.resolve("spool/receive"), StandardCopyOption.REPLACE_EXISTING);
  }

  private List<String> calls() throws IOException {
    Path calls = root.resolve("calls");
    return Files.exists(calls)
        ? Files.readAllLines(calls).stream().filter(line -> line.matches(".*\\|\\d+")).toList()
        : List.of();
  }

  private static boolean isRunning(String call) {
    long pid = Long.parseLong(call.substring(call.lastIndexOf('|') + 1));
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }
}
