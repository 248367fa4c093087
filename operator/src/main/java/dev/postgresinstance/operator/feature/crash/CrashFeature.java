package dev.postgresinstance.operator.feature.crash;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reports that PostgreSQL has ended all sessions because one of its processes crashed. */
public final class CrashFeature implements Feature {

  /** How long the condition reports a crash. */
  private static final Duration REPORTED_FOR = Duration.ofHours(1);

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new CrashTask());
  }

  /**
   * Counts a crash whose time the previous status does not have. Such a crash is reported once even
   * if it is old, because no operator ran.
   */
  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Optional<CrashStatus> before =
        status
            .previous()
            .get(PostgresInstanceStatus::crashes)
            .filter(crash -> crash.count() != null && crash.lastTime() != null);
    Optional<String> last = before.map(CrashStatus::lastTime);
    Optional<CrashStatus> added =
        observation
            .findings()
            .get(CrashTask.PROCESS_STARTS)
            .flatMap(ProcessStarts::lastCrash)
            .map(Instant::toString)
            .filter(time -> !last.equals(Optional.of(time)))
            .map(time -> new CrashStatus(1 + before.map(CrashStatus::count).orElse(0), time));
    Optional<CrashStatus> crashes = added.or(() -> before);
    status.crashes(crashes.orElse(null));
    crashes
        .filter(crash -> added.isPresent() || isRecent(crash, now))
        .ifPresent(
            crash ->
                status.condition(
                    ConditionType.RECENT_CRASH,
                    true,
                    Reason.PROCESS_CRASHED,
                    CrashProblems.message(observation.snapshot().instance(), crash)));
  }

  private static boolean isRecent(CrashStatus crash, Instant now) {
    try {
      return Instant.parse(crash.lastTime()).plus(REPORTED_FOR).isAfter(now);
    } catch (DateTimeException e) { // not written by this operator
      return false;
    }
  }
}
