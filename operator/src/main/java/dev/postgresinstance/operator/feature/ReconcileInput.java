package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.Optional;

/**
 * What the features of one reconciliation decide from.
 *
 * @param atStart the snapshot before anything was written
 * @param snapshot the snapshot after everything that was written so far
 * @param login result of the last login
 * @param passwords new passwords; the same ones throughout a reconciliation
 * @param cluster answers questions about other instances
 * @param now time of the reconciliation
 */
public record ReconcileInput(
    Snapshot atStart,
    Snapshot snapshot,
    LoginResult login,
    NewPasswords passwords,
    OtherInstances cluster,
    Instant now) {

  /** What the operator knows of other instances. */
  @FunctionalInterface
  public interface OtherInstances {
    /** The Service of another instance that holds a node port, if one does. */
    Optional<Service> holderOfNodePort(int port);
  }

  /** What the operator's own role found in the server. */
  public ServerFindings findings() {
    return login.findings();
  }

  /** The same input after an object was written. */
  public ReconcileInput with(Snapshot next) {
    return new ReconcileInput(atStart, next, login, passwords, cluster, now);
  }
}
