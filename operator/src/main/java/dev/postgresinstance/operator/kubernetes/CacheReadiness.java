package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Permission;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Set;

/**
 * Whether the caches tell what is: they are filled and renewed for each namespace apart, and those
 * of one may stay empty or old where the operator lacks a right.
 */
public final class CacheReadiness {

  private final List<EventSource<?, PostgresInstance>> sources;
  private final PermissionTracker rights;

  public CacheReadiness(List<EventSource<?, PostgresInstance>> sources, PermissionTracker rights) {
    this.sources = sources;
    this.rights = rights;
  }

  /**
   * Nothing is decided by a cache that is not filled, or that may not hear of what happens.
   *
   * @throws Refusal when a right is missing
   * @throws KubernetesClientException when another try is all that it needs
   */
  public void require(String namespace) {
    Set<Permission> deaf = rights.deaf(namespace);
    if (!deaf.isEmpty()) {
      throw Abort.of(ApiProblems.deaf(deaf));
    }
    if (!isFilled(namespace)) {
      throw new KubernetesClientException("the caches are not filled yet");
    }
  }

  private boolean isFilled(String namespace) {
    return sources.stream()
        .filter(InformerEventSource.class::isInstance)
        .flatMap(
            source ->
                ((InformerEventSource<?, ?>) source).informerHealthIndicators().values().stream())
        .filter(
            informer ->
                Set.of(namespace, Constants.WATCH_ALL_NAMESPACES)
                    .contains(informer.getTargetNamespace()))
        .allMatch(InformerHealthIndicator::hasSynced);
  }
}
