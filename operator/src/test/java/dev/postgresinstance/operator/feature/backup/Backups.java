package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Instances with backup, and PostgresBackups, for tests. */
final class Backups {

  static final String LINEAGE = "7300000000000000001-00000001-20260102t030405z";

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private Backups() {}

  /** An instance whose archive lies in the bucket {@code backups}. */
  static Snapshot instance() {
    return instance("");
  }

  /**
   * An instance with backup.
   *
   * @param more further fields of spec.backup, such as {@code , schedule: "0 3 * * *"}
   */
  static Snapshot instance(String more) {
    return Snapshots.with(
        Snapshots.of("backup: {store: {s3: {bucket: backups}}%s}".formatted(more)),
        YAML.unmarshal(
            """
            apiVersion: v1
            kind: Secret
            metadata:
              name: orders-backup
              namespace: shop
              creationTimestamp: "2026-01-01T00:00:00Z"
            data: {password: cA==}
            """));
  }

  /** A backup that was complete at a time. */
  static PostgresBackup complete(String name, String lineage, String at) {
    return complete(name, lineage, at, "null");
  }

  /**
   * A backup that was complete at a time.
   *
   * @param archiveSize what it says about the archive; "null" for nothing
   */
  static PostgresBackup complete(String name, String lineage, String at, String archiveSize) {
    return YAML.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: %s, namespace: shop}
        spec: {instanceRef: {name: orders}}
        status:
          completedAt: %s
          archive: {instanceId: %s, lineage: %s}
          archiveSize: %s
          conditions:
            - {type: Complete, status: "True", reason: BackupCompleted, message: "", lastTransitionTime: %2$s}
        """
            .formatted(name, at, Snapshots.UID, lineage, archiveSize),
        PostgresBackup.class);
  }

  /** A backup that failed at a time. */
  static PostgresBackup failed(String name, String at) {
    return YAML.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: %s, namespace: shop}
        spec: {instanceRef: {name: orders}}
        status:
          conditions:
            - {type: Complete, status: "False", reason: BackupFailed, message: "because", lastTransitionTime: %s}
        """
            .formatted(name, at),
        PostgresBackup.class);
  }

  /** A backup that nobody has begun yet. */
  static PostgresBackup pending(String name, String annotations) {
    return YAML.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: %s, namespace: shop, annotations: {%s}}
        spec: {instanceRef: {name: orders}}
        """
            .formatted(name, annotations),
        PostgresBackup.class);
  }

  /** The report of a backup pod without problems. */
  static ShipperReport report(String time) {
    return new ShipperReport(LINEAGE, "2026-01-02T03:04:05Z", time, null, null, null);
  }
}
