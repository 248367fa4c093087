package dev.postgresinstance.api.v1alpha1;

/** The types of the conditions in the status. */
public enum ConditionType {
  READY(
      "Ready",
      "The instance matches its spec, and a login through the Service with the"
          + " published credentials succeeds. With spec.suspend: no server runs."),
  AVAILABLE("Available", "A login succeeds now, whether or not the instance matches its spec."),
  CREDENTIALS_IN_SYNC(
      "CredentialsInSync",
      "The server accepts the published password, as verified by a login. Unknown"
          + " while no login can verify it."),
  CERTIFICATE_READY(
      "CertificateReady",
      "The server presents the certificate of the operator or the one in spec.tls.secretName, as"
          + " verified by a login. False with reason RestartRequired while the server waits for its"
          + " first start with a certificate."),
  BACKUP_READY(
      "BackupReady",
      "The write-ahead log is in the store, and a base backup from which the instance can be"
          + " recovered. The last verification, if any, has succeeded. The instance can be ready"
          + " while this is False. Absent without spec.backup."),
  RESTORED_IN_PLACE(
      "RestoredInPlace",
      "The data is that of the backup and moment which the annotation postgresinstance.dev/restore-to"
          + " names. While this is False, the instance keeps its present data. Absent without the"
          + " annotation."),
  EXTERNAL_ACCESS_READY(
      "ExternalAccessReady",
      "Clients outside the cluster have the address that the spec requests: the node"
          + " port is allocated, or the load balancer has an address. Absent for a Service"
          + " of type ClusterIP."),
  INITIALIZED(
      "Initialized",
      "The data directory was created and is recorded, so that the operator never"
          + " mistakes an empty volume for a new one."),
  RECONCILING(
      "Reconciling",
      "Present only when True: the instance is not ready and may become ready without"
          + " a change of the resource. Ready has the same reason."),
  STALLED(
      "Stalled",
      "Present only when True: the instance will not become ready until a person"
          + " changes something. Ready has the same reason."),
  STORAGE_READY(
      "StorageReady",
      "The volume has the requested size and free space. Unknown while there is no volume."),
  PENDING_RESTART(
      "PendingRestart",
      "Present only when True: a change waits for the next restart. The instance can"
          + " be ready nevertheless."),
  DATA_AT_RISK(
      "DataAtRisk",
      "Present only when True: spec.parameters disables the protection of the data"
          + " against a crash of the server or its node, or indexes do not match the"
          + " collation versions of the image."),
  OTHER_SUPERUSERS(
      "OtherSuperusers",
      "Present only when True: users have created superusers in addition to postgres. The"
          + " instance can be ready nevertheless."),
  RECENT_CRASH(
      "RecentCrash",
      "Present only when True: within the last hour, or while no operator was running, a"
          + " process of the server crashed or was killed. PostgreSQL ended all sessions and"
          + " recovered. The instance can be ready nevertheless.");

  private final String type;
  private final String meaning;

  ConditionType(String type, String meaning) {
    this.type = type;
    this.meaning = meaning;
  }

  /** The value of {@code status.conditions[].type}. */
  public String type() {
    return type;
  }

  /** What the status True means, in sentences for the documentation. */
  public String meaning() {
    return meaning;
  }
}
