package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Restores of instance {@code orders}, and their inputs at {@link Pods#NOW}. */
public final class Restores {

  /** An archive whose store needs the Secret {@link #credentials}. */
  static final String FROM_ARCHIVE =
      "source: {archive: {instanceId: former, store: {s3: {bucket: b, credentialsSecretRef: {name: s3}}}}}";

  static final String IMAGE = "postgres:17";
  static final Optional<String> PROGRAM = Optional.of("operator:1");

  /** UID of the Job of {@link #withJob}. */
  static final String JOB_UID = "job-uid";

  private Restores() {}

  /** An instance with a claim, whose data is not restored yet. */
  static Snapshot pending(String spec) {
    Snapshot snapshot = Snapshots.of(spec);
    return withClaim(snapshot, "claim-uid");
  }

  /** The snapshot with an empty claim. */
  static Snapshot withClaim(Snapshot snapshot, String uid) {
    return snapshot.with(
        new PersistentVolumeClaimBuilder(DataClaim.desired(snapshot, Optional.empty()))
            .editMetadata()
            .withUid(uid)
            .endMetadata()
            .build());
  }

  /** The Secret of the store. */
  static Secret credentials(String version) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("s3")
        .withUid("u")
        .withResourceVersion(version)
        .endMetadata()
        .withData(Map.of("accessKeyId", "YQ==", "secretAccessKey", "YQ=="))
        .build();
  }

  /** The input at that time, where the Secret of the store exists. */
  static ReconcileInput input(Snapshot snapshot, Instant now) {
    return ReconcileInputs.withSecrets(
        ReconcileInputs.at(now, snapshot, new LoginResult.Pending()), credentials("1"));
  }

  static JobPlan plan(Snapshot snapshot) {
    return plan(input(snapshot, Pods.NOW));
  }

  static JobPlan plan(ReconcileInput input) {
    return JobPlan.of(input, IMAGE, PROGRAM);
  }

  /** The snapshot with the Job that is created for it, after so many of its pods. */
  static Snapshot withJob(Snapshot snapshot, Pod... pods) {
    Job job =
        new JobBuilder(plan(snapshot).create().orElseThrow())
            .editMetadata()
            .withUid(JOB_UID)
            .endMetadata()
            .build();
    return withPods(snapshot.with(job), pods);
  }

  /** The snapshot whose Job has a condition since {@link Pods#NOW}. */
  static Snapshot ended(Snapshot snapshot, String condition) {
    return snapshot.with(
        new JobBuilder(snapshot.get(ObjectKey.RESTORE_JOB).orElseThrow())
            .withNewStatus()
            .addNewCondition()
            .withType(condition)
            .withStatus("True")
            .withLastTransitionTime(Pods.NOW.toString())
            .endCondition()
            .endStatus()
            .build());
  }

  static Snapshot withPods(Snapshot snapshot, Pod... pods) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        snapshot.cluster(),
        new Surroundings(List.of(), List.of(pods), snapshot.surroundings().claims()));
  }

  /** A pod of the Job; its name tells its age. */
  public static Pod pod(int number, String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("orders-restore-" + number)
        .withCreationTimestamp("2026-01-01T00:00:0%dZ".formatted(number))
        .addToLabels("batch.kubernetes.io/job-name", "orders-restore")
        .withOwnerReferences(new OwnerReferenceBuilder().withUid(JOB_UID).build())
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .withStartTime("2026-01-01T00:00:0%dZ".formatted(number))
        .endStatus()
        .build();
  }

  /** The pod with one more container that has ended. */
  public static Pod ended(Pod pod, String container, int exitCode, String reason, String message) {
    return new PodBuilder(pod)
        .editStatus()
        .addToContainerStatuses(
            new ContainerStatusBuilder()
                .withName(container)
                .withState(Pods.terminated(exitCode, reason, message))
                .build())
        .endStatus()
        .build();
  }

  /** A pod that has failed with this message. */
  public static Pod failed(int number, String message) {
    return ended(
        pod(number, "Failed"),
        "postgres",
        1,
        "Error",
        "{\"reason\":\"AccessDenied\",\"message\":\"%s\"}".formatted(message));
  }
}
