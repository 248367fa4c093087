package dev.postgresinstance.operator.kubernetes;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Writes the status of a resource, only to the version of the resource from which the status was
 * derived.
 *
 * @param <R> kind of the resource
 */
public final class ConditionalStatus<R extends CustomResource<?, ?>> {

  /** HTTP status of a conflict: 409 for another resource version, 422 for another uid. */
  private static final Set<Integer> CHANGED_SINCE_READ = Set.of(409, 422);

  private final Context<R> context;
  private final Supplier<Optional<R>> live;

  /**
   * Creates the writer for one reconciliation.
   *
   * @param context of the reconciliation
   * @param live reads the resource from the API server
   */
  public ConditionalStatus(Context<R> context, Supplier<Optional<R>> live) {
    this.context = context;
    this.live = live;
  }

  /**
   * The metadata of a patch of the status: name, uid and version of the resource as it was read.
   */
  public static ObjectMeta metadata(CustomResource<?, ?> resource) {
    ObjectMeta read = resource.getMetadata();
    return new ObjectMetaBuilder()
        .withName(read.getName())
        .withNamespace(read.getNamespace())
        .withUid(read.getUid())
        .withResourceVersion(read.getResourceVersion())
        .build();
  }

  /**
   * Writes the status.
   *
   * @param resource as it was read
   * @param patch the same resource with nothing but its {@link #metadata} and the status
   * @return the resource as it is now; empty when it was deleted meanwhile
   * @throws KubernetesClientException when the API server rejects the status
   */
  public Optional<R> write(R resource, R patch) {
    try {
      R written =
          context
              .getClient()
              .resource(patch)
              .subresource("status")
              .patch(WriteRequests.SERVER_SIDE_APPLY);
      // The next reconciliation must compare its status with this one, not with an older one.
      updateCache(written, resource);
      return Optional.of(written);
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      if (CHANGED_SINCE_READ.contains(e.getCode())) {
        live.get().ifPresent(found -> updateCache(found, resource));
      }
      throw e;
    }
  }

  /** The next reconciliation reads this object, however late the watch reports it. */
  private void updateCache(R object, R before) {
    context
        .eventSourceRetriever()
        .getControllerEventSource()
        .handleRecentResourceUpdate(ResourceID.fromResource(object), object, before);
  }
}
