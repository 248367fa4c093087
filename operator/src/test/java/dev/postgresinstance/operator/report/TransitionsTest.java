package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
  void causesNoEventWhenNothingChanges() {
    assertThat(Transitions.of(status(READY, STORED), status(READY, STORED))).isEmpty();
  }

  @Test
  void causesNoEventWhenOnlyTheMessageChanges() {
    // Given
    Condition again = new ConditionBuilder(STARTING).withMessage("still").build();

    // When
    List<EventMessage> events = Transitions.of(status(STARTING), status(again));

    // Then
    assertThat(events).isEmpty();
  }

  @Test
  void causesNoEventWhenUnknownConditionBecomesTrue() {
    // Given
    Condition unknown = condition(ConditionType.STORAGE_READY, "Unknown", Reason.STARTING);

    // Then
    assertThat(Transitions.of(null, status(unknown))).isEmpty();
    assertThat(Transitions.of(status(READY, unknown), status(READY, STORED))).isEmpty();
  }

  /** Also when the one before had the same result. */
  @Test
  void everyVerificationCausesAnEvent() {
    // Given
    PostgresInstanceStatus first = verified("2026-01-04T05:00:00Z", true);
    PostgresInstanceStatus second = verified("2026-01-11T05:00:00Z", true);
    PostgresInstanceStatus third = verified("2026-01-18T05:00:00Z", false);

    // Then
    assertThat(Transitions.of(first, first)).isEmpty();
    assertThat(Transitions.of(first, second))
        .containsExactly(new EventMessage(false, "Verified", "PostgresBackup nightly: said."));
    assertThat(Transitions.of(second, third))
        .containsExactly(
            new EventMessage(true, "VerificationFailed", "PostgresBackup nightly: said."));
  }

  private static PostgresInstanceStatus verified(String startedAt, boolean succeeded) {
    StatusBuilder status =
        new StatusBuilder(Snapshots.of("{}").instance(), Optional.empty(), Instant.EPOCH);
    status.backup(
        new BackupStatus(
            null,
            null,
            null,
            null,
            null,
            null,
            new VerificationStatus(
                "nightly", startedAt, startedAt, succeeded, null, null, null, "said.", null),
            null,
            null,
            null,
            null));
    return status.build();
  }

  @Test
  void causesEventWhenReasonOfReadyChanges() {
    assertThat(Transitions.of(status(STARTING), status(READY)))
        .containsExactly(new EventMessage(false, "Running", "because of Running"));
  }

  @Test
  void causesWarningForProblem() {
    // Given
    Condition crashing = condition(ConditionType.READY, "False", Reason.CRASHING);

    // When
    List<EventMessage> events = Transitions.of(status(READY), status(crashing));

    // Then
    assertThat(events).containsExactly(new EventMessage(true, "Crashing", "because of Crashing"));
  }

  @Test
  void leavesCreationToEventOfTheAction() {
    // Given
    Condition creating = condition(ConditionType.READY, "False", Reason.CREATING);

    // When
    List<EventMessage> events = Transitions.of(null, status(creating));

    // Then
    assertThat(events).isEmpty();
  }

  @Test
  void treatsStatusWithoutConditionsAsNoStatus() {
    // Given
    PostgresInstanceStatus none =
        new PostgresInstanceStatus(
            -1L, null, null, null, null, null, null, null, null, null, null, null);

    // When
    List<EventMessage> events = Transitions.of(none, status(STARTING, STORED));

    // Then
    assertThat(events).extracting(EventMessage::reason).containsExactly("Starting");
  }

  @Test
  void causesWarningForEachCrashOnce() {
    // Given
    PostgresInstanceStatus first = crashed(1, "2026-01-02T03:04:05Z");
    PostgresInstanceStatus second = crashed(2, "2026-01-02T03:14:05Z");

    // Then
    assertThat(Transitions.of(status(READY), first))
        .containsExactly(new EventMessage(true, "ProcessCrashed", "because of ProcessCrashed"));
    assertThat(Transitions.of(first, first)).isEmpty();
    assertThat(Transitions.of(first, second))
        .containsExactly(new EventMessage(true, "ProcessCrashed", "because of ProcessCrashed"));
    assertThat(Transitions.of(second, status(READY))).isEmpty();
  }

  @Test
  void reportsReasonOfSeveralConditionsOnce() {
    // Given
    Condition ready = condition(ConditionType.READY, "False", Reason.DISK_FULL);

    // When
    List<EventMessage> events = Transitions.of(status(READY, STORED), status(ready, FULL));

    // Then
    assertThat(events).extracting(EventMessage::reason).containsExactly("DiskFull");
  }

  @Test
  void doesNotRepeatReasonOfReadyForAnotherCondition() {
    // Given
    Condition ready = condition(ConditionType.READY, "False", Reason.DISK_FULL);

    // When
    List<EventMessage> events = Transitions.of(status(ready, STORED), status(ready, FULL));

    // Then
    assertThat(events).isEmpty();
  }

  @Test
  void causesEventWhenConditionRecovers() {
    assertThat(Transitions.of(status(READY, FULL), status(READY, STORED)))
        .extracting(EventMessage::reason)
        .containsExactly("VolumeReady");
  }

  @Test
  void causesNoEventForConditionThatIsTrueFromTheBeginning() {
    assertThat(Transitions.of(status(READY), status(READY, STORED))).isEmpty();
  }

  @Test
  void causesNoEventForUnknownCondition() {
    // Given
    Condition unknown = condition(ConditionType.CREDENTIALS_IN_SYNC, "Unknown", Reason.STARTING);

    // When
    List<EventMessage> events = Transitions.of(status(READY), status(READY, unknown));

    // Then
    assertThat(events).isEmpty();
  }

  @Test
  void causesEventForConditionThatIsPresentOnlyWhenTrue() {
    // Given
    Condition pending = condition(ConditionType.PENDING_RESTART, "True", Reason.RESTART_REQUIRED);

    // When
    List<EventMessage> events = Transitions.of(status(READY), status(READY, pending));

    // Then
    assertThat(events)
        .containsExactly(new EventMessage(false, "RestartRequired", "because of RestartRequired"));
  }

  @Test
  void causesEventWhenVolumeHasGrown() {
    // When
    List<EventMessage> events = Transitions.of(sized("1Gi"), sized("2Gi"));

    // Then
    assertThat(events)
        .containsExactly(
            new EventMessage(false, "VolumeGrown", "The volume has grown from 1Gi to 2Gi."));
  }

  @Test
  void shortensMessageToLimitOfTheApi() {
    // When
    EventMessage message = new EventMessage(true, "Crashing", "x".repeat(5_000));

    // Then
    assertThat(message.message()).hasSize(1_000).endsWith("…");
  }

  private static PostgresInstanceStatus status(Condition... conditions) {
    return new PostgresInstanceStatus(
        1L, Arrays.asList(conditions), null, null, null, null, null, null, null, null, null, null);
  }

  private static PostgresInstanceStatus crashed(int count, String time) {
    Condition crash = condition(ConditionType.RECENT_CRASH, "True", Reason.PROCESS_CRASHED);
    return new PostgresInstanceStatus(
        1L,
        List.of(READY, crash),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        new CrashStatus(count, time),
        null,
        null);
  }

  private static PostgresInstanceStatus sized(String actual) {
    StorageStatus storage =
        new StorageStatus(
            new Quantity("2Gi"), new Quantity(actual), null, null, null, null, null, null);
    return new PostgresInstanceStatus(
        1L, List.of(READY), null, null, storage, null, null, null, null, null, null, null);
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
