package dev.postgresinstance.operator.feature.restore;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Job that restores the data. The container {@code postgres} recovers it onto the volume, the
 * container {@code fetch} brings it from the archive.
 */
final class RestoreJob {

  private static final String COMPONENT = "restore";

  /** A pod whose store does not answer is followed by another one, which starts over. */
  private static final int RETRIES = 4;

  private static final KubernetesSerialization JSON =
      new KubernetesSerialization(
          new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS), false);

  private RestoreJob() {}

  /**
   * The Job as it would be created.
   *
   * @param archive the source of the order
   * @param image of the server
   * @param program image of the operator
   * @param secrets versions of the Secrets of the store: another version makes another Job
   */
  static Job desired(
      Snapshot snapshot,
      RestoreOrder order,
      Archive archive,
      String image,
      String program,
      String secrets) {
    PodTemplateSpec template = template(snapshot, order, archive, image, program);
    return new JobBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.restoreJob(snapshot.instance()), COMPONENT)
                .addToAnnotations(
                    Labels.RESTORE, Hashes.brief(JSON.asJson(template) + "\n" + secrets))
                .addToAnnotations(Labels.RESTORE_CLAIM, order.claimUid(snapshot).orElse(""))
                .addToAnnotations(order.annotations())
                .build())
        .withNewSpec()
        .withBackoffLimit(RETRIES)
        .withTemplate(template)
        .endSpec()
        .build();
  }

  /** Whether a Job was made from something else. */
  static boolean differs(Job present, Job desired) {
    return !Annotations.get(present, Labels.RESTORE)
        .equals(Annotations.get(desired, Labels.RESTORE));
  }

  private static PodTemplateSpec template(
      Snapshot snapshot, RestoreOrder order, Archive archive, String image, String program) {
    ResourceRequirements ofServer = snapshot.instance().getSpec().resources();
    return new RecoveryPod(snapshot, archive.store(), image, program, false)
        .template(
            COMPONENT,
            data(snapshot, order),
            order.besideServer() ? RecoveryPod.resourcesBeside(ofServer) : ofServer,
            List.of(new EnvVar(Restore.VARIABLE, order.id(), null)),
            request(order, archive));
  }

  private static Volume data(Snapshot snapshot, RestoreOrder order) {
    String claim =
        snapshot
            .get(order.claim())
            .map(present -> present.getMetadata().getName())
            .orElseGet(snapshot::claimName);
    return new VolumeBuilder()
        .withName(RecoveryPod.DATA)
        .withNewPersistentVolumeClaim()
        .withClaimName(claim)
        .endPersistentVolumeClaim()
        .build();
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVar(name, value, null);
  }

  private static List<EnvVar> request(RestoreOrder order, Archive archive) {
    List<EnvVar> request = new ArrayList<>();
    request.add(variable("PGI_SOURCE_INSTANCE_ID", archive.instanceId()));
    archive.backup().map(name -> variable("PGI_SOURCE_BACKUP", name)).ifPresent(request::add);
    archive
        .awaited()
        .ifPresent(
            awaited -> {
              request.add(variable("PGI_NOT_BEFORE", awaited.time().toString()));
              request.add(
                  variable(
                      "PGI_NOT_BEFORE_TIMEOUT", Long.toString(awaited.patience().toSeconds())));
            });
    order.target().flatMap(target -> target(target, archive)).ifPresent(request::add);
    return request;
  }

  private static Optional<EnvVar> target(RecoveryTarget target, Archive archive) {
    if (Boolean.TRUE.equals(target.endOfBackup())) {
      return archive.backup().map(name -> variable("PGI_TARGET_BACKUP", name + "-end"));
    }
    return Optional.ofNullable(target.time())
        .map(time -> variable("PGI_TARGET_TIME", time))
        .or(() -> Optional.ofNullable(target.lsn()).map(lsn -> variable("PGI_TARGET_LSN", lsn)));
  }
}
