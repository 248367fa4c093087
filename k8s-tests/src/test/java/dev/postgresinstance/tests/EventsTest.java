package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** `kubectl describe pgi` shows the history of an instance as events. */
class EventsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(events = EventReason.CREATED)
  void creationIsRecordedInOrder() {
    // When
    Instance orders = given.instance("orders").running();

    // Then: on a busy cluster, other events may come between these
    Eventually.that(
        "the events of the creation are recorded",
        () ->
            assertThat(orders.events())
                .extracting(event -> event.getType() + " " + event.getReason())
                .containsSubsequence("Normal Created", "Normal Starting", "Normal Running"));
    assertThat(orders.events().getFirst().getMessage())
        .contains("Service orders", "PersistentVolumeClaim orders-data", "Secret orders-app")
        .contains("StatefulSet orders");
    // kubectl shows events of the same second in any order.
    assertThat(Cluster.kubectl("describe", "pgi", "orders", "--namespace", given.namespace()))
        .containsPattern("(?s)\\nEvents:.*  Created .*Created Service orders")
        .containsPattern("(?s)\\nEvents:.*  Starting ")
        .containsPattern("(?s)\\nEvents:.*  Running ");
  }

  @Test
  @Tag("long")
  @CoversReasons(value = Reason.CONFIGURING, events = EventReason.RESTARTING)
  void restartIsRecordedWithItsCause() {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();

    // When
    desk.change(spec -> spec.parameter("max_connections", "40"));

    // Then
    Eventually.instance(desk).isReadyWithNewPod(before);
    Eventually.that(
        "the restart is recorded",
        () ->
            assertThat(desk.events())
                .filteredOn(event -> event.getReason().equals(EventReason.RESTARTING.word()))
                .singleElement()
                .satisfies(
                    event ->
                        assertThat(event.getMessage())
                            .contains("desk-0", "parameters max_connections")));
  }

  @Test
  @Tag("long")
  void repeatedEventsAreCounted() {
    // Given
    Instance moody = given.instance("moody").running();
    useMissingSecretAndRevert(moody);

    // When
    useMissingSecretAndRevert(moody);

    // Then
    Eventually.that(
        "the problem is counted",
        () ->
            assertThat(eventsWithReason(moody, Reason.PASSWORD_SECRET_INVALID))
                .singleElement()
                .satisfies(event -> assertThat(event.getCount()).isGreaterThanOrEqualTo(2))
                .satisfies(event -> assertThat(event.getType()).isEqualTo("Warning")));
    Eventually.that(
        "the end of the problem is counted",
        () ->
            assertThat(eventsWithReason(moody, Reason.RUNNING))
                .singleElement()
                .satisfies(event -> assertThat(event.getCount()).isGreaterThanOrEqualTo(3)));
  }

  @Test
  @CoversReasons(events = EventReason.PASSWORD_PUBLISHED)
  void newPasswordIsRecordedButNotShown() {
    // Given
    Instance safe = given.instance("safe").running();
    String before = safe.credentials().get("password");

    // When
    safe.annotate("postgresinstance.dev/rotate-password", "now");

    // Then
    Eventually.that(
        "the event is recorded",
        () ->
            assertThat(safe.events())
                .extracting(Event::getReason)
                .contains(EventReason.PASSWORD_PUBLISHED.word()));
    assertThat(Cluster.events(given.namespace()))
        .doesNotContain(before, safe.credentials().get("password"));
  }

  private static void useMissingSecretAndRevert(Instance instance) {
    instance.change(spec -> spec.passwordSecret("no-such-secret"));
    Eventually.instance(instance).isNotReady(Reason.PASSWORD_SECRET_INVALID);
    instance.change(spec -> spec.generatedPassword());
    Eventually.instance(instance).isReady();
  }

  private static List<Event> eventsWithReason(Instance instance, Reason reason) {
    return instance.events().stream()
        .filter(event -> event.getReason().equals(reason.word()))
        .toList();
  }
}
