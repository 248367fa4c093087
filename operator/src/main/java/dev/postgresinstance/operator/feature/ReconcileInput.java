package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.Optional;

/**
 * Everything from which the features decide in one reconciliation.
 *
 * @param atStart the snapshot before anything was written
 * @param snapshot the snapshot after everything that was written so far
 * @param login result of the last login
 * @param passwords new passwords; the same ones throughout a reconciliation
 * @param cluster answers questions that the snapshot does not answer
 * @param now time of the reconciliation
 */
public record ReconcileInput(
    Snapshot atStart,
    Snapshot snapshot,
    LoginResult login,
    NewPasswords passwords,
    ClusterQueries cluster,
    Instant now) {

  /** Questions about the cluster that the snapshot does not answer. */
  public interface ClusterQueries {

    /** The Service of another instance that holds a node port, if one does. */
    Optional<Service> holderOfNodePort(int port);

    /**
     * Why the API server would reject a desired state; empty if it would accept it. The answer is
     * the same throughout a reconciliation.
     *
     * @param actual the object as it was read; empty if there is none
     */
    <T extends HasMetadata> Optional<Rejection> rejection(T desired, Optional<T> actual);

    /**
     * A Secret that is in no snapshot, as the API server has it; empty if there is none. The answer
     * is the same throughout a reconciliation.
     */
    Optional<Secret> secret(String namespace, String name);

    /** Whether the API server still has a Secret as the snapshot has it. */
    boolean isCurrent(Secret secret);

    /**
     * The last lines that a container has written into its log; empty if they cannot be read. The
     * answer is the same throughout a reconciliation.
     */
    String log(Pod pod, String container);
  }

  /** What the operator's own role found in the server. */
  public ServerFindings findings() {
    return login.findings();
  }
}
