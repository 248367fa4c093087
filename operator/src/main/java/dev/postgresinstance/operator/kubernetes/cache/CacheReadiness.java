package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
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
 * Checks that the caches can be trusted. Each namespace has its own informers; those of a namespace
 * in which the operator lacks a permission may stay empty or stale.
 */
public final class CacheReadiness {

  private final List<EventSource<?, PostgresInstance>> sources;
  private final PermissionTracker permissions;

  /** Creates the check for the informers among these event sources. */
  public CacheReadiness(
      List<EventSource<?, PostgresInstance>> sources, PermissionTracker permissions) {
    this.sources = sources;
    this.permissions = permissions;
  }

  /**
   * Returns normally if the caches of a namespace have synced and receive updates; a reconciliation
   * must not decide anything based on other caches.
   *
   * @throws Abort if a permission to list or watch is missing
   * @throws KubernetesClientException if the caches have not synced yet; a retry is sufficient
   */
  public void require(String namespace) {
    Set<Permission> missing = permissions.missingForCaches(namespace);
    if (!missing.isEmpty()) {
      throw new Abort(ApiProblems.notWatching(missing));
    }
    if (!hasSynced(namespace)) {
      throw new KubernetesClientException("The caches have not synced yet");
    }
  }

  private boolean hasSynced(String namespace) {
    return sources.stream()
        .filter(InformerEventSource.class::isInstance)
        .map(source -> (InformerEventSource<?, ?>) source)
        .allMatch(source -> hasSynced(source, namespace));
  }

  /** Another controller may have started before the one that has this informer. */
  private static boolean hasSynced(InformerEventSource<?, ?> source, String namespace) {
    return source.isRunning()
        && source.informerHealthIndicators().values().stream()
            .filter(
                informer ->
                    Set.of(namespace, Constants.WATCH_ALL_NAMESPACES)
                        .contains(informer.getTargetNamespace()))
            .allMatch(InformerHealthIndicator::hasSynced);
  }
}
