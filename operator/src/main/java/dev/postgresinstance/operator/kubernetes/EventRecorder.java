package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.common.BoundedMap;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Writes Kubernetes Events in the background: an event that cannot be written is lost, but does not
 * affect the reconciliation. A repeated event increments the count of the existing one.
 */
public final class EventRecorder implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);

  /**
   * Maximum number of queued events; while the API server is unavailable, further ones are lost.
   */
  private static final int MAX_QUEUED = 1_000;

  /** Maximum number of written events that are counted; an older one is created again. */
  private static final int MAX_WRITTEN = 5_000;

  /** Maximum length of a message of the API server in the log. */
  private static final int MAX_LOGGED = 300;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final Predicate<KubernetesClientException> explain;

  /** The events that occurred last; used only by the writer thread. */
  private final Map<Key, Written> written = BoundedMap.leastRecentlyUsed(MAX_WRITTEN);

  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_QUEUED),
          Thread.ofPlatform().daemon().name("events").factory(),
          (task, executor) ->
              log.info(
                  "Dropped an event: {}",
                  executor.isShutdown() ? "the operator is stopping" : "too many are queued"));

  /**
   * Creates a recorder, which writes events to the namespaces of the resources.
   *
   * @param explain handles the failure of a write; returns false if it has not logged the cause
   */
  public EventRecorder(KubernetesClient client, Predicate<KubernetesClientException> explain) {
    this.client = client;
    this.explain = explain;
  }

  /** Two occurrences of an event have the same key. */
  private record Key(String uid, EventMessage message) {}

  /** What is needed to count an event; the whole event would take kilobytes. */
  private record Written(String name, int count) {}

  /** Queues events, which are written in this order, and does not wait. */
  public void record(HasMetadata resource, List<EventMessage> messages) {
    ObjectReference involved = reference(resource);
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    // Log lines of the writer thread carry the resource, like those of the reconciliation.
    Map<String, String> logContext =
        Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
    messages.forEach(
        message ->
            writer.execute(
                () -> {
                  MDC.setContextMap(logContext);
                  write(involved, message, now);
                }));
  }

  private void write(ObjectReference involved, EventMessage message, String now) {
    Key key = new Key(involved.getUid(), message);
    try {
      written.put(
          key,
          Optional.ofNullable(written.get(key))
              .flatMap(event -> incrementCount(event, involved.getNamespace(), now))
              .orElseGet(() -> create(involved, message, now)));
    } catch (KubernetesClientException e) {
      String answer = Text.abbreviate(ApiErrors.message(e), MAX_LOGGED);
      if (ApiErrors.isNamespaceDeleted(e)) {
        log.debug("Cannot write an event: {}", answer);
      } else if (!explain.test(e)) {
        log.info("Cannot write an event: {}", answer);
      }
    }
  }

  /** Empty if the event no longer exists: the API server deletes events after an hour. */
  private Optional<Written> incrementCount(Written previous, String namespace, String now) {
    Written next = new Written(previous.name(), previous.count() + 1);
    Map<String, Object> patch = Map.of("count", next.count(), "lastTimestamp", now);
    try {
      client
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(next.name())
                  .withNamespace(namespace)
                  .endMetadata()
                  .build())
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              client.getKubernetesSerialization().asJson(patch));
      return Optional.of(next);
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Written create(ObjectReference involved, EventMessage message, String now) {
    Event event =
        client
            .v1()
            .events()
            .resource(
                new EventBuilder()
                    .withNewMetadata()
                    .withGenerateName(involved.getName() + ".")
                    .withNamespace(involved.getNamespace())
                    .endMetadata()
                    .withInvolvedObject(involved)
                    .withType(message.warning() ? "Warning" : "Normal")
                    .withReason(message.reason())
                    .withMessage(message.message())
                    .withCount(1)
                    .withFirstTimestamp(now)
                    .withLastTimestamp(now)
                    .withNewSource()
                    .withComponent(Labels.MANAGER)
                    .endSource()
                    .build())
            .create();
    return new Written(event.getMetadata().getName(), 1);
  }

  private static ObjectReference reference(HasMetadata resource) {
    return new ObjectReferenceBuilder()
        .withApiVersion(resource.getApiVersion())
        .withKind(resource.getKind())
        .withNamespace(resource.getMetadata().getNamespace())
        .withName(resource.getMetadata().getName())
        .withUid(resource.getMetadata().getUid())
        .withResourceVersion(resource.getMetadata().getResourceVersion())
        .build();
  }

  /** Writes the queued events, for at most one second. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
