package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.feature.ReconcileInput.ClusterQueries;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/**
 * Inputs of features at {@link Pods#NOW}, in a cluster in which no other instance holds a node port
 * and all caches are current.
 */
public final class ReconcileInputs {

  private static final ClusterQueries CLUSTER =
      new ClusterQueries() {
        @Override
        public Optional<Service> holderOfNodePort(int port) {
          return Optional.empty();
        }

        @Override
        public boolean isCurrent(Secret secret) {
          return true;
        }
      };

  private ReconcileInputs() {}

  /** The input while nothing is known of the server. */
  public static ReconcileInput of(Snapshot snapshot) {
    return of(snapshot, new LoginResult.Pending());
  }

  /** The input after that login, before anything is written. */
  public static ReconcileInput of(Snapshot snapshot, LoginResult login) {
    return of(snapshot, snapshot, login, new NewPasswords());
  }

  /** The input after some objects were written. */
  public static ReconcileInput of(
      Snapshot atStart, Snapshot snapshot, LoginResult login, NewPasswords passwords) {
    return new ReconcileInput(atStart, snapshot, login, passwords, CLUSTER, Pods.NOW);
  }
}
