package dev.postgresinstance.operator.feature.backup.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.BackupRetention;
import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.archive.program.base.BaseBackup;
import dev.postgresinstance.operator.feature.backup.BackupConfigMap;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.pod.HelperPod;
import dev.postgresinstance.operator.feature.backup.pod.Mounts;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The Job that makes a base backup. One container reads it from the server and writes it to a named
 * pipe, the other one reads the pipe and writes to the store, so that no copy needs space on a
 * node.
 */
public final class BackupJob {

  /** The container that stores the backup, and leaves the result. */
  public static final String UPLOAD = "upload";

  private static final String COMPONENT = "base-backup";

  /**
   * How long the Job and its pod, with the log, stay after the end. An operator that is away for
   * longer does not learn the result.
   */
  private static final Duration KEPT = Duration.ofDays(3);

  /** A part of the upload is in memory. */
  private static final String HEAP = "-Xmx96m";

  private static final String EXCHANGE = "exchange";
  private static final String EXCHANGE_PATH = "/exchange";

  /** A failed pod is repeated: the store or the server may have been away for a moment. */
  private static final int RETRIES = 2;

  private static final DateTimeFormatter FOLDER =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  /** On the Job: where it stores the backup, whatever the spec of the instance says later. */
  private static final String ARCHIVE = PostgresInstance.GROUP + "/archive";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Without discovery of kinds: loading all that fabric8 has takes megabytes. */
  private static final KubernetesSerialization JSON = new KubernetesSerialization(MAPPER, false);

  private BackupJob() {}

  /**
   * The Job as it should be.
   *
   * @param snapshot an instance with {@code spec.backup}
   * @param image image of the server that runs
   * @param operatorImage image of this operator
   * @param now gives the backup its name in the archive: a PostgresBackup of the same name may have
   *     left a backup there
   */
  public static Job desired(
      PostgresBackup backup, Snapshot snapshot, String image, String operatorImage, Instant now) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    HelperPod pod = new HelperPod(snapshot, BackupClaim.archive(snapshot.instance()));
    String name = FOLDER.format(now.atOffset(ZoneOffset.UTC));
    return new JobBuilder()
        .withMetadata(metadata(backup, snapshot))
        .withNewSpec()
        .withBackoffLimit(RETRIES)
        .withTtlSecondsAfterFinished(Math.toIntExact(KEPT.toSeconds()))
        // Otherwise two pods could write the same objects for a moment.
        .withPodReplacementPolicy("Failed")
        .withTemplate(
            template(
                backup,
                snapshot,
                pod,
                List.of(read(pod, image, name), upload(pod, operatorImage, name, spec))))
        .endSpec()
        .build();
  }

  /** Without the identity of the instance: the Job is not one of its children. */
  private static ObjectMeta metadata(PostgresBackup backup, Snapshot snapshot) {
    ArchiveLocation archive =
        new ArchiveLocation(BackupClaim.archive(snapshot.instance()), Identity.of(snapshot), null);
    return new ObjectMetaBuilder()
        .withName(name(backup))
        .withNamespace(backup.getMetadata().getNamespace())
        .withLabels(labels(backup, snapshot))
        .withAnnotations(Map.of(ARCHIVE, JSON.asJson(archive)))
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(backup.getApiVersion())
                .withKind(backup.getKind())
                .withName(backup.getMetadata().getName())
                .withUid(backup.getMetadata().getUid())
                .withController(true)
                .build())
        .build();
  }

  private static PodTemplateSpec template(
      PostgresBackup backup, Snapshot snapshot, HelperPod pod, List<Container> containers) {
    return pod.template(COMPONENT, Names.backupConfigMap(snapshot.instance()), containers)
        .editMetadata()
        .addToLabels(labels(backup, snapshot))
        .endMetadata()
        .editSpec()
        .withRestartPolicy("Never")
        .addToVolumes(pod.login(), Mounts.emptyDir(EXCHANGE))
        .endSpec()
        .build();
  }

  private static Map<String, String> labels(PostgresBackup backup, Snapshot snapshot) {
    Map<String, String> labels = new TreeMap<>(Labels.ofHelper(snapshot.instance(), COMPONENT));
    labels.put(Labels.BACKUP, backup.getMetadata().getName());
    return labels;
  }

  private static Container read(HelperPod pod, String image, String name) {
    return pod.script(Names.CONTAINER, image, BackupConfigMap.BASE_BACKUP)
        .addToEnv(new EnvVar("PGI_BACKUP_NAME", name, null))
        .addToVolumeMounts(HelperPod.loginMount(), Mounts.writable(EXCHANGE, EXCHANGE_PATH))
        .build();
  }

  private static Container upload(
      HelperPod pod, String operatorImage, String name, BackupSpec spec) {
    BackupRetention retention = spec.retention();
    long window = Duration.parse("PT" + retention.window()).toSeconds();
    return pod.withWritableStore(
            pod.program(UPLOAD, operatorImage, BaseBackup.class.getName(), HEAP))
        .addToEnv(
            new EnvVar("PGI_BACKUP_NAME", name, null),
            new EnvVar("PGI_INCREMENTAL_PER_FULL", spec.incremental().perFull().toString(), null),
            new EnvVar("PGI_RETENTION_WINDOW", Long.toString(window), null),
            new EnvVar("PGI_RETENTION_MINIMUM", retention.minimum().toString(), null))
        .addToVolumeMounts(HelperPod.loginMount(), Mounts.writable(EXCHANGE, EXCHANGE_PATH))
        .build();
  }

  /** Name of the Job of a backup. */
  public static String name(PostgresBackup backup) {
    return backup.getMetadata().getName();
  }

  /** That a Job makes the backup, in a sentence. */
  static String running(Job job) {
    return "Job %s makes the backup; kubectl logs -n %s job/%1$s -c %s shows its progress."
        .formatted(job.getMetadata().getName(), job.getMetadata().getNamespace(), UPLOAD);
  }

  /** Where the Job stores the backup; without the lineage, which only its result tells. */
  static Optional<ArchiveLocation> archive(Job job) {
    return Annotations.get(job, ARCHIVE).flatMap(BackupJob::parsed);
  }

  private static Optional<ArchiveLocation> parsed(String json) {
    try {
      return Optional.of(MAPPER.readValue(json, ArchiveLocation.class));
    } catch (JsonProcessingException e) { // somebody has changed the annotation
      return Optional.empty();
    }
  }
}
