package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Set;

/**
 * What is sent to the API server to write an object: it changes the state of the attempt, or
 * nothing.
 */
public record WriteRequests(KubernetesClient client) {

  /** For every server-side apply of the operator. */
  static final PatchContext SERVER_SIDE_APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Labels.MANAGER)
          .withForce(true)
          .build();

  /** Kinds that are created once and never changed, which needs no permission to patch them. */
  private static final Set<Class<?>> NEVER_CHANGED = Set.of(Job.class, PostgresBackup.class);

  /** The desired state as it is sent. */
  <R extends HasMetadata> R of(Attempt attempt, R desired) {
    R request = client.getKubernetesSerialization().clone(desired);
    request.getMetadata().setUid(attempt.creates() ? null : attempt.uid());
    request.getMetadata().setResourceVersion(attempt.resourceVersion());
    return request;
  }

  /**
   * Writes the desired state, and returns the object as it is then.
   *
   * @throws KubernetesClientException when the API server rejects it
   */
  <R extends HasMetadata> R send(Attempt attempt, R desired) {
    R request = of(attempt, desired);
    if (!attempt.creates() || !NEVER_CHANGED.contains(request.getClass())) {
      return client.resource(request).patch(SERVER_SIDE_APPLY);
    }
    request.getMetadata().setResourceVersion(null); // a creation has no other condition
    return client.resource(request).create();
  }
}
