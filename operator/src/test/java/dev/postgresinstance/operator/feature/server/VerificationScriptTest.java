package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshots;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Verifies the archive of a real server without checksums, with the script and the program of a
 * restore. {@link RestoreScriptTest} does so with checksums. Needs only docker.
 */
@Tag("long")
class VerificationScriptTest {

  private static Workbench workbench;
  private static TestArchive archive;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeAll
  static void makeArchive() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    List<String> initdb =
        InitdbArguments.of(
            Snapshots.of(
                    "{version: \"%s\", initdb: {dataChecksums: false}}".formatted(Docker.MAJOR))
                .instance()
                .getSpec());
    try (TestVolume volume = workbench.emptyVolume()) {
      archive =
          TestArchive.of(volume.pod().initdb(initdb.toArray(String[]::new)).start().awaitReady());
    }
  }

  @AfterAll
  static void removeArchive() {
    if (archive != null) {
      archive.close();
    }
    workbench.close();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  /** Without checksums, only the structure of tables and indexes shows what is wrong. */
  @ParameterizedTest
  @CsvSource({
    "still, heap table",
    "still_text, btree index",
    "pg_description, heap table",
  })
  void findsADamagedPage(String relation, String found) {
    // When
    String failure =
        opened(new TestRestore(archive, opened(workbench.emptyVolume())))
            .verifying()
            .damaging(TestRestore.overwrite(archive.mark(relation), 8192 + 4096, 64))
            .start()
            .awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"DataCorrupt\"", "pg_amcheck", found, relation);
    assertThat(archive.verifications(TestArchive.SECOND)).isEmpty();
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    opened.add(closeable);
    return closeable;
  }
}
