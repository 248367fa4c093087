package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.report.Transitions;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.Set;

/**
 * Writes the status of an instance, only to the version of the resource from which the status was
 * derived.
 */
record StatusWriter(Engine engine, Context<PostgresInstance> context) {

  /** HTTP status of a conflict: 409 for another resource version, 422 for another uid. */
  private static final Set<Integer> CHANGED_SINCE_READ = Set.of(409, 422);

  /**
   * Writes the status and its Events if anything has changed.
   *
   * @return false when the instance was deleted meanwhile
   * @throws KubernetesClientException when the API server rejects the status
   */
  boolean report(PostgresInstance instance, PostgresInstanceStatus status, Instant now) {
    if (!Requeue.shouldWrite(instance.getStatus(), status, now)) {
      return true;
    }
    boolean isWritten = write(instance, status);
    if (isWritten) {
      engine.events().record(instance, Transitions.of(instance.getStatus(), status));
    }
    return isWritten;
  }

  private boolean write(PostgresInstance instance, PostgresInstanceStatus status) {
    try {
      PostgresInstance written =
          context
              .getClient()
              .resource(withStatus(instance, status))
              .subresource("status")
              .patch(ConditionalApply.SERVER_SIDE_APPLY);
      // The next reconciliation must compare its status with this one, not with an older one.
      updateCache(written, instance);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      if (CHANGED_SINCE_READ.contains(e.getCode())) {
        engine.reader().live(instance).ifPresent(live -> updateCache(live, instance));
      }
      throw e;
    }
  }

  /** The next reconciliation reads this object, however late the watch reports it. */
  private void updateCache(PostgresInstance object, PostgresInstance before) {
    context
        .eventSourceRetriever()
        .getControllerEventSource()
        .handleRecentResourceUpdate(ResourceID.fromResource(object), object, before);
  }

  /** A patch with the status, and with name, uid and version of the resource. */
  private static PostgresInstance withStatus(
      PostgresInstance instance, PostgresInstanceStatus status) {
    PostgresInstance patch = new PostgresInstance();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(instance.getMetadata().getName())
            .withNamespace(instance.getMetadata().getNamespace())
            .withUid(instance.getMetadata().getUid())
            .withResourceVersion(instance.getMetadata().getResourceVersion())
            .build());
    patch.setStatus(status);
    return patch;
  }
}
