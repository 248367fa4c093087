package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
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
import java.util.LinkedHashMap;
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
 * Writes Kubernetes Events, beside the passes: an event that cannot be written is lost, and nothing
 * else. What happens again is counted in the event that is there.
 */
public final class EventRecorder implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);

  /** So many may wait to be written; when the API server is away more are lost. */
  private static final int MOST_WAITING = 1_000;

  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final Predicate<KubernetesClientException> explained;
  private final Map<Key, Written> written = new Memory(); // of the one thread alone
  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().daemon().name("events").factory(),
          (task, executor) -> log.info("an event is lost: too many wait to be written"));

  /**
   * A recorder; it writes to the namespaces of the instances.
   *
   * @param explained takes why an event is lost, and says whether it has told it
   */
  public EventRecorder(KubernetesClient client, Predicate<KubernetesClientException> explained) {
    this.client = client;
    this.explained = explained;
  }

  private record Key(String uid, EventMessage message) {}

  /** All that has to be known of an event to count it; the whole would take kilobytes. */
  private record Written(String name, int count) {}

  /** The latest events; an older one that happens again is written anew. */
  private static final class Memory extends LinkedHashMap<Key, Written> {
    private static final long serialVersionUID = 1;
    private static final int ENTRIES = 5_000;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, Written> eldest) {
      return size() > ENTRIES;
    }
  }

  /** Has them written, in that order, and does not wait for it. */
  public void record(PostgresInstance instance, List<EventMessage> messages) {
    ObjectReference about = reference(instance);
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    // What is logged of them is marked as what is logged of the pass.
    Map<String, String> mark = Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
    messages.forEach(
        message ->
            writer.execute(
                () -> {
                  MDC.setContextMap(mark);
                  write(about, message, now);
                }));
  }

  private void write(ObjectReference about, EventMessage message, String now) {
    Key key = new Key(about.getUid(), message);
    try {
      Optional<Written> before =
          Optional.ofNullable(written.remove(key)); // the latest is at the end
      written.put(
          key,
          before
              .flatMap(event -> counted(event, about.getNamespace(), now))
              .orElseGet(() -> create(about, message, now)));
    } catch (KubernetesClientException e) {
      if (!explained.test(e)) {
        log.info("an event is lost: {}", e.getMessage());
      }
    }
  }

  /** Empty when it is gone: the API server forgets an event after an hour. */
  private Optional<Written> counted(Written before, String namespace, String now) {
    Written next = new Written(before.name(), before.count() + 1);
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

  private Written create(ObjectReference about, EventMessage message, String now) {
    Event event =
        client
            .v1()
            .events()
            .resource(
                new EventBuilder()
                    .withNewMetadata()
                    .withGenerateName(about.getName() + ".")
                    .withNamespace(about.getNamespace())
                    .endMetadata()
                    .withInvolvedObject(about)
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

  private static ObjectReference reference(PostgresInstance instance) {
    return new ObjectReferenceBuilder()
        .withApiVersion(instance.getApiVersion())
        .withKind(instance.getKind())
        .withNamespace(instance.getMetadata().getNamespace())
        .withName(instance.getMetadata().getName())
        .withUid(instance.getMetadata().getUid())
        .withResourceVersion(instance.getMetadata().getResourceVersion())
        .build();
  }

  /** Writes what waits, for a moment at most. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
