package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.feature.ReconcileInput.ClusterQueries;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/** A cluster in which no other instance holds a node port, and the caches are current. */
public final class UnknownCluster implements ClusterQueries {

  @Override
  public Optional<Service> holderOfNodePort(int port) {
    return Optional.empty();
  }

  @Override
  public boolean isCurrent(Secret secret) {
    return true;
  }
}
