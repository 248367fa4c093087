package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.cache.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.SnapshotReader;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/**
 * What every reconciliation uses; created when the framework has provided its caches.
 *
 * @param features the capabilities of the operator
 * @param informers the caches
 * @param readiness whether the caches can be trusted
 * @param reader reads snapshots
 * @param apply writes objects
 * @param events writes Events
 */
record Engine(
    Features features,
    Informers informers,
    CacheReadiness readiness,
    SnapshotReader reader,
    ConditionalApply apply,
    EventRecorder events)
    implements ReconcileInput.ClusterQueries {

  @Override
  public Optional<Service> holderOfNodePort(int port) {
    return informers.holderOfNodePort(port);
  }

  @Override
  public boolean isCurrent(Secret secret) {
    return reader.isCurrent(secret);
  }
}
