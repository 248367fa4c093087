package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.common.BoundedMap;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Permission;
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
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one child to what it should be by server-side apply, and never touches what is not the
 * instance's own: an object is created only where none is, and changed only with the uid and
 * resource version that were seen to be ours. So a stale cache costs a conflict, not an object.
 */
public final class ConditionalApply {

  private static final Logger log = LoggerFactory.getLogger(ConditionalApply.class);

  /** A refused write is not repeated sooner, unless object or wish have changed. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(9);

  /** Creates, or fails with a conflict where the object exists. */
  private static final String ONLY_IF_ABSENT = "1";

  public static final PatchContext SERVER_SIDE_APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Labels.MANAGER)
          .withForce(true)
          .build();

  private final KubernetesClient client;
  private final Informers sources;
  private final Map<String, Outcome> outcomes = BoundedMap.empty();

  public ConditionalApply(KubernetesClient client, Informers sources) {
    this.client = client;
    this.sources = sources;
  }

  /** What was asked of which state of an object. */
  private record Attempt(String uid, String resourceVersion, int desired) {}

  /** What came of it. */
  private record Outcome(Attempt attempt, Optional<RuntimeException> refusal, Instant at) {}

  /**
   * The child as it is after it was made what it should be.
   *
   * @param actual the object as it was read; absent when there is none
   * @throws Refusal when the object belongs to someone else or is being deleted, or may not be
   *     created
   * @throws KubernetesClientException when the API server refuses; with code 409 when the object is
   *     no longer what was read, and the pass has to begin anew
   */
  public <R extends HasMetadata> R apply(
      R desired, Optional<R> actual, Context<PostgresInstance> context) {
    actual.ifPresent(child -> refuseStranger(child, Identity.of(desired).orElseThrow()));
    return adopt(desired, actual, context);
  }

  /**
   * The same of an object whoever it belongs to: a person has accepted it as the instance's own.
   */
  public <R extends HasMetadata> R adopt(
      R desired, Optional<R> actual, Context<PostgresInstance> context) {
    actual.ifPresent(ConditionalApply::refuseWhatGoes);
    Attempt attempt =
        actual
            .map(child -> attempt(child, desired))
            .orElseGet(() -> new Attempt("", ONLY_IF_ABSENT, desired.hashCode()));
    var matcher = SSABasedGenericKubernetesResourceMatcher.<R>getInstance();
    if (actual.isPresent() && isDone(attempt, desired)) {
      return actual.get();
    }
    if (actual.isPresent() && matcher.matches(actual.get(), desired, context)) {
      done(attempt, desired); // to compare them once is enough
      return actual.get();
    }
    throwRecentRefusal(attempt, desired);
    R result = write(attempt, desired);
    if (!result.getMetadata().getResourceVersion().equals(attempt.resourceVersion())) {
      log.info("{} {}", actual.isPresent() ? "updated" : "created", key(desired));
      sources.written(result, actual);
    }
    return result;
  }

  /** Deletes exactly the object that was seen; one that has changed since is looked at again. */
  public void delete(HasMetadata actual, String why) {
    delete(actual, new DeleteOptions());
    log.info("deleted {}: {}", key(actual), why);
  }

  /** Sets annotations on exactly the object that was seen, if it has not those values already. */
  public void annotate(HasMetadata actual, Map<String, String> annotations) {
    ObjectMeta seen = actual.getMetadata();
    Map<String, String> present = Optional.ofNullable(seen.getAnnotations()).orElse(Map.of());
    if (present.entrySet().containsAll(annotations.entrySet())) {
      return;
    }
    Map<String, Object> metadata =
        Map.of(
            "uid", seen.getUid(),
            "resourceVersion", seen.getResourceVersion(),
            "annotations", annotations);
    client
        .resource(actual)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(Map.of("metadata", metadata)));
    log.info("annotated {}", key(actual));
  }

  /**
   * Deletes exactly the StatefulSet that was seen and leaves its pod running, for another one of
   * that name to take over.
   */
  public void deleteWithoutPod(StatefulSet actual, String why) {
    delete(actual, new DeleteOptionsBuilder().withPropagationPolicy("Orphan").build());
    log.info("deleted {} and not its pod: {}", key(actual), why);
  }

  /** By its path: the client knows no precondition of the uid. */
  private void delete(HasMetadata actual, DeleteOptions options) {
    ObjectMeta seen = actual.getMetadata();
    options.setPreconditions(new Preconditions(seen.getResourceVersion(), seen.getUid()));
    String path =
        "/%s/%s/namespaces/%s/%s/%s"
            .formatted(
                actual.getApiVersion().contains("/") ? "apis" : "api",
                actual.getApiVersion(),
                seen.getNamespace(),
                actual.getPlural(),
                seen.getName());
    client.raw(path, "DELETE", options);
  }

  private static Attempt attempt(HasMetadata child, HasMetadata desired) {
    ObjectMeta seen = child.getMetadata();
    return new Attempt(seen.getUid(), seen.getResourceVersion(), desired.hashCode());
  }

  private void done(Attempt attempt, HasMetadata desired) {
    outcomes.put(key(desired), new Outcome(attempt, Optional.empty(), Instant.now()));
  }

  /** An apply is not repeated on what came of it: a matcher's miss costs a write, not a loop. */
  private boolean isDone(Attempt attempt, HasMetadata desired) {
    Outcome last = outcomes.get(key(desired));
    return last != null && last.attempt().equals(attempt) && last.refusal().isEmpty();
  }

  private void throwRecentRefusal(Attempt attempt, HasMetadata desired) {
    Outcome last = outcomes.get(key(desired));
    if (last != null
        && last.attempt().equals(attempt)
        && last.refusal().isPresent()
        && last.at().plus(REFUSED_FOR).isAfter(Instant.now())) {
      throw last.refusal().get();
    }
  }

  private <R extends HasMetadata> R write(Attempt attempt, R desired) {
    R wish = client.getKubernetesSerialization().clone(desired);
    wish.getMetadata().setUid(attempt.uid().isEmpty() ? null : attempt.uid());
    wish.getMetadata().setResourceVersion(attempt.resourceVersion());
    try {
      R result = client.resource(wish).patch(SERVER_SIDE_APPLY);
      done(attempt(result, desired), desired);
      return result;
    } catch (KubernetesClientException e) {
      if (!Abort.isLasting(e)) {
        throw e;
      }
      RuntimeException refusal = explained(e, attempt, desired);
      outcomes.put(key(desired), new Outcome(attempt, Optional.of(refusal), Instant.now()));
      throw refusal;
    }
  }

  /** An apply that may not create says only that it is forbidden. */
  private RuntimeException explained(
      KubernetesClientException failure, Attempt attempt, HasMetadata desired) {
    if (failure.getCode() != HttpURLConnection.HTTP_FORBIDDEN || !attempt.uid().isEmpty()) {
      return failure;
    }
    String words = Abort.words(failure);
    return Permission.missing(words)
        .or(() -> AccessReview.missing(client, "create", desired))
        .<RuntimeException>map(right -> Abort.of(ApiProblems.missing(right, words)))
        .orElse(failure);
  }

  private static void refuseWhatGoes(HasMetadata child) {
    if (child.getMetadata().getDeletionTimestamp() != null) {
      throw new Abort(Reason.CREATING, key(child) + " is being deleted; a new one follows.");
    }
  }

  /**
   * Makes sure that a child belongs to the instance of that identity.
   *
   * @throws Refusal when it does not
   */
  public static void refuseStranger(HasMetadata child, String identity) {
    if (!Identity.of(child).equals(Optional.of(identity))) {
      String name = "%s %s".formatted(child.getKind(), child.getMetadata().getName());
      throw new Abort(
          Reason.CONFLICT,
          Identity.of(child)
              .map(id -> anotherInstances(name, id))
              .orElse(
                  name
                      + " exists and does not belong to this instance; it was not touched."
                      + " Give the instance another name, or remove that one if nobody needs it."));
    }
  }

  private static String anotherInstances(String name, String id) {
    return ("%s exists and belongs to another instance, of id %s; it was not touched. Give this"
            + " instance another name, remove that one if nobody needs it, or accept it as this"
            + " instance's own with the annotation %s: %s")
        .formatted(name, id, UserConsent.ADOPT, id);
  }

  private static String key(HasMetadata child) {
    ObjectMeta meta = child.getMetadata();
    return "%s %s/%s".formatted(child.getKind(), meta.getNamespace(), meta.getName());
  }
}
