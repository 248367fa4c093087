package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** `kubectl describe pgi` reads like a story. */
class EventsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Provokes(deeds = EventReason.CREATED)
  void theBeginningIsTold() {
    // When
    Instance orders = given.instance("orders").running();

    // Then: on a busy cluster something else may be told between them
    Eventually.that(
        "the story of the beginning is told",
        () ->
            assertThat(orders.events())
                .extracting(event -> event.getType() + " " + event.getReason())
                .containsSubsequence("Normal Created", "Normal Starting", "Normal Running"));
    assertThat(orders.events().getFirst().getMessage())
        .contains("Service orders", "PersistentVolumeClaim orders-data", "Secret orders-app")
        .contains("StatefulSet orders");
    // Of the same second kubectl shows any first.
    assertThat(Cluster.kubectl("describe", "pgi", "orders", "--namespace", given.namespace()))
        .containsPattern("(?s)\\nEvents:.*  Created .*Created Service orders")
        .containsPattern("(?s)\\nEvents:.*  Starting ")
        .containsPattern("(?s)\\nEvents:.*  Running ");
  }

  @Test
  @Provokes(value = Reason.CONFIGURING, deeds = EventReason.RESTARTING)
  void aRestartIsToldWithItsReason() {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();

    // When
    desk.change(spec -> spec.parameter("max_connections", "40"));

    // Then
    Eventually.instance(desk).isReadyWithoutPod(before);
    assertThat(desk.events())
        .filteredOn(event -> event.getReason().equals(EventReason.RESTARTING.word()))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getMessage()).contains("desk-0", "parameters max_connections"));
  }

  @Test
  void whatHappensAgainIsCounted() {
    // Given
    Instance moody = given.instance("moody").running();
    wrongSecretAndBack(moody);

    // When
    wrongSecretAndBack(moody);

    // Then
    Eventually.that(
        "the trouble is counted",
        () ->
            assertThat(told(moody, Reason.PASSWORD_SECRET_INVALID))
                .singleElement()
                .satisfies(event -> assertThat(event.getCount()).isGreaterThanOrEqualTo(2))
                .satisfies(event -> assertThat(event.getType()).isEqualTo("Warning")));
    assertThat(told(moody, Reason.RUNNING))
        .singleElement()
        .satisfies(event -> assertThat(event.getCount()).isGreaterThanOrEqualTo(3));
  }

  @Test
  @Provokes(deeds = EventReason.PASSWORD_PUBLISHED)
  void anotherPasswordIsToldAndNotShown() {
    // Given
    Instance safe = given.instance("safe").running();
    String before = safe.credentials().get("password");

    // When
    safe.annotate("postgresinstance.dev/rotate-password", "now");

    // Then
    Eventually.that(
        "the deed is told",
        () ->
            assertThat(safe.events())
                .extracting(Event::getReason)
                .contains(EventReason.PASSWORD_PUBLISHED.word()));
    assertThat(Cluster.events(given.namespace()))
        .doesNotContain(before, safe.credentials().get("password"));
  }

  private static void wrongSecretAndBack(Instance instance) {
    instance.change(spec -> spec.passwordSecret("no-such-secret"));
    Eventually.instance(instance).isNotReady(Reason.PASSWORD_SECRET_INVALID);
    instance.change(spec -> spec.ownPassword());
    Eventually.instance(instance).isReady();
  }

  private static List<Event> told(Instance instance, Reason reason) {
    return instance.events().stream()
        .filter(event -> event.getReason().equals(reason.word()))
        .toList();
  }
}
