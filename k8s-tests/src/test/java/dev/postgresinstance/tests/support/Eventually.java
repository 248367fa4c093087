package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;

/** Waits for what must become true, and says what was true instead. */
public final class Eventually {

  // Many times what it takes on a quiet machine: a slow one shall not look like a broken operator.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Instance instance;

  private Eventually(Instance instance) {
    this.instance = instance;
  }

  public static Eventually instance(Instance instance) {
    return new Eventually(instance);
  }

  /** Waits until an assertion holds. */
  public static void that(String what, ThrowingRunnable assertion) {
    waiting(what).untilAsserted(assertion);
  }

  /** Waits until an assertion holds and goes on holding for a while. */
  public static void forGood(String what, ThrowingRunnable assertion) {
    waiting(what).during(Steadily.A_WHILE).untilAsserted(assertion);
  }

  /** Waits until something is there. */
  public static <T> T there(String what, Callable<T> something) {
    return waiting(what).until(something, found -> found != null);
  }

  /** Ready, as the status says of the spec as it is now. */
  public Eventually isReady() {
    that(instance + " is ready", () -> assertReady());
    return this;
  }

  /** Ready again with another pod than the one that was there before. */
  public Eventually isReadyWithoutPod(Pod before) {
    hasPodOtherThan(before);
    that(
        instance + " is ready with its new pod",
        () -> {
          assertThat(PodState.of(instance.pod()).ready()).as(this::state).isTrue();
          assertReady();
        });
    return this;
  }

  /** Another pod than that one has taken its place, in whatever state. */
  public Eventually hasPodOtherThan(Pod before) {
    that(
        instance + " has another pod",
        () ->
            assertThat(PodState.of(instance.pod()).uid())
                .as(this::state)
                .isNotNull()
                .isNotEqualTo(before.getMetadata().getUid()));
    return this;
  }

  /** Not ready, for that reason; gives the message for people. */
  public String isNotReady(Reason reason) {
    that(
        instance + " is not ready: " + reason.word(),
        () -> {
          assertThat(instance.ready()).as(this::state).isPresent();
          Condition ready = instance.ready().orElseThrow();
          assertThat(ready.getReason()).as(this::state).isEqualTo(reason.word());
          assertThat(ready.getStatus()).as(this::state).isEqualTo("False");
        });
    return instance.ready().orElseThrow().getMessage();
  }

  /** A condition has that reason; gives the message for people. */
  public String says(ConditionType type, Reason reason) {
    that(
        instance + " says " + type.type(),
        () ->
            assertThat(instance.condition(type).map(Condition::getReason))
                .as(this::state)
                .contains(reason.word()));
    return instance.condition(type).orElseThrow().getMessage();
  }

  /** A condition has that reason. */
  public Eventually saysOf(ConditionType type, Reason reason) {
    says(type, reason);
    return this;
  }

  /** Such a condition is gone. */
  public Eventually saysNo(ConditionType type) {
    that(
        instance + " does not say " + type.type(),
        () -> assertThat(instance.condition(type)).as(this::state).isEmpty());
    return this;
  }

  /** A login with what the Secret and the status say succeeds. */
  public void acceptsLogins() {
    that(instance + " accepts logins", () -> Client.connect(instance).close());
  }

  /** Ready as the status says of the spec as it is now, for another reason than that it runs. */
  public Eventually isReadyFor(Reason reason) {
    that(instance + " is ready: " + reason.word(), () -> assertReady(reason));
    return this;
  }

  private void assertReady() {
    assertReady(Reason.RUNNING);
  }

  private void assertReady(Reason reason) {
    // Read once: of two readings one may be of the spec before.
    PostgresInstance resource = instance.resource();
    assertThat(resource.getStatus()).as(this::state).isNotNull();
    assertThat(resource.getStatus().conditions())
        .as(this::state)
        .filteredOn(condition -> ConditionType.READY.type().equals(condition.getType()))
        .singleElement()
        .satisfies(
            ready -> {
              assertThat(ready.getStatus()).isEqualTo("True");
              assertThat(ready.getReason()).isEqualTo(reason.word());
            });
    assertThat(resource.getStatus().observedGeneration())
        .as("observed generation; %s", state())
        .isEqualTo(resource.getMetadata().getGeneration());
  }

  private String state() {
    String condition =
        instance
            .ready()
            .map(
                ready ->
                    "Ready=%s %s: %s"
                        .formatted(ready.getStatus(), ready.getReason(), ready.getMessage()))
            .orElse("no condition Ready");
    return instance + ": " + condition + "; " + PodState.of(instance.pod());
  }

  private static ConditionFactory waiting(String what) {
    return Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .pollDelay(Duration.ZERO)
        .ignoreExceptions();
  }
}
