package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreviousStatusTest {

  @Test
  void knowsNothingBeforeFirstReconciliation() {
    // When
    PreviousStatus previous = PreviousStatus.of(Snapshots.of("{}").instance());

    // Then
    assertThat(previous.status()).isEmpty();
    assertThat(previous.get(PostgresInstanceStatus::version)).isEmpty();
    assertThat(previous.condition(ConditionType.READY)).isEmpty();
    assertThat(previous.isTrue(ConditionType.READY)).isFalse();
    assertThat(previous.hasReason(ConditionType.READY, Reason.RUNNING)).isFalse();
    assertThat(previous.isCurrent()).isFalse();
    assertThat(previous.wasReady()).isFalse();
  }

  @Test
  void toleratesStatusWithoutConditions() {
    // When
    PreviousStatus previous = previous(1L, null);

    // Then
    assertThat(previous.condition(ConditionType.READY)).isEmpty();
    assertThat(previous.isTrue(ConditionType.READY)).isFalse();
    assertThat(previous.get(PostgresInstanceStatus::conditions)).isEmpty();
    assertThat(previous.isCurrent()).isTrue();
  }

  @Test
  void givesPartOfStatus() {
    // When
    PreviousStatus previous = previous(1L, List.of());

    // Then
    assertThat(previous.get(PostgresInstanceStatus::version)).contains("17.6");
    assertThat(previous.get(PostgresInstanceStatus::imageID)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"True, true", "False, false", "Unknown, false"})
  void isTrueOnlyForStatusTrue(String status, boolean expected) {
    // When
    PreviousStatus previous = previous(1L, List.of(condition("Available", status, "Running")));

    // Then
    assertThat(previous.isTrue(ConditionType.AVAILABLE)).isEqualTo(expected);
    assertThat(previous.isTrue(ConditionType.READY)).isFalse();
  }

  @Test
  void comparesReasonOfConditionOfThatType() {
    // When
    PreviousStatus previous =
        previous(
            1L,
            List.of(
                condition("Ready", "False", "DiskFull"),
                condition("Available", "True", "Running")));

    // Then
    assertThat(previous.hasReason(ConditionType.READY, Reason.DISK_FULL)).isTrue();
    assertThat(previous.hasReason(ConditionType.AVAILABLE, Reason.DISK_FULL)).isFalse();
  }

  @ParameterizedTest(name = "generation {0} of 3, Ready {1}: current {2}, was ready {3}")
  @CsvSource({
    "3, True, true, true",
    "3, False, true, false",
    "2, True, false, false",
    "2, False, false, false",
    ", True, false, false"
  })
  void wasReadyOnlyWithTheSpecAsItIsNow(
      Long observedGeneration, String ready, boolean current, boolean wasReady) {
    // Given
    PostgresInstance instance =
        instance(observedGeneration, List.of(condition("Ready", ready, "Running")));
    instance.getMetadata().setGeneration(3L);

    // When
    PreviousStatus previous = PreviousStatus.of(instance);

    // Then
    assertThat(previous.isCurrent()).isEqualTo(current);
    assertThat(previous.wasReady()).isEqualTo(wasReady);
  }

  private static PreviousStatus previous(Long observedGeneration, List<Condition> conditions) {
    return PreviousStatus.of(instance(observedGeneration, conditions));
  }

  /** An instance of generation 1 with a status of that generation. */
  private static PostgresInstance instance(Long observedGeneration, List<Condition> conditions) {
    PostgresInstance instance = Snapshots.of("{}").instance();
    instance.setStatus(
        new PostgresInstanceStatus(
            observedGeneration,
            conditions,
            null,
            null,
            null,
            null,
            "17.6",
            null,
            null,
            null,
            null,
            null));
    return instance;
  }

  private static Condition condition(String type, String status, String reason) {
    return new ConditionBuilder().withType(type).withStatus(status).withReason(reason).build();
  }
}
