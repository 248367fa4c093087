package dev.postgresinstance.operator.feature.backup.deletion;

import dev.postgresinstance.operator.archive.program.delete.BackupDeletion;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.pod.HelperPod;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.feature.backup.record.DeletableBackups;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;

/** The Job that deletes backups from the store. */
final class DeletionJob {

  /** The container of the program, which leaves the result. */
  static final String DELETE = "delete";

  private static final String COMPONENT = "backup-deletion";

  /** A failed pod is repeated: the store may have been away for a moment. */
  private static final int RETRIES = 2;

  /** As long as a base backup, so that a person finds the log. */
  private static final Duration KEPT = Duration.ofDays(3);

  private DeletionJob() {}

  /** How a present Job goes. */
  static JobRun run(Snapshot snapshot, Job job) {
    return new JobRun(
        job,
        snapshot.surroundings().ofJob(Names.backupDeletionJob(snapshot.instance())),
        SchedulingEvidence.NONE);
  }

  /**
   * The Job as it would be created.
   *
   * @param snapshot an instance with {@code spec.backup}
   * @param folders of the backups in the archive
   * @param program image of the operator
   */
  static Job desired(Snapshot snapshot, List<String> folders, String program) {
    HelperPod pod = new HelperPod(snapshot, BackupClaim.archive(snapshot.instance()));
    String text = DeletableBackups.text(folders);
    Container delete =
        pod.withWritableStore(pod.program(DELETE, program, BackupDeletion.class.getName()))
            .addToEnv(new EnvVar("PGI_UNWANTED_BACKUPS", text, null))
            .build();
    return new JobBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.backupDeletionJob(snapshot.instance()), COMPONENT)
                .addToAnnotations(Labels.DELETED_BACKUPS, text)
                .build())
        .withNewSpec()
        .withBackoffLimit(RETRIES)
        .withTtlSecondsAfterFinished(Math.toIntExact(KEPT.toSeconds()))
        .withTemplate(
            pod.template(COMPONENT, Names.backupConfigMap(snapshot.instance()), List.of(delete))
                .editSpec()
                .withRestartPolicy("Never")
                .endSpec()
                .build())
        .endSpec()
        .build();
  }
}
