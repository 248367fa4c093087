package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Permission;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Preconditions;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one child by server-side apply, under conditions: an object is created only if there is
 * none, and changed only if it still has the uid and resource version with which it was read and
 * found to belong to the instance. A stale cache therefore leads to a conflict, never to the change
 * of another object.
 */
public final class ConditionalApply {

  private static final Logger log = LoggerFactory.getLogger(ConditionalApply.class);

  private final KubernetesClient client;
  private final WriteListener listener;
  private final WriteRequests requests;
  private final WriteOutcomes outcomes = new WriteOutcomes();
  private final DryRuns dryRuns;

  /**
   * Creates a writer.
   *
   * @param listener called after each write
   */
  public ConditionalApply(KubernetesClient client, WriteListener listener) {
    this.client = client;
    this.listener = listener;
    this.requests = new WriteRequests(client);
    this.dryRuns = new DryRuns(client);
  }

  /** A copy of the desired state of an object with the owners that the object has now. */
  public static <T extends HasMetadata> T withPresentOwners(T desired, T actual) {
    T copy = Serialization.clone(desired);
    copy.getMetadata().setOwnerReferences(actual.getMetadata().getOwnerReferences());
    return copy;
  }

  /**
   * Why the API server would reject the desired state of an object, as far as it is known without
   * writing it; empty if it would accept it.
   *
   * @param actual the object as it was read; empty when there is none
   * @throws KubernetesClientException when the API server does not answer, or the object has
   *     changed since it was read
   */
  public Optional<Rejection> rejection(
      HasMetadata desired, Optional<? extends HasMetadata> actual) {
    Attempt attempt = Attempt.of(actual, desired);
    return dryRuns.rejection(attempt, () -> requests.of(attempt, desired));
  }

  /**
   * Applies the desired state to an object of the instance.
   *
   * @param actual the object as it was read; empty when there is none
   * @return the object as it is now
   * @throws Abort when the object does not belong to the instance, is being deleted, or may not be
   *     created
   * @throws KubernetesClientException when the API server rejects the request; with code 409 when
   *     the object has changed since it was read, and the reconciliation has to start over
   */
  public <R extends HasMetadata> R apply(R desired, Optional<R> actual, Context<?> context) {
    actual.ifPresent(
        child -> ForeignObjects.abortIfForeign(child, Identity.of(desired).orElseThrow()));
    return adopt(desired, actual, context);
  }

  /** Applies the desired state to an object that the user has accepted, whoever it belongs to. */
  public <R extends HasMetadata> R adopt(R desired, Optional<R> actual, Context<?> context) {
    actual.ifPresent(ConditionalApply::abortIfTerminating);
    Attempt attempt = Attempt.of(actual, desired);
    var matcher = SSABasedGenericKubernetesResourceMatcher.<R>getInstance();
    if (actual.isPresent() && outcomes.isDone(attempt)) {
      return actual.get();
    }
    if (actual.isPresent() && matcher.matches(actual.get(), desired, context)) {
      outcomes.done(attempt); // comparing them once is enough
      return actual.get();
    }
    outcomes.throwRecentRejection(attempt);
    R result = write(attempt, desired);
    if (!result.getMetadata().getResourceVersion().equals(attempt.resourceVersion())) {
      log.info("{} {}", actual.isPresent() ? "Updated" : "Created", Attempt.key(desired));
      listener.written(result, actual);
    }
    return result;
  }

  /**
   * Deletes exactly the object that was read.
   *
   * @param why the reason, for the log
   * @throws KubernetesClientException with code 409 when the object has changed since it was read
   */
  public void delete(HasMetadata actual, String why) {
    delete(actual, new DeleteOptions());
    log.info("Deleted {}: {}", Attempt.key(actual), why);
  }

  /**
   * Deletes exactly the object that was read, after all pods that belong to it.
   *
   * @param why the reason, for the log
   * @throws KubernetesClientException with code 409 when the object has changed since it was read
   */
  public void deleteWithPods(HasMetadata actual, String why) {
    delete(actual, new DeleteOptionsBuilder().withPropagationPolicy("Foreground").build());
    log.info("Deleted {} with its pods: {}", Attempt.key(actual), why);
  }

  /**
   * Sets annotations on exactly the object that was read, unless it has these values already.
   *
   * @throws KubernetesClientException with code 409 when the object has changed since it was read
   */
  public void annotate(HasMetadata actual, Map<String, String> annotations) {
    ObjectMeta read = actual.getMetadata();
    if (Annotations.of(actual).entrySet().containsAll(annotations.entrySet())) {
      return;
    }
    Map<String, Object> metadata =
        Map.of(
            "uid", read.getUid(),
            "resourceVersion", read.getResourceVersion(),
            "annotations", annotations);
    client
        .resource(actual)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(Map.of("metadata", metadata)));
    log.info("Annotated {}", Attempt.key(actual));
  }

  /**
   * Deletes exactly the StatefulSet that was read, and leaves its pod running for the next one.
   *
   * @param why the reason, for the log
   * @throws KubernetesClientException with code 409 when it has changed since it was read
   */
  public void deleteWithoutPod(StatefulSet actual, String why) {
    delete(actual, new DeleteOptionsBuilder().withPropagationPolicy("Orphan").build());
    log.info("Deleted {} without its pod: {}", Attempt.key(actual), why);
  }

  /** Uses the path, because the client has no precondition on the uid. */
  private void delete(HasMetadata actual, DeleteOptions options) {
    ObjectMeta read = actual.getMetadata();
    options.setPreconditions(new Preconditions(read.getResourceVersion(), read.getUid()));
    String path =
        "/%s/%s/namespaces/%s/%s/%s"
            .formatted(
                actual.getApiVersion().contains("/") ? "apis" : "api",
                actual.getApiVersion(),
                read.getNamespace(),
                actual.getPlural(),
                read.getName());
    client.raw(path, "DELETE", options);
  }

  private <R extends HasMetadata> R write(Attempt attempt, R desired) {
    try {
      R result = requests.send(attempt, desired);
      outcomes.done(Attempt.of(Optional.of(result), desired));
      return result;
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      RuntimeException rejection = explain(e, attempt, desired);
      outcomes.rejected(attempt, rejection);
      dryRuns.rejectedWrite(attempt, ApiErrors.rejection(e));
      throw rejection;
    }
  }

  /**
   * Adds the missing permission to a rejected creation: the API server names the permission to
   * patch an object, but not the one to create it.
   */
  private RuntimeException explain(
      KubernetesClientException failure, Attempt attempt, HasMetadata desired) {
    if (failure.getCode() != HttpURLConnection.HTTP_FORBIDDEN || !attempt.creates()) {
      return failure;
    }
    String message = ApiErrors.message(failure);
    return Permission.missing(message)
        .or(() -> AccessReview.missing(client, "create", desired))
        .<RuntimeException>map(permission -> new Abort(ApiProblems.missing(permission, message)))
        .orElse(failure);
  }

  private static void abortIfTerminating(HasMetadata child) {
    if (child.getMetadata().getDeletionTimestamp() != null) {
      throw new Abort(
          Reason.CREATING,
          Attempt.key(child) + " is being deleted; the operator creates a new one then.");
    }
  }
}
