package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.kubernetes.ConditionalStatus;
import dev.postgresinstance.operator.report.Transitions;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;

/** Writes the status of an instance, and its Events. */
record StatusWriter(Engine engine, Context<PostgresInstance> context) {

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
    PostgresInstance patch = new PostgresInstance();
    patch.setMetadata(ConditionalStatus.metadata(instance));
    patch.setStatus(status);
    boolean isWritten =
        new ConditionalStatus<>(context, () -> engine.reader().live(instance))
            .write(instance, patch)
            .isPresent();
    if (isWritten) {
      engine.events().record(instance, Transitions.of(instance.getStatus(), status));
    }
    return isWritten;
  }
}
