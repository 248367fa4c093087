package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.sql.LoginResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LastChangeTest {

  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = START.plusSeconds(100);
  private static final LoginResult PENDING = new LoginResult.Pending();

  private final LastChange lastChange = new LastChange();

  @Test
  void firstStateCountsAsOld() {
    assertThat(lastChange.of(observation(snapshot("1"), PENDING), START)).isEqualTo(Instant.MIN);
  }

  @Test
  void sameStateIsNoChange() {
    // Given
    lastChange.of(observation(snapshot("1"), PENDING), START);

    // Then
    assertThat(lastChange.of(observation(snapshot("1"), PENDING), LATER)).isEqualTo(Instant.MIN);
  }

  @Test
  void writtenStatusIsNoChange() {
    // Given
    Snapshot snapshot = snapshot("1");
    snapshot.instance().getMetadata().setResourceVersion("1");
    lastChange.of(observation(snapshot, PENDING), START);

    // When
    snapshot.instance().getMetadata().setResourceVersion("2");

    // Then
    assertThat(lastChange.of(observation(snapshot, PENDING), LATER)).isEqualTo(Instant.MIN);
  }

  @Test
  void remembersWhenAnObjectChanged() {
    // Given
    lastChange.of(observation(snapshot("1"), PENDING), START);
    lastChange.of(observation(snapshot("2"), PENDING), LATER);

    // Then
    assertThat(lastChange.of(observation(snapshot("2"), PENDING), LATER.plusSeconds(50)))
        .isEqualTo(LATER);
  }

  @Test
  void changedSpecAnnotationAndLoginAreChanges() {
    // Given
    Snapshot snapshot = snapshot("1");
    lastChange.of(observation(snapshot, PENDING), START);

    // Then
    LoginResult unreachable = new LoginResult.Unreachable("timed out");
    assertThat(lastChange.of(observation(snapshot, unreachable), LATER)).isEqualTo(LATER);

    // And
    snapshot.instance().getMetadata().setAnnotations(Map.of("a", "b"));
    assertThat(lastChange.of(observation(snapshot, unreachable), LATER.plusSeconds(1)))
        .isEqualTo(LATER.plusSeconds(1));

    // And
    snapshot.instance().getMetadata().setGeneration(7L);
    assertThat(lastChange.of(observation(snapshot, unreachable), LATER.plusSeconds(2)))
        .isEqualTo(LATER.plusSeconds(2));
  }

  @Test
  void otherMessageOfAFailedLoginIsNoChange() {
    // Given
    lastChange.of(observation(snapshot("1"), new LoginResult.Unreachable("1 ms")), START);

    // Then
    assertThat(
            lastChange.of(observation(snapshot("1"), new LoginResult.Unreachable("2 ms")), LATER))
        .isEqualTo(Instant.MIN);
  }

  @Test
  void removedObjectIsAChange() {
    // Given
    Snapshot snapshot = snapshot("1");
    lastChange.of(observation(snapshot, PENDING), START);

    // When
    Snapshot without = new Snapshot(snapshot.instance(), Map.of(), snapshot.cluster());

    // Then
    assertThat(without.get(ObjectKey.CLAIM)).isEqualTo(Optional.empty());
    assertThat(lastChange.of(observation(without, PENDING), LATER)).isEqualTo(LATER);
  }

  /** An instance with a claim of that version. */
  private static Snapshot snapshot(String version) {
    Snapshot snapshot = Snapshots.initialized();
    snapshot.get(ObjectKey.CLAIM).orElseThrow().getMetadata().setResourceVersion(version);
    return snapshot;
  }

  private static Observation observation(Snapshot snapshot, LoginResult login) {
    return new Observation(snapshot, login, List.of(), List.of());
  }
}
