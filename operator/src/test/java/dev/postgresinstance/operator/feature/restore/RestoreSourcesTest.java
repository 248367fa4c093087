package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Unknown;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreSourcesTest {

  private static final String LOCATION =
      "archive: {instanceId: former, lineage: l, store: {s3: {bucket: b}}}, archiveName: 20261128-030000";

  private final Snapshot snapshot = Restores.pending("source: {backup: {name: nightly}}");

  @Test
  void findsArchiveOfSpec() {
    // When
    RestoreSource source = RestoreSources.of(Restores.pending(Restores.FROM_ARCHIVE));

    // Then
    Archive archive = (Archive) source;
    assertThat(archive.instanceId()).isEqualTo("former");
    assertThat(archive.store().s3().bucket()).isEqualTo("b");
    assertThat(archive.backup()).isEmpty();
  }

  @Test
  void findsArchiveOfCompleteBackup() {
    // When
    RestoreSource source = RestoreSources.of(with("True", "BackupCompleted", LOCATION));

    // Then
    Archive archive = (Archive) source;
    assertThat(archive.instanceId()).isEqualTo("former");
    assertThat(archive.store().s3().bucket()).isEqualTo("b");
    assertThat(archive.backup()).contains("20261128-030000");
  }

  @Test
  void namesBackupThatDoesNotExist() {
    // When
    Problem problem = problem(snapshot);

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.RESTORE_FAILED);
    assertThat(problem.message())
        .startsWith(
            "PostgresBackup nightly, which spec.source names, does not exist in namespace shop.");
  }

  @ParameterizedTest
  @CsvSource({
    "False, BackupRunning, RESTORING, 'The restore waits until PostgresBackup nightly, which spec.source names, is complete. Because.'",
    "False, BackupFailed, RESTORE_FAILED, 'PostgresBackup nightly, which spec.source names, has failed, so it cannot be restored: Because. Create another instance from a complete backup.'"
  })
  void waitsForBackupUnlessItHasFailed(String status, String why, Reason reason, String message) {
    // When
    Problem problem = problem(with(status, why, "startLsn: 0/1"));

    // Then
    assertThat(problem.reason()).isEqualTo(reason);
    assertThat(problem.message()).isEqualTo(message);
  }

  @Test
  void waitsForBackupWithoutStatus() {
    // Given
    PostgresBackup backup = new PostgresBackup();
    backup.getMetadata().setName("nightly");

    // When
    Problem problem = problem(Snapshots.with(snapshot, backup));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.RESTORING);
  }

  @ParameterizedTest
  @CsvSource({"'17.6', ''", "'17', ''", "'16.4', '16'", "'18beta1', '18'"})
  void comparesMajorVersions(String version, String remedy) {
    // When
    RestoreSource source =
        RestoreSources.of(
            with("True", "BackupCompleted", LOCATION + ", version: '%s'".formatted(version)));

    // Then
    if (remedy.isEmpty()) {
      assertThat(source).isInstanceOf(Archive.class);
    } else {
      assertThat(((Unknown) source).problem().message())
          .isEqualTo(
              "PostgresBackup nightly contains data of PostgreSQL %s, but spec.version is 17. Set spec.version to \"%s\"."
                  .formatted(version, remedy));
    }
  }

  private Snapshot with(String status, String reason, String fields) {
    String backup =
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: nightly, namespace: shop}
        spec: {instanceRef: {name: another}}
        status: {conditions: [{type: Complete, status: '%s', reason: %s, message: Because.}], %s}
        """
            .formatted(status, reason, fields);
    return Snapshots.with(
        snapshot, new KubernetesSerialization().unmarshal(backup, PostgresBackup.class));
  }

  private static Problem problem(Snapshot snapshot) {
    return Optional.of(RestoreSources.of(snapshot))
        .map(Unknown.class::cast)
        .map(Unknown::problem)
        .orElseThrow();
  }
}
