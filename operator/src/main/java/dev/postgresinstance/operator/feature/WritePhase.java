package dev.postgresinstance.operator.feature;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import java.util.List;

/** The phases in which a reconciliation writes: each needs what the one before has written. */
public enum WritePhase {
  /** The Service: its port is recorded with the data. */
  SERVICE,
  /** The claim of the data volume. */
  CLAIM,
  /** The authority: certificates and published Secrets contain it. */
  CERTIFICATE_AUTHORITY,
  /** The certificate of the server: it contains the addresses of the Service. */
  CERTIFICATE,
  /** The Secrets with published credentials. */
  PUBLISHED_SECRETS,
  /** The operator's own Secret: it follows from what the published ones hold by then. */
  OPERATOR_SECRET,
  /** The ConfigMap: start script and configuration. */
  CONFIGURATION,
  /** The Job that creates the data: it mounts the claim and the ConfigMap. */
  RESTORE,
  /** The StatefulSet. */
  SERVER,
  /** What backs the server up. */
  BACKUP;

  /**
   * The phases that write the Service and the objects that are retained as one unit, in their
   * order. On the way to {@code Delete} the claim is the last to get an owner, and on the way back
   * the first to lose it: whenever the operator ends in between, the data stays.
   */
  public static List<WritePhase> retainedUnit(DeletionPolicy policy) {
    return policy == DeletionPolicy.DELETE
        ? List.of(
            SERVICE, CERTIFICATE_AUTHORITY, CERTIFICATE, PUBLISHED_SECRETS, OPERATOR_SECRET, CLAIM)
        : List.of(
            SERVICE, CLAIM, CERTIFICATE_AUTHORITY, CERTIFICATE, PUBLISHED_SECRETS, OPERATOR_SECRET);
  }
}
