package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransitionsTest {

  private static final Condition READY = condition(ConditionType.READY, "True", Reason.RUNNING);
  private static final Condition STARTING =
      condition(ConditionType.READY, "False", Reason.STARTING);
  private static final Condition STORED =
      condition(ConditionType.STORAGE_READY, "True", Reason.VOLUME_READY);
  private static final Condition FULL =
      condition(ConditionType.STORAGE_READY, "False", Reason.DISK_FULL);

  @Test
  void theSameAgainIsNoNews() {
    assertThat(Transitions.of(status(READY, STORED), status(READY, STORED))).isEmpty();
  }

  @Test
  void anotherMessageIsNoNews() {
    // Given
    Condition again = new ConditionBuilder(STARTING).withMessage("still").build();

    // When
    List<EventMessage> told = Transitions.of(status(STARTING), status(again));

    // Then
    assertThat(told).isEmpty();
  }

  @Test
  void anotherReasonOfReadyIsTold() {
    assertThat(Transitions.of(status(STARTING), status(READY)))
        .containsExactly(new EventMessage(false, "Running", "because of Running"));
  }

  @Test
  void whatIsWrongIsAWarning() {
    // Given
    Condition crashing = condition(ConditionType.READY, "False", Reason.CRASHING);

    // When
    List<EventMessage> told = Transitions.of(status(READY), status(crashing));

    // Then
    assertThat(told).containsExactly(new EventMessage(true, "Crashing", "because of Crashing"));
  }

  @Test
  void thatObjectsAreBeingMadeIsToldByTheDeed() {
    // Given
    Condition creating = condition(ConditionType.READY, "False", Reason.CREATING);

    // When
    List<EventMessage> told = Transitions.of(null, status(creating));

    // Then
    assertThat(told).isEmpty();
  }

  @Test
  void aStatusOfNoGenerationIsNone() {
    // Given
    PostgresInstanceStatus none =
        new PostgresInstanceStatus(-1L, null, null, null, null, null, null, null, null);

    // When
    List<EventMessage> told = Transitions.of(none, status(STARTING, STORED));

    // Then
    assertThat(told).extracting(EventMessage::reason).containsExactly("Starting");
  }

  @Test
  void aReasonThatSeveralConditionsHaveIsToldOnce() {
    // Given
    Condition ready = condition(ConditionType.READY, "False", Reason.DISK_FULL);

    // When
    List<EventMessage> told = Transitions.of(status(READY, STORED), status(ready, FULL));

    // Then
    assertThat(told).extracting(EventMessage::reason).containsExactly("DiskFull");
  }

  @Test
  void whatReadyHasSaidBeforeIsNotRepeatedByAnotherCondition() {
    // Given
    Condition ready = condition(ConditionType.READY, "False", Reason.DISK_FULL);

    // When
    List<EventMessage> told = Transitions.of(status(ready, STORED), status(ready, FULL));

    // Then
    assertThat(told).isEmpty();
  }

  @Test
  void aConditionThatIsGoodAgainIsTold() {
    assertThat(Transitions.of(status(READY, FULL), status(READY, STORED)))
        .extracting(EventMessage::reason)
        .containsExactly("VolumeReady");
  }

  @Test
  void aConditionThatIsGoodFromTheBeginningIsNoNews() {
    assertThat(Transitions.of(status(READY), status(READY, STORED))).isEmpty();
  }

  @Test
  void whatNobodyKnowsIsNoNews() {
    // Given
    Condition unknown = condition(ConditionType.CREDENTIALS_IN_SYNC, "Unknown", Reason.STARTING);

    // When
    List<EventMessage> told = Transitions.of(status(READY), status(READY, unknown));

    // Then
    assertThat(told).isEmpty();
  }

  @Test
  void aConditionThatIsThereOnlyWhenTrueIsTold() {
    // Given
    Condition waits = condition(ConditionType.PENDING_RESTART, "True", Reason.RESTART_REQUIRED);

    // When
    List<EventMessage> told = Transitions.of(status(READY), status(READY, waits));

    // Then
    assertThat(told)
        .containsExactly(new EventMessage(false, "RestartRequired", "because of RestartRequired"));
  }

  @Test
  void aVolumeThatHasGrownIsTold() {
    // When
    List<EventMessage> told = Transitions.of(sized("1Gi"), sized("2Gi"));

    // Then
    assertThat(told)
        .containsExactly(
            new EventMessage(false, "VolumeGrown", "The volume has grown from 1Gi to 2Gi."));
  }

  @Test
  void aLongMessageIsCutToWhatTheApiTakes() {
    // When
    EventMessage message = new EventMessage(true, "Crashing", "x".repeat(5_000));

    // Then
    assertThat(message.message()).hasSize(1_000).endsWith("…");
  }

  private static PostgresInstanceStatus status(Condition... conditions) {
    return new PostgresInstanceStatus(
        1L, Arrays.asList(conditions), null, null, null, null, null, null, null);
  }

  private static PostgresInstanceStatus sized(String actual) {
    StorageStatus storage =
        new StorageStatus(new Quantity("2Gi"), new Quantity(actual), null, null, null);
    return new PostgresInstanceStatus(
        1L, List.of(READY), null, null, storage, null, null, null, null);
  }

  private static Condition condition(ConditionType type, String status, Reason reason) {
    return new ConditionBuilder()
        .withType(type.type())
        .withStatus(status)
        .withReason(reason.word())
        .withMessage("because of " + reason.word())
        .build();
  }
}
