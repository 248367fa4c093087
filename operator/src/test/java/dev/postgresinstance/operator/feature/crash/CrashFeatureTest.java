package dev.postgresinstance.operator.feature.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrashFeatureTest {

  private static final Instant START = Instant.parse("2026-01-02T03:00:00Z");
  private static final Instant CRASH = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant NOW = CRASH.plusSeconds(5);
  private static final CrashStatus FIRST = new CrashStatus(1, "2026-01-02T03:04:05Z");

  private final Snapshot served =
      Snapshots.with(Snapshots.initialized(), Pods.started(Snapshots.initialized()));

  @ParameterizedTest
  @ValueSource(longs = {-20, 0, 7, 10_000})
  void reportsNothingForServerThatHasOnlyStarted(long millis) {
    // When
    PostgresInstanceStatus status = Statuses.of(served, since(START.plusMillis(millis)), NOW);

    // Then
    assertThat(status.crashes()).isNull();
    assertThat(status.condition(ConditionType.RECENT_CRASH)).isEmpty();
  }

  @Test
  void reportsCrashWithCauseAndRemedyWhileInstanceIsReady() {
    // When
    PostgresInstanceStatus status = Statuses.of(served, since(CRASH), NOW);

    // Then
    assertThat(status.crashes()).isEqualTo(FIRST);
    assertThat(message(status))
        .contains("PostgreSQL ended all sessions and recovered at 2026-01-02T03:04:05Z.")
        .contains("the node ran out of memory", "Set resources.requests.memory")
        .endsWith("kubectl logs -n shop orders-0 -c postgres | grep -A 1 'terminated by signal'");
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
  }

  @Test
  void blamesLimitWhereThereIsOne() {
    // Given
    Snapshot limited = Snapshots.withSpec(served, "resources: {limits: {memory: 1Gi}}");

    // When
    PostgresInstanceStatus status = Statuses.of(limited, since(CRASH), NOW);

    // Then
    assertThat(message(status))
        .contains(
            "it used more memory than spec.resources.limits.memory allows. Raise the limit, or"
                + " lower shared_buffers, work_mem or max_connections in spec.parameters.")
        .doesNotContain("node");
  }

  @Test
  void countsSameCrashOnceAndKeepsTimeOfTransition() {
    // Given
    Snapshot written = Statuses.written(served, since(CRASH), NOW);

    // When
    PostgresInstanceStatus again = Statuses.of(written, since(CRASH), NOW.plusSeconds(60));

    // Then
    assertThat(again).isEqualTo(written.instance().getStatus());
  }

  @Test
  void newOperatorProcessNeitherForgetsNorRepeatsCrash() {
    // Given
    Snapshot written = Statuses.written(served, since(CRASH), NOW);
    Snapshot restarted = Statuses.written(written, new Pending(), NOW.plusSeconds(60));

    // When
    PostgresInstanceStatus status = Statuses.of(restarted, since(CRASH), NOW.plusSeconds(61));

    // Then
    for (PostgresInstanceStatus next : List.of(restarted.instance().getStatus(), status)) {
      assertThat(next.crashes()).isEqualTo(FIRST);
      assertThat(next.condition(ConditionType.RECENT_CRASH))
          .isEqualTo(written.instance().getStatus().condition(ConditionType.RECENT_CRASH));
    }
  }

  @Test
  void countsNextCrash() {
    // Given
    Snapshot written = Statuses.written(served, since(CRASH), NOW);

    // When
    PostgresInstanceStatus status =
        Statuses.of(written, since(CRASH.plusSeconds(30)), NOW.plusSeconds(30));

    // Then
    assertThat(status.crashes()).isEqualTo(new CrashStatus(2, "2026-01-02T03:04:35Z"));
    assertThat(message(status)).contains("at 2026-01-02T03:04:35Z (crash 2 of this instance)");
  }

  @Test
  void removesConditionAfterAnHourAndKeepsCount() {
    // Given
    Snapshot written = Statuses.written(served, since(CRASH), NOW);

    // When
    PostgresInstanceStatus status =
        Statuses.of(written, since(CRASH), CRASH.plus(Duration.ofMinutes(60)));

    // Then
    assertThat(status.condition(ConditionType.RECENT_CRASH)).isEmpty();
    assertThat(status.crashes()).isEqualTo(FIRST);
  }

  @Test
  void reportsOldCrashOnceThatHappenedWithoutOperator() {
    // Given
    Instant later = CRASH.plus(Duration.ofDays(2));

    // When
    Snapshot written = Statuses.written(served, since(CRASH), later);

    // Then
    assertThat(message(written.instance().getStatus())).contains("2026-01-02T03:04:05Z");
    assertThat(Statuses.of(written, since(CRASH), later).condition(ConditionType.RECENT_CRASH))
        .isEmpty();
  }

  @Test
  void keepsCountOfFormerContainer() {
    // Given
    Snapshot written = Statuses.written(served, since(CRASH), NOW);

    // When: the next server has not crashed
    ProcessStarts next = new ProcessStarts(NOW, NOW.plusMillis(7));
    PostgresInstanceStatus status =
        Statuses.of(written, loggedIn(Optional.of(next)), NOW.plusSeconds(60));

    // Then
    assertThat(status.crashes()).isEqualTo(FIRST);
    assertThat(status.condition(ConditionType.RECENT_CRASH)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"1, yesterday", "1,", ",", ", 2026-01-02T03:04:05Z"})
  void toleratesStatusThatNoOperatorHasWritten(Integer count, String lastTime) {
    // Given
    PostgresInstanceStatus status = Statuses.of(served, since(CRASH), NOW);
    Snapshot edited =
        Snapshots.withStatus(
            served,
            new PostgresInstanceStatus(
                status.observedGeneration(),
                status.conditions(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new CrashStatus(count, lastTime),
                null,
                null));

    // Then
    assertThat(Statuses.of(edited, new Pending(), NOW).condition(ConditionType.RECENT_CRASH))
        .isEmpty();
    assertThat(Statuses.of(edited, since(CRASH), NOW).crashes().lastTime())
        .isEqualTo(FIRST.lastTime());
  }

  private static LoginResult since(Instant checkpointer) {
    return loggedIn(Optional.of(new ProcessStarts(START, checkpointer)));
  }

  private static LoginResult loggedIn(Optional<ProcessStarts> found) {
    return new LoggedIn(
        "17.6",
        found
            .map(starts -> ServerFindings.NONE.with(CrashTask.PROCESS_STARTS, starts))
            .orElse(ServerFindings.NONE));
  }

  private static String message(PostgresInstanceStatus status) {
    return status.condition(ConditionType.RECENT_CRASH).map(Condition::getMessage).orElseThrow();
  }
}
