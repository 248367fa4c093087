package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequeueTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Snapshot SNAPSHOT = Snapshots.initialized();
  private static final StorageStatus NO_VOLUME = null;
  private static final StorageStatus VOLUME =
      new StorageStatus(
          new Quantity("1Gi"),
          new Quantity("1Gi"),
          null,
          true,
          "Delete",
          "orders-data",
          "uid",
          null);

  @ParameterizedTest
  @CsvSource({"0, 5", "29, 5", "60, 10", "89, 14.8", "180, 30", "361, 60", "100000, 60", "-5, 5"})
  void waitsLongerTheLongerNothingChanges(long seconds, double next) {
    // Given
    PostgresInstanceStatus status = unready(Reason.UNSCHEDULABLE, "No node.", NO_VOLUME);
    Instant changed = NOW.plusSeconds(1_000);

    // When
    Duration wait = Requeue.delay(status, SNAPSHOT, changed, changed.plusSeconds(seconds));

    // Then
    assertThat(wait).isCloseTo(Duration.ofMillis(Math.round(next * 1000)), Duration.ofMillis(50));
  }

  @Test
  void waitsShortlyAfterInstanceHasBecomeUnready() {
    // Given: nothing else has changed for long, or this process does not know
    PostgresInstanceStatus status = unready(Reason.NODE_LOST, "Gone.", NO_VOLUME);

    // When
    Duration wait = Requeue.delay(status, SNAPSHOT, Instant.MIN, NOW.plusSeconds(1));

    // Then
    assertThat(wait).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void looksOftenWhileAClaimIsBeingDeleted() {
    // Given
    PostgresInstanceStatus status = unready(Reason.CLAIM_TERMINATING, "Going.", VOLUME);
    Snapshot snapshot = Snapshots.initialized();
    snapshot
        .get(ObjectKey.CLAIM)
        .orElseThrow()
        .getMetadata()
        .setDeletionTimestamp("2026-01-02T03:04:05Z");

    // When
    Duration wait = Requeue.delay(status, snapshot, NOW, NOW.plusSeconds(100_000));

    // Then
    assertThat(wait).isEqualTo(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "60, 10", "100000, 15"})
  void triesOftenToReadAnInstance(long seconds, long next) {
    // Given
    PostgresInstanceStatus status = unready(Reason.MISSING_RIGHT, "Forbidden.", NO_VOLUME);

    // When
    Duration wait = Requeue.delayIfUnread(status, NOW.plusSeconds(seconds));

    // Then
    assertThat(wait).isEqualTo(Duration.ofSeconds(next));
  }

  @Test
  void reconcilesReadyInstanceOnceAMinute() {
    // Given
    PostgresInstanceStatus status = status(true, Reason.RUNNING, "", VOLUME);

    // When
    Duration wait = Requeue.delay(status, SNAPSHOT, NOW, NOW.plusSeconds(100));

    // Then
    assertThat(wait).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void holdsNewVolumeBackDuringFirst30SecondsOfStart() {
    // Given
    PostgresInstanceStatus before = unready(Reason.STARTING, "It starts.", NO_VOLUME);
    PostgresInstanceStatus status = unready(Reason.STARTING, "It starts.", VOLUME);

    // Then
    assertThat(Requeue.shouldWrite(before, status, NOW.plusSeconds(29))).isFalse();
    assertThat(Requeue.shouldWrite(before, status, NOW.plusSeconds(30))).isTrue();
  }

  @Test
  void writesEveryOtherChangeAtOnce() {
    // Given
    PostgresInstanceStatus before = unready(Reason.STARTING, "It starts.", NO_VOLUME);

    // Then
    assertThat(Requeue.shouldWrite(null, before, NOW)).isTrue();
    assertThat(Requeue.shouldWrite(before, before, NOW)).isFalse();
    assertThat(Requeue.shouldWrite(before, unready(Reason.STARTING, "It waits.", NO_VOLUME), NOW))
        .isTrue();
    assertThat(Requeue.shouldWrite(before, unready(Reason.CREATING, "It starts.", NO_VOLUME), NOW))
        .isTrue();
    assertThat(Requeue.shouldWrite(before, status(true, Reason.RUNNING, "", VOLUME), NOW)).isTrue();
    assertThat(
            Requeue.shouldWrite(
                unready(Reason.QUOTA_EXCEEDED, "No.", NO_VOLUME),
                unready(Reason.QUOTA_EXCEEDED, "No.", VOLUME),
                NOW))
        .isTrue();
  }

  private static PostgresInstanceStatus unready(
      Reason reason, String message, StorageStatus storage) {
    return status(false, reason, message, storage);
  }

  /** A status whose transition times are {@code NOW}. */
  private static PostgresInstanceStatus status(
      boolean ready, Reason reason, String message, StorageStatus storage) {
    StatusBuilder builder = new StatusBuilder(Snapshots.of("{}").instance(), Optional.empty(), NOW);
    builder.condition(ConditionType.READY, ready, reason, message);
    builder.storage(storage);
    return builder.build();
  }
}
