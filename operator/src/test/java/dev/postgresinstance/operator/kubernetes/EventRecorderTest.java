package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.LogLines;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The requests that the recorder sends to a mock API server. */
class EventRecorderTest {

  private static final String EVENTS = "/api/v1/namespaces/shop/events";
  private static final String FIRST = EVENTS + "/orders.1";
  private static final String TERMINATING = "NamespaceTerminating";
  private static final KubernetesSerialization JSON = new KubernetesSerialization();
  private static final EventMessage CRASHING = new EventMessage(true, "Crashing", "It ended.");

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private final PostgresInstance orders = Snapshots.of("{}").instance();
  private EventRecorder recorder;

  @BeforeEach
  void start() {
    recorder = new EventRecorder(api.client(), failure -> false);
  }

  @AfterEach
  void stop() {
    recorder.close();
  }

  @Test
  void writesEventAboutItsInstance() throws InterruptedException {
    // Given
    expectCreation();

    // When
    record(CRASHING);

    // Then
    JsonNode event = body(next("POST", EVENTS));
    assertThat(event.at("/metadata/generateName").asText()).isEqualTo("orders.");
    assertThat(event.at("/involvedObject/kind").asText()).isEqualTo("PostgresInstance");
    assertThat(event.at("/involvedObject/name").asText()).isEqualTo("orders");
    assertThat(event.at("/involvedObject/uid").asText()).isEqualTo(Snapshots.UID);
    assertThat(event.at("/type").asText()).isEqualTo("Warning");
    assertThat(event.at("/reason").asText()).isEqualTo("Crashing");
    assertThat(event.at("/message").asText()).isEqualTo("It ended.");
    assertThat(event.at("/count").asInt()).isEqualTo(1);
    assertThat(event.at("/source/component").asText()).isEqualTo("postgres-instance-operator");
  }

  @Test
  void writesEventAboutABackup() throws InterruptedException {
    // Given
    expectCreation();
    PostgresBackup backup = new PostgresBackup();
    backup.setMetadata(
        new ObjectMetaBuilder().withName("nightly").withNamespace("shop").withUid("u").build());

    // When
    recorder.record(backup, List.of(CRASHING));

    // Then
    JsonNode event = body(next("POST", EVENTS));
    assertThat(event.at("/metadata/generateName").asText()).isEqualTo("nightly.");
    assertThat(event.at("/involvedObject/kind").asText()).isEqualTo("PostgresBackup");
    assertThat(event.at("/involvedObject/apiVersion").asText())
        .isEqualTo("postgresinstance.dev/v1alpha1");
    assertThat(event.at("/involvedObject/uid").asText()).isEqualTo("u");
  }

  @Test
  void countsRepeatedEvent() throws InterruptedException {
    // Given
    expectCreation();
    api.server().expect().patch().withPath(FIRST).andReturn(200, event(2)).once();

    // When
    record(CRASHING, CRASHING);

    // Then
    next("POST", EVENTS);
    JsonNode patch = body(next("PATCH", FIRST));
    assertThat(patch.get("count").asInt()).isEqualTo(2);
    assertThat(patch.get("lastTimestamp").asText()).endsWith("Z");
  }

  @Test
  void recreatesExpiredEvent() throws InterruptedException {
    // Given
    expectCreation();
    api.server().expect().patch().withPath(FIRST).andReturn(404, "").once();
    expectCreation();

    // When
    record(CRASHING, CRASHING);

    // Then
    next("POST", EVENTS);
    next("PATCH", FIRST);
    assertThat(body(next("POST", EVENTS)).at("/count").asInt()).isEqualTo(1);
  }

  @Test
  void countsSameEventAfterCountFailed() throws InterruptedException {
    // Given
    expectCreation();
    api.server().expect().patch().withPath(FIRST).andReturn(500, "").once();
    api.server().expect().patch().withPath(FIRST).andReturn(200, event(2)).once();

    // When
    record(CRASHING, CRASHING, CRASHING);

    // Then
    next("POST", EVENTS);
    next("PATCH", FIRST);
    assertThat(body(next("PATCH", FIRST)).get("count").asInt()).isEqualTo(2);
  }

  @Test
  void losesOnlyTheEventThatIsDenied() throws InterruptedException {
    // Given
    api.server().expect().post().withPath(EVENTS).andReturn(403, "").once();
    expectCreation();

    // When
    record(CRASHING, new EventMessage(false, "Running", "It runs."));

    // Then
    next("POST", EVENTS);
    assertThat(body(next("POST", EVENTS)).at("/reason").asText()).isEqualTo("Running");
  }

  @Test
  void logsFailureWithTheInstanceOfTheReconciliation() {
    // Given
    ResourceID instance = new ResourceID("orders", "shop");
    api.server().expect().post().withPath(EVENTS).andReturn(403, "").once();
    try (LogLines lines = new LogLines(EventRecorder.class)) {

      // When
      LogContext.about(instance, () -> record(CRASHING));

      // Then
      await()
          .untilAsserted(
              () ->
                  assertThat(lines.about(instance))
                      .singleElement()
                      .asString()
                      .startsWith("Cannot write an event: "));
    }
  }

  @Test
  void doesNotLogEventsOfNamespaceThatIsBeingDeleted() throws InterruptedException {
    // Given
    ResourceID instance = new ResourceID("orders", "shop");
    api.server().expect().post().withPath(EVENTS).andReturn(403, terminating()).once();
    api.server().expect().post().withPath(EVENTS).andReturn(404, notFound()).once();
    api.server().expect().post().withPath(EVENTS).andReturn(500, "").once();
    try (LogLines lines = new LogLines(EventRecorder.class)) {

      // When
      LogContext.about(instance, () -> record(CRASHING, CRASHING, CRASHING));

      // Then
      await().untilAsserted(() -> assertThat(lines.about(instance)).isNotEmpty());
      next("POST", EVENTS);
      next("POST", EVENTS);
      next("POST", EVENTS);
      assertThat(lines.about(instance))
          .singleElement()
          .asString()
          .hasSizeLessThan(350)
          .doesNotContain("Status(", "terminated", "not found");
    }
  }

  private static Status terminating() {
    return new StatusBuilder()
        .withCode(403)
        .withReason("Forbidden")
        .withMessage(
            "events \"orders.1\" is forbidden: unable to create new content in namespace shop"
                + " because it is being terminated")
        .withNewDetails()
        .addNewCause("metadata.namespace", "namespace shop is being terminated", TERMINATING)
        .endDetails()
        .build();
  }

  private static Status notFound() {
    return new StatusBuilder()
        .withCode(404)
        .withReason("NotFound")
        .withMessage("namespaces \"shop\" not found")
        .build();
  }

  private void record(EventMessage... messages) {
    recorder.record(orders, List.of(messages));
  }

  private void expectCreation() {
    api.server().expect().post().withPath(EVENTS).andReturn(201, event(1)).once();
  }

  private static Object event(int count) {
    return new EventBuilder()
        .withNewMetadata()
        .withName("orders.1")
        .withNamespace("shop")
        .endMetadata()
        .withCount(count)
        .build();
  }

  private RecordedRequest next(String method, String path) throws InterruptedException {
    RecordedRequest request = api.server().takeRequest(1, TimeUnit.MINUTES);
    assertThat(request).isNotNull();
    assertThat(request.getMethod()).isEqualTo(method);
    assertThat(request.getPath()).isEqualTo(path);
    return request;
  }

  private static JsonNode body(RecordedRequest request) {
    return JSON.unmarshal(request.getBody().readUtf8(), JsonNode.class);
  }
}
