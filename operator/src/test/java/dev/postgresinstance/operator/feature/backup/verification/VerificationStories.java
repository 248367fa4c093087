package dev.postgresinstance.operator.feature.backup.verification;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/** An instance with a complete backup, and the Job that verifies it, for tests. */
public final class VerificationStories {

  /** When the Job of these stories was created. */
  public static final String CREATED = "2026-01-04T05:00:03Z";

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private VerificationStories() {}

  /**
   * An instance whose newest backup is {@code orders-second}, with a claim of 2 GiB.
   *
   * @param spec further fields of spec, such as {@code suspend: true}
   * @param verify further fields of spec.backup, such as {@code , verify: {schedule: "0 5 * * 0"}}
   * @param metadata further metadata, such as {@code , annotations: {...}}
   * @param status further fields of status.backup, such as {@code , lastVerification: {...}}
   */
  public static Snapshot instance(String spec, String verify, String metadata, String status) {
    return Snapshots.read(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresInstance
        metadata: {name: orders, namespace: shop, uid: %1$s, generation: 1%2$s}
        spec:
          backup: {store: {s3: {bucket: backups}}%3$s}
          resources: {limits: {memory: 1Gi}}
        %4$s
        status:
          observedGeneration: 1
          backup: {instanceId: %1$s, lineage: l2%5$s}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: orders-backup, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: orders-data, namespace: shop, uid: claim-uid}
        spec: {storageClassName: fast, resources: {requests: {storage: 2Gi}}}
        ---
        %6$s---
        %7$s---
        %8$s"""
            .formatted(
                Snapshots.UID,
                metadata,
                verify,
                spec.isEmpty() ? "" : spec.indent(2).stripTrailing(),
                status,
                backup("orders-zero", "l2", "2026-01-02T00:00:00Z"),
                backup("orders-second", "l2", "2026-01-03T00:00:00Z"),
                backup("orders-former", "l1", "2026-01-03T12:00:00Z")));
  }

  private static String backup(String name, String lineage, String at) {
    return """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: %1$s, namespace: shop}
        spec: {instanceRef: {name: orders}}
        status:
          completedAt: %3$s
          archiveName: folder-of-%1$s
          archive: {instanceId: %4$s, lineage: %2$s, store: {s3: {bucket: backups}}}
          conditions:
            - {type: Complete, status: "True", reason: BackupCompleted, message: "", lastTransitionTime: %3$s}
        """
        .formatted(name, lineage, at, Snapshots.UID);
  }

  /** The Job, with conditions such as {@code {type: Complete, status: "True", ...}}. */
  public static Job job(String conditions) {
    return YAML.unmarshal(
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: orders-verify
          namespace: shop
          uid: job-uid
          creationTimestamp: %s
          annotations:
            postgresinstance.dev/instance-id: %s
            postgresinstance.dev/backup: orders-second
            postgresinstance.dev/verify-backup: monday
          ownerReferences: [{apiVersion: postgresinstance.dev/v1alpha1, kind: PostgresInstance, name: orders, uid: %2$s}]
        status: {conditions: [%s]}
        """
            .formatted(CREATED, Snapshots.UID, conditions),
        Job.class);
  }

  /** The snapshot with pods of the Job. */
  public static Snapshot with(Snapshot snapshot, Pod... pods) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        snapshot.cluster(),
        new Surroundings(snapshot.surroundings().backups(), List.of(pods), List.of()));
  }

  /** A pod of the Job whose containers have ended so. */
  public static Pod pod(String phase, String postgres, String fetch) {
    return YAML.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: orders-verify-x
          namespace: shop
          creationTimestamp: %s
          labels: {batch.kubernetes.io/job-name: orders-verify}
          ownerReferences: [{apiVersion: batch/v1, kind: Job, name: orders-verify, uid: job-uid}]
        status:
          phase: %s
          containerStatuses:
            - {name: postgres, state: {%s}}
            - {name: fetch, state: {%s}}
        """
            .formatted(CREATED, phase, postgres, fetch),
        Pod.class);
  }

  /** The end of a container. */
  public static String ended(int exitCode, String message) {
    return "terminated: {exitCode: %d, finishedAt: \"2026-01-04T05:01:00Z\", message: '%s'}"
        .formatted(exitCode, message);
  }
}
