package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/** Waits until a condition holds; a timeout reports the last observed state. */
public final class Eventually {

  // Many times the duration on an idle machine: a slow machine must not look like a broken
  // operator.
  private static final Duration PATIENCE = Duration.ofMinutes(4);

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

  /** Waits until an assertion holds and keeps holding for {@link Consistently#A_WHILE}. */
  public static void thatStays(String what, ThrowingRunnable assertion) {
    waiting(what).during(Consistently.A_WHILE).untilAsserted(assertion);
  }

  /** Waits until the callable returns a value other than null, and returns that value. */
  public static <T> T nonNull(String what, Callable<T> something) {
    return waiting(what).until(something, found -> found != null);
  }

  /** Waits until the status reports the current generation as ready. */
  public Eventually isReady() {
    until(instance + " is ready", () -> assertReady());
    return this;
  }

  /** Waits until the instance is ready with a pod other than the given one. */
  public Eventually isReadyWithNewPod(Pod before) {
    hasPodOtherThan(before);
    until(
        instance + " is ready with its new pod",
        () -> {
          assertThat(PodState.of(instance.pod()).ready()).isTrue();
          assertReady();
        });
    return this;
  }

  /** Waits until the instance has a pod other than the given one, in any state. */
  public Eventually hasPodOtherThan(Pod before) {
    until(
        instance + " has another pod",
        () ->
            assertThat(PodState.of(instance.pod()).uid())
                .isNotNull()
                .isNotEqualTo(before.getMetadata().getUid()));
    return this;
  }

  /** Waits until Ready is False with the given reason, and returns the message of the condition. */
  public String isNotReady(Reason reason) {
    return messageOf(
        instance + " is not ready: " + reason.word(),
        ConditionType.READY,
        ready -> {
          assertThat(ready.getReason()).isEqualTo(reason.word());
          assertThat(ready.getStatus()).isEqualTo("False");
        });
  }

  /** Waits until a condition has the given reason, and returns the message of the condition. */
  public String conditionMessage(ConditionType type, Reason reason) {
    return messageOf(
        instance + " has condition " + type.type() + " with reason " + reason.word(),
        type,
        found -> assertThat(found.getReason()).isEqualTo(reason.word()));
  }

  /** Waits until a condition has the given reason. */
  public Eventually hasCondition(ConditionType type, Reason reason) {
    conditionMessage(type, reason);
    return this;
  }

  /** Waits until the instance has no condition of the given type. */
  public Eventually hasNoCondition(ConditionType type) {
    until(
        instance + " has no condition " + type.type(),
        () -> assertThat(instance.condition(type)).isEmpty());
    return this;
  }

  /** Waits until the published password is another one than the given one. */
  public Eventually hasPasswordOtherThan(String old) {
    until(
        instance + " has a new password",
        () -> assertThat(instance.credentials().get("password")).isNotEqualTo(old));
    return this;
  }

  /**
   * Waits until the server presents a certificate other than the one with the given serial number.
   *
   * @param names names in the certificate, among others
   */
  public Eventually servesCertificateOtherThan(String serialNumber, String... names) {
    until(
        instance + " presents another certificate",
        () -> {
          TlsStatus tls = instance.tls();
          assertThat(tls.serialNumber()).isNotEqualTo(serialNumber);
          assertThat(names).isSubsetOf(tls.names());
          assertThat(tls.serving()).isTrue();
        });
    return this;
  }

  /** Waits until a login with the Secret's credentials at the address from the status succeeds. */
  public void acceptsLogins() {
    that(instance + " accepts logins", () -> Client.connect(instance).close());
  }

  /** Waits until the status reports the current generation as ready with the given reason. */
  public Eventually isReadyFor(Reason reason) {
    until(instance + " is ready: " + reason.word(), () -> assertReady(reason));
    return this;
  }

  // The message comes from the read that was asserted: a second read might see the next state.
  private String messageOf(String what, ConditionType type, Consumer<Condition> assertion) {
    AtomicReference<String> message = new AtomicReference<>();
    until(
        what,
        () -> {
          Optional<Condition> found = instance.condition(type);
          assertThat(found).isPresent();
          assertion.accept(found.orElseThrow());
          message.set(found.orElseThrow().getMessage());
        });
    return message.get();
  }

  private void assertReady() {
    assertReady(Reason.RUNNING);
  }

  private void assertReady(Reason reason) {
    // Read once: two reads might see two different generations.
    PostgresInstance resource = instance.resource();
    assertThat(resource.getStatus()).isNotNull();
    assertThat(resource.getStatus().conditions())
        .filteredOn(condition -> ConditionType.READY.type().equals(condition.getType()))
        .singleElement()
        .satisfies(
            ready -> {
              assertThat(ready.getStatus()).isEqualTo("True");
              assertThat(ready.getReason()).isEqualTo(reason.word());
            });
    assertThat(resource.getStatus().observedGeneration())
        .as("observed generation")
        .isEqualTo(resource.getMetadata().getGeneration());
  }

  /** The state is read only for the message of a timeout: each read costs the API server time. */
  private void until(String what, ThrowingRunnable assertion) {
    try {
      that(what, assertion);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + System.lineSeparator() + state(), e);
    }
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
        .pollInterval(Duration.ofMillis(400))
        .pollDelay(Duration.ZERO)
        .ignoreExceptions();
  }
}
