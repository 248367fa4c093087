package dev.postgresinstance.operator.feature.backup.job;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** PostgresBackups of instance {@code orders}, and what happened to them, for tests. */
public final class BackupStories {

  public static final Instant NOW = Instant.parse("2026-11-28T03:00:00Z");

  public static final String OPERATOR_IMAGE = "registry.example.com/operator:1.2.3";

  static final String LINEAGE = "7300000000000000001-00000001-20261101t000000z";

  static final String RESULT =
      """
      {"name":"20261128-030000","lineage":"%s","startedAt":"2026-11-28T03:00:05Z","stoppedAt":"2026-11-28T03:04:00Z","startLsn":"0/3000028","stopLsn":"0/3000158","timeline":1,"size":1287651328,"storedSize":1,"postgresVersion":"17.12","deleted":["20261101-030000"],"archiveSize":1363148800}\
      """
          .formatted(LINEAGE);

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private BackupStories() {}

  /** An instance that can be backed up now. */
  public static Snapshot instance() {
    return instance("backup: {store: {s3: {bucket: backups}}}");
  }

  /** An instance that can be backed up, unless the spec prevents it. */
  static Snapshot instance(String spec) {
    Snapshot snapshot = Snapshots.withData(Snapshots.of(spec));
    return withArchive(
        Snapshots.with(snapshot, Pods.started(snapshot)), LINEAGE, "\"False\"", "ArchiveStarting");
  }

  /** The instance with another report of its archive. */
  static Snapshot withArchive(Snapshot snapshot, String lineage, String ready, String reason) {
    return Snapshots.withStatus(
        snapshot,
        YAML.unmarshal(
            """
            observedGeneration: 1
            conditions:
            - {type: BackupReady, status: %s, reason: %s, message: The archive says so.}
            backup: {instanceId: %s, lineage: '%s'}
            """
                .formatted(ready, reason, Snapshots.UID, lineage),
            PostgresInstanceStatus.class));
  }

  /** A backup that was just created. */
  public static PostgresBackup requested() {
    return requested("nightly", NOW);
  }

  static PostgresBackup requested(String name, Instant created) {
    return YAML.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata:
          name: %s
          namespace: shop
          uid: uid-of-%1$s
          resourceVersion: "7"
          generation: 1
          creationTimestamp: "%s"
        spec: {instanceRef: {name: orders}}
        """
            .formatted(name, created),
        PostgresBackup.class);
  }

  /** The backup after a reconciliation. */
  static PostgresBackup with(PostgresBackup backup, BackupDecision decision) {
    PostgresBackup next = YAML.clone(backup);
    BackupReport.status(backup, decision, NOW).ifPresent(next::setStatus);
    return next;
  }

  /** A backup whose Job had started. */
  static PostgresBackup running() {
    return with(requested(), new BackupDecision.Run("Job nightly makes the backup."));
  }

  /** A backup that was complete at a time. */
  public static PostgresBackup complete(String name, String archiveName, Instant at) {
    return with(
        requested(name, at),
        new BackupDecision.Complete(
            BackupResults.of(result(archiveName)).orElseThrow(),
            BackupJob.archive(job()),
            at,
            Optional.empty(),
            List.of()));
  }

  /** What the program leaves for a backup of that name. */
  public static String result(String archiveName) {
    return RESULT.replace("20261128-030000", archiveName);
  }

  static BackupFacts facts(PostgresBackup backup, Snapshot snapshot, PostgresBackup... others) {
    List<PostgresBackup> siblings = new ArrayList<>(List.of(others));
    siblings.add(backup);
    return new BackupFacts(
        backup, Optional.of(snapshot), Optional.empty(), siblings, Optional.of(OPERATOR_IMAGE));
  }

  /** What is known while a Job exists. */
  static BackupFacts facts(PostgresBackup backup, JobRun run, PostgresBackup... others) {
    BackupFacts facts = facts(backup, instance(), others);
    return new BackupFacts(
        backup, facts.snapshot(), Optional.of(run), facts.siblings(), facts.operatorImage());
  }

  /** The Job of {@link #requested}. */
  public static Job job() {
    return new JobBuilder(
            BackupJob.desired(requested(), instance(), "postgres:17", OPERATOR_IMAGE, NOW))
        .editMetadata()
        .withUid("uid-of-job")
        .withResourceVersion("9")
        .endMetadata()
        .build();
  }

  /** The Job with a condition that is True since {@link #NOW}. */
  public static Job ended(String condition) {
    return new JobBuilder(job())
        .withNewStatus()
        .addNewCondition()
        .withType(condition)
        .withStatus("True")
        .withLastTransitionTime(NOW.toString())
        .endCondition()
        .endStatus()
        .build();
  }

  static JobRun run(Job job, Pod... pods) {
    return new JobRun(job, List.of(pods), SchedulingEvidence.NONE);
  }

  /**
   * A pod of the Job.
   *
   * @param containers their statuses in YAML
   */
  public static Pod pod(String name, String phase, String... containers) {
    return YAML.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: shop
          creationTimestamp: "2026-11-28T03:00:01Z"
          labels: {batch.kubernetes.io/job-name: nightly, postgresinstance.dev/helper-of: orders}
        spec:
          containers:
          - {name: postgres, image: "postgres:17"}
          - {name: upload, image: "operator:1"}
        status:
          phase: %s
          containerStatuses: [%s]
        """
            .formatted(name, phase, String.join(", ", containers)),
        Pod.class);
  }

  /** The status of a container that has ended at {@link #NOW}. */
  public static String ended(String container, int exitCode, String reason, String message) {
    return "{name: %s, state: {terminated: {exitCode: %d, reason: %s, finishedAt: \"%s\", message: '%s'}}}"
        .formatted(container, exitCode, reason, NOW, message.replace("'", "''"));
  }

  /** The status of a container that runs. */
  static String runs(String container) {
    return "{name: %s, state: {running: {startedAt: \"%s\"}}}".formatted(container, NOW);
  }

  /** The status of a container that waits. */
  static String waits(String container, String reason, String message) {
    return "{name: %s, state: {waiting: {reason: %s, message: '%s'}}}"
        .formatted(container, reason, message);
  }

  /** The pod that has stored the backup. */
  public static Pod succeeded(String result) {
    return pod(
        "nightly-1",
        "Succeeded",
        ended("postgres", 0, "Completed", ""),
        ended("upload", 0, "Completed", result));
  }
}
