package dev.postgresinstance.operator.feature.verify;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.feature.backup.verification.LastVerification;
import dev.postgresinstance.operator.feature.restore.RecoveryPod;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;

/**
 * The Job that restores a backup onto a volume that exists as long as its pod, and checks it. No
 * Service has this pod, and its server listens on no network.
 */
final class VerificationJob {

  private static final String COMPONENT = "verify";

  /** A pod whose store does not answer is followed by another one, which starts over. */
  private static final int RETRIES = 2;

  /** Exit code of the script for what another attempt would find again. */
  private static final int DAMAGED = 3;

  /**
   * How long the log can be read after the end. The volume stays as long; an operator that is away
   * for longer verifies again.
   */
  private static final Duration KEPT = Duration.ofHours(1);

  private VerificationJob() {}

  /**
   * The Job as it would be created.
   *
   * @param backup a complete one
   * @param image of the server
   * @param program image of the operator
   */
  static Job desired(Snapshot snapshot, Backup backup, String image, String program) {
    return new JobBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.verifyJob(snapshot.instance()), COMPONENT)
                .addToAnnotations(Labels.BACKUP, backup.name())
                .addToAnnotations(
                    Labels.VERIFY_BACKUP, LastVerification.request(snapshot.instance()).orElse(""))
                .build())
        .withNewSpec()
        .withBackoffLimit(RETRIES)
        .withTtlSecondsAfterFinished(Math.toIntExact(KEPT.toSeconds()))
        .withNewPodFailurePolicy()
        .addNewRule()
        .withAction("FailJob")
        .withNewOnExitCodes()
        .withContainerName(Names.CONTAINER)
        .withOperator("In")
        .withValues(DAMAGED)
        .endOnExitCodes()
        .endRule()
        .endPodFailurePolicy()
        .withTemplate(template(snapshot, backup, image, program))
        .endSpec()
        .build();
  }

  private static PodTemplateSpec template(
      Snapshot snapshot, Backup backup, String image, String program) {
    ArchiveLocation archive = backup.archive().orElseThrow();
    EnvVar verify = new EnvVar("PGI_VERIFY", "true", null);
    return new RecoveryPod(snapshot, archive.store(), image, program, true)
        .template(
            COMPONENT,
            data(snapshot),
            RecoveryPod.resourcesBeside(snapshot.instance().getSpec().resources()),
            List.of(verify),
            List.of(
                new EnvVar("PGI_SOURCE_INSTANCE_ID", archive.instanceId(), null),
                new EnvVar("PGI_SOURCE_BACKUP", backup.archiveName().orElseThrow(), null),
                verify));
  }

  /** A volume like that of the server. Kubernetes deletes it with the pod. */
  private static Volume data(Snapshot snapshot) {
    PersistentVolumeClaim claim = snapshot.get(ObjectKey.CLAIM).orElseThrow();
    return new VolumeBuilder()
        .withName(RecoveryPod.DATA)
        .withNewEphemeral()
        .withNewVolumeClaimTemplate()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(claim.getSpec().getStorageClassName())
        .withNewResources()
        .addToRequests("storage", DataClaim.size(claim))
        .endResources()
        .endSpec()
        .endVolumeClaimTemplate()
        .endEphemeral()
        .build();
  }
}
