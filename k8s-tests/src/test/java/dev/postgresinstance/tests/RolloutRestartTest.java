package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** `kubectl rollout restart` of the StatefulSet. */
@Order(1)
class RolloutRestartTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** What kubectl sets in the pod template. */
  private static final String ANNOTATION = "kubectl.kubernetes.io/restartedAt";

  @Test
  void rolloutRestartRestartsTheServerOnce() {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();

    // When
    rolloutRestart(orders);

    // Then
    assertRestartedOnce(orders, before);
    Eventually.that(
        "the cause is recorded",
        () ->
            assertThat(orders.events())
                .map(Event::getMessage)
                .anyMatch(
                    message -> message.contains("requested by the annotation " + ANNOTATION)));
    assertThat(orders.statefulSet().getSpec().getTemplate().getMetadata().getAnnotations())
        .containsKey(ANNOTATION);
  }

  @Test
  @Tag("long")
  void rolloutRestartRestartsTheServerUnderManualPolicy() {
    // Given
    Instance desk = given.instance("desk").restartPolicy("Manual").running();
    Pod before = desk.pod();

    // When
    rolloutRestart(desk);

    // Then
    assertRestartedOnce(desk, before);
  }

  @Test
  void requestThatAnEarlierOperatorHasIgnoredRestartsNothing() {
    // Given
    Instance till = given.instance("till").running();
    Pod before = till.pod();

    // When: the StatefulSet has a request, and no record, as after an upgrade
    Cluster.kubectl(
        "-n",
        till.namespace(),
        "patch",
        "statefulset",
        till.name(),
        "--type=merge",
        "--patch",
        """
        {"metadata": {"annotations": {"postgresinstance.dev/rollout-restart": null}},
         "spec": {"template": {"metadata": {"annotations": {"%s": "2026-01-01T00:00:00Z"}}}}}
        """
            .formatted(ANNOTATION));

    // Then
    Eventually.that(
        "the operator has recorded the request",
        () ->
            assertThat(till.statefulSet().getMetadata().getAnnotations())
                .containsEntry("postgresinstance.dev/rollout-restart", "2026-01-01T00:00:00Z"));
    Consistently.keepsPod(till, before);

    // When
    rolloutRestart(till);

    // Then
    assertRestartedOnce(till, before);
  }

  private static void rolloutRestart(Instance instance) {
    Cluster.kubectl(
        "-n", instance.namespace(), "rollout", "restart", "statefulset/" + instance.name());
  }

  private static void assertRestartedOnce(Instance instance, Pod before) {
    Eventually.instance(instance).isReadyWithNewPod(before);
    Pod after = instance.pod();
    assertThat(after.getMetadata().getAnnotations()).containsKey(ANNOTATION);
    Consistently.keepsPod(instance, after);
  }
}
