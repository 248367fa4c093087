package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusBuilderTest {

  private static final String BEFORE = "2026-01-01T00:00:00Z";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  @Test
  void listsConditionsInOrderOfTheirTypesWhoeverSetsThemFirst() {
    // Given
    StatusBuilder status = builder();

    // When
    Arrays.stream(ConditionType.values())
        .sorted(Comparator.reverseOrder())
        .forEach(type -> status.condition(type, true, Reason.RUNNING, "set"));

    // Then
    assertThat(status.build().conditions())
        .extracting(Condition::getType)
        .containsExactlyElementsOf(
            Arrays.stream(ConditionType.values()).map(ConditionType::type).toList());
  }

  @Test
  void listsKeptConditionsOfOtherTypesLastAndByName() {
    // Given
    StatusBuilder status = builder();

    // When
    status.keep(condition("Zeta", "True"));
    status.keep(condition("Alpha", "True"));
    status.condition(ConditionType.OTHER_SUPERUSERS, true, Reason.SUPERUSERS_FOUND, "set");
    status.condition(ConditionType.READY, true, Reason.RUNNING, "set");

    // Then
    assertThat(status.build().conditions())
        .extracting(Condition::getType)
        .containsExactly("Ready", "OtherSuperusers", "Alpha", "Zeta");
  }

  @Test
  void replacesConditionThatIsSetTwice() {
    // Given
    StatusBuilder status = builder();

    // When
    status.condition(ConditionType.READY, true, Reason.RUNNING, "first");
    status.condition(ConditionType.READY, false, Reason.STARTING, "second");

    // Then
    assertThat(status.build().conditions())
        .extracting(Condition::getStatus, Condition::getReason, Condition::getMessage)
        .containsExactly(tuple("False", "Starting", "second"));
  }

  @ParameterizedTest(name = "from {0} to {1}: {2}")
  @CsvSource({
    "True, True, 2026-01-01T00:00:00Z",
    "False, False, 2026-01-01T00:00:00Z",
    "Unknown, Unknown, 2026-01-01T00:00:00Z",
    "True, False, 2026-01-02T03:04:05Z",
    "False, True, 2026-01-02T03:04:05Z",
    "True, Unknown, 2026-01-02T03:04:05Z",
    "Unknown, False, 2026-01-02T03:04:05Z"
  })
  void changesTransitionTimeOnlyWithTheStatus(String before, String after, String expected) {
    // Given
    StatusBuilder status = builder(condition("Ready", before));

    // When: reason and message change in any case
    switch (after) {
      case "True" -> status.condition(ConditionType.READY, true, Reason.PAUSED, "another");
      case "False" -> status.failed(ConditionType.READY, new Problem(Reason.CRASHING, "another"));
      default -> status.unknown(ConditionType.READY, Reason.STARTING, "another");
    }

    // Then
    Condition ready = only(status);
    assertThat(ready.getStatus()).isEqualTo(after);
    assertThat(ready.getMessage()).isEqualTo("another");
    assertThat(ready.getLastTransitionTime()).isEqualTo(expected);
  }

  @Test
  void setsTransitionTimeOfNewConditionInWholeSeconds() {
    // Given: another condition has the same status already
    StatusBuilder status = builder(condition("Available", "True"));

    // When
    status.condition(ConditionType.READY, true, Reason.RUNNING, "set");

    // Then
    assertThat(only(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void keepsConditionWithObservedGenerationOfNow() {
    // Given
    Condition before = condition("CredentialsInSync", "True");
    StatusBuilder status = builder(before);

    // When
    status.keep(before);

    // Then
    assertThat(before.getObservedGeneration()).isEqualTo(1);
    assertThat(only(status))
        .isEqualTo(new ConditionBuilder(before).withObservedGeneration(2L).build());
  }

  @Test
  void observesGenerationOfResource() {
    // Given
    StatusBuilder status = builder();

    // When
    status.condition(ConditionType.READY, true, Reason.RUNNING, "set");

    // Then
    assertThat(status.build().observedGeneration()).isEqualTo(2);
    assertThat(only(status).getObservedGeneration()).isEqualTo(2);
  }

  @Test
  void shortensLongMessage() {
    // Given
    StatusBuilder status = builder();

    // When
    status.condition(ConditionType.READY, true, Reason.RUNNING, "x".repeat(5_000));

    // Then
    assertThat(only(status).getMessage()).hasSize(2_000).endsWith("x…");
  }

  @Test
  void omitsFieldsThatWereNotSet() {
    assertThat(builder().build())
        .isEqualTo(
            new PostgresInstanceStatus(
                2L, List.of(), null, null, null, null, null, null, null, null, null, null));
  }

  @Test
  void buildsFieldsThatWereSet() {
    // Given
    StatusBuilder status = builder();

    // When
    status.binding(new BindingStatus("orders-app"));
    status.systemIdentifier("73");
    status.server("17.6", "sha256:1");

    // Then
    assertThat(status.build())
        .isEqualTo(
            new PostgresInstanceStatus(
                2L,
                List.of(),
                null,
                new BindingStatus("orders-app"),
                null,
                "73",
                "17.6",
                "sha256:1",
                null,
                null,
                null,
                null));
  }

  /** For a resource of generation 2 whose previous status has these conditions. */
  private static StatusBuilder builder(Condition... previous) {
    PostgresInstance instance = Snapshots.of("{}").instance();
    instance.getMetadata().setGeneration(2L);
    instance.setStatus(
        new PostgresInstanceStatus(
            1L, List.of(previous), null, null, null, null, null, null, null, null, null, null));
    return new StatusBuilder(instance, Optional.empty(), NOW);
  }

  private static Condition condition(String type, String status) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason("Running")
        .withMessage("before")
        .withObservedGeneration(1L)
        .withLastTransitionTime(BEFORE)
        .build();
  }

  private static Condition only(StatusBuilder status) {
    List<Condition> conditions = status.build().conditions();
    assertThat(conditions).hasSize(1);
    return conditions.getFirst();
  }
}
