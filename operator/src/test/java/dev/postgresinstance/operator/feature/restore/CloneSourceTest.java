package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Awaited;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Unknown;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CloneSourceTest {

  private static final String BACKUP =
      "spec: {version: '17', backup: {store: {s3: {bucket: b}}, wal: {uploadInterval: 1m}}}";

  private static final String SUSPENDED = BACKUP.replace("spec: {", "spec: {suspend: true, ");

  private final Snapshot clone = created("source: {instance: {name: sales}}");

  @Test
  void archiveIsThatOfTheSourceUpToTheCreationOfTheClone() {
    // When
    Archive archive =
        archive(with(clone, BACKUP, "{instanceId: id-of-sales, lastBackup: sales-1}"));

    // Then
    assertThat(archive.store().s3().bucket()).isEqualTo("b");
    assertThat(archive.instanceId()).isEqualTo("id-of-sales");
    assertThat(archive.backup()).isEmpty();
    assertThat(archive.awaited())
        .contains(new Awaited(Instant.parse("2026-11-28T09:15:01Z"), Duration.ofMinutes(7)));
  }

  @Test
  void targetIsNotAwaited() {
    Snapshot earlier =
        created("source: {instance: {name: sales}, target: {time: '2026-11-28T09:00:00Z'}}");

    assertThat(archive(with(earlier, BACKUP, "{instanceId: i, lastBackup: sales-1}")).awaited())
        .isEmpty();
  }

  /** Its archive does not grow, so it would wait for ever. */
  @Test
  void latestStateOfASuspendedInstanceIsNotKnown() {
    String status = "{instanceId: i, lastBackup: sales-1}";
    Snapshot earlier =
        created("source: {instance: {name: sales}, target: {time: '2026-11-28T09:00:00Z'}}");

    assertThat(problem(with(clone, SUSPENDED, status), Reason.RESTORE_FAILED))
        .isEqualTo(
            "PostgresInstance sales, which spec.source names, is suspended, and what it has committed last may not be in its archive. Set spec.suspend of PostgresInstance sales to false, or create another instance with spec.source.target.");
    assertThat(archive(with(earlier, SUSPENDED, status)).instanceId()).isEqualTo("i");
  }

  @Test
  void namesInstanceThatDoesNotExist() {
    assertThat(problem(clone, Reason.RESTORE_FAILED))
        .isEqualTo(
            "PostgresInstance sales, which spec.source names, does not exist in namespace shop. The restore begins when it exists. If only its archive is left, create another instance with spec.source.archive.");
  }

  @Test
  void namesInstanceWithoutArchive() {
    assertThat(problem(with(clone, "spec: {version: '17'}", "null"), Reason.RESTORE_FAILED))
        .isEqualTo(
            "PostgresInstance sales, which spec.source names, has no spec.backup, and a clone is made from the archive of its source. Set spec.backup of PostgresInstance sales; the restore begins after its first base backup.");
  }

  @Test
  void namesInstanceThatIsNotUnderstood() {
    assertThat(problem(with(clone, "spec: null", "null"), Reason.RESTORE_FAILED))
        .startsWith("This version of the operator cannot read the spec of PostgresInstance sales");
  }

  @Test
  void namesOtherVersion() {
    assertThat(
            problem(
                with(
                    clone,
                    BACKUP.replace("17", "16"),
                    "{instanceId: id-of-sales, lastBackup: sales-1}"),
                Reason.RESTORE_FAILED))
        .isEqualTo(
            "PostgresInstance sales contains data of PostgreSQL 16, but spec.version is 17. Set spec.version to \"16\".");
  }

  @Test
  void waitsForTheFirstBackup() {
    assertThat(problem(with(clone, BACKUP, "null"), Reason.RESTORING))
        .isEqualTo(
            "The restore waits until PostgresInstance sales, which spec.source names, has a complete base backup. Its condition BackupReady says: Because.");
    assertThat(problem(with(clone, BACKUP, "{instanceId: i}"), Reason.RESTORING))
        .startsWith("The restore waits");
  }

  @Test
  void restoreGoesOnWhenTheSourceIsDeleted() {
    // Given
    Snapshot complete = with(clone, BACKUP, "{instanceId: i, lastBackup: sales-1}");
    Job job = Restores.withJob(complete).get(ObjectKey.RESTORE_JOB).orElseThrow();

    // When
    Snapshot running = Restores.withPods(clone.with(job), Restores.pod(1, "Running"));

    // Then
    assertThat(Restores.plan(running).delete()).isEmpty();
    assertThat(Restores.plan(running).problem().map(Problem::reason)).contains(Reason.RESTORING);
  }

  private static Snapshot created(String spec) {
    Snapshot pending = Restores.pending(spec);
    pending.instance().getMetadata().setCreationTimestamp("2026-11-28T09:15:00Z");
    return pending;
  }

  private static Snapshot with(Snapshot clone, String spec, String backup) {
    String source =
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresInstance
        metadata: {name: sales, namespace: shop}
        %s
        status: {conditions: [{type: BackupReady, status: 'False', message: Because.}], backup: %s}
        """
            .formatted(spec, backup);
    return Snapshots.with(
        clone, new KubernetesSerialization().unmarshal(source, PostgresInstance.class));
  }

  private static Archive archive(Snapshot snapshot) {
    return (Archive) RestoreSources.of(snapshot);
  }

  private static String problem(Snapshot snapshot, Reason reason) {
    Problem problem = ((Unknown) RestoreSources.of(snapshot)).problem();
    assertThat(problem.reason()).isEqualTo(reason);
    return problem.message();
  }
}
