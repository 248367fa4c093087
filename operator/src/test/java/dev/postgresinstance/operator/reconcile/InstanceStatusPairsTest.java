package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two problems at once, for each pair of reasons: which one decides, and that both are reported.
 */
class InstanceStatusPairsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  /** The reasons that prevent Ready: of two, the first one in this list decides. */
  private static final List<Reason> MOST_SEVERE_FIRST =
      List.of(
          // A person is needed: nothing is changed, no server runs, the spec is not in force.
          Reason.SPEC_DOES_NOT_MATCH_DATA,
          Reason.CLAIM_TERMINATING,
          Reason.CONFLICT,
          Reason.SPEC_NOT_UNDERSTOOD,
          Reason.IMAGE_DOES_NOT_FIT,
          Reason.INITIALIZATION_FAILED,
          Reason.DATA_MISSING,
          Reason.DATA_CORRUPT,
          Reason.VOLUME_OF_ANOTHER_INSTANCE,
          Reason.VOLUME_ACCESS_DENIED,
          Reason.IMAGE_REFUSED,
          Reason.PARAMETER_REFUSED,
          Reason.OBJECT_IMMUTABLE,
          Reason.OPERATOR_LOCKED_OUT,
          // It may end by itself.
          Reason.PASSWORD_SECRET_INVALID,
          Reason.MISSING_RIGHT,
          Reason.INTERNAL_ERROR,
          Reason.API_ERROR,
          Reason.UNSCHEDULABLE,
          Reason.QUOTA_EXCEEDED,
          Reason.POD_REFUSED,
          Reason.POD_TERMINATING,
          Reason.NODE_LOST,
          Reason.IMAGE_UNAVAILABLE,
          Reason.CRASHING,
          Reason.OUT_OF_MEMORY,
          Reason.VOLUME_LOCKED,
          Reason.CLAIM_PENDING,
          Reason.VOLUME_UNAVAILABLE,
          Reason.LOGIN_REFUSED,
          Reason.DATABASE_MISSING,
          Reason.TOO_MANY_CONNECTIONS,
          Reason.OPERATOR_CANNOT_CONNECT,
          Reason.RESTORE_FAILED,
          Reason.COMMITS_BLOCKED,
          Reason.DISK_FULL,
          Reason.SUPERUSER_REFUSED,
          Reason.CERTIFICATE_NOT_SERVED,
          Reason.TLS_SECRET_INVALID,
          Reason.NODE_PORT_UNAVAILABLE,
          // Mere progress.
          Reason.CREATING,
          Reason.STARTING,
          Reason.RECOVERING,
          Reason.RESIZING,
          Reason.RESTORING,
          Reason.REPLAYING,
          Reason.CONFIGURING,
          Reason.LOAD_BALANCER_PENDING);

  private final Snapshot served = Snapshots.initialized();

  static Stream<Arguments> pairs() {
    return MOST_SEVERE_FIRST.stream()
        .flatMap(
            first ->
                MOST_SEVERE_FIRST.stream()
                    .skip(MOST_SEVERE_FIRST.indexOf(first) + 1L)
                    .map(second -> Arguments.of(first, second)));
  }

  @ParameterizedTest(name = "{0} before {1}")
  @MethodSource("pairs")
  void moreSevereProblemDecidesAndBothAreReported(Reason moreSevere, Reason lessSevere) {
    // Given
    Problem first = reported(moreSevere).orElseThrow();
    Problem second = reported(lessSevere).orElseThrow();

    for (List<Problem> problems : List.of(List.of(first, second), List.of(second, first))) {
      // When
      PostgresInstanceStatus status = Statuses.of(observed(problems), NOW);

      // Then
      Condition ready = Statuses.ready(status);
      assertThat(ready.getStatus()).isEqualTo("False");
      assertThat(ready.getReason()).isEqualTo(moreSevere.word());
      assertThat(ready.getMessage()).isEqualTo(first.message() + " " + second.message());
      ConditionType expected =
          moreSevere.needsPerson() || lessSevere.needsPerson()
              ? ConditionType.STALLED
              : ConditionType.RECONCILING;
      assertThat(status.conditions())
          .filteredOn(c -> List.of("Stalled", "Reconciling").contains(c.getType()))
          .extracting(c -> c.getType() + " " + c.getReason())
          .containsExactly(expected.type() + " " + moreSevere.word());
    }
  }

  @Test
  void pairsContainEachReasonThatPreventsReady() {
    assertThat(MOST_SEVERE_FIRST)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Reason.values())
                .filter(r -> reported(r).filter(Problem::preventsReady).isPresent())
                .toList());
  }

  /** The problem as a feature reports it; empty for a reason that reports no problem. */
  private static Optional<Problem> reported(Reason reason) {
    return switch (reason) {
      // A suspended instance has its own tests.
      case RUNNING,
          SUSPENDED,
          PAUSED,
          VOLUME_READY,
          DATA_RECORDED,
          PROVEN,
          CERTIFICATE_SERVED,
          ARCHIVING,
          ARCHIVE_STARTING,
          ARCHIVE_STOPPED,
          STORE_UNAVAILABLE,
          WAL_SPACE_LOW,
          RESTORE_REFUSED,
          RESTORE_COMPLETED,
          BACKUP_COMPLETED,
          BACKUP_PENDING,
          BACKUP_RUNNING,
          BACKUP_FAILED,
          VERIFICATION_FAILED,
          GRANTED ->
          Optional.empty();
      case CREATING,
          STARTING,
          RECOVERING,
          UNSCHEDULABLE,
          QUOTA_EXCEEDED,
          POD_REFUSED,
          POD_TERMINATING,
          NODE_LOST,
          IMAGE_UNAVAILABLE,
          IMAGE_DOES_NOT_FIT,
          CRASHING,
          OUT_OF_MEMORY,
          INITIALIZATION_FAILED,
          DATA_MISSING,
          DATA_CORRUPT,
          VOLUME_OF_ANOTHER_INSTANCE,
          VOLUME_ACCESS_DENIED,
          VOLUME_LOCKED,
          CLAIM_PENDING,
          VOLUME_UNAVAILABLE,
          RESIZING,
          LOGIN_REFUSED,
          DATABASE_MISSING,
          TOO_MANY_CONNECTIONS,
          OPERATOR_CANNOT_CONNECT,
          RESTORING,
          REPLAYING,
          RESTORE_FAILED ->
          problem(ConditionType.AVAILABLE, reason);
      case SPEC_DOES_NOT_MATCH_DATA,
          CLAIM_TERMINATING,
          CONFLICT,
          SPEC_NOT_UNDERSTOOD,
          PASSWORD_SECRET_INVALID,
          MISSING_RIGHT,
          INTERNAL_ERROR,
          API_ERROR ->
          problem(ConditionType.READY, reason).map(problem -> problem.ranked(Rank.STOPPED));
      case IMAGE_REFUSED,
          PARAMETER_REFUSED,
          OBJECT_IMMUTABLE,
          SUPERUSER_REFUSED,
          COMMITS_BLOCKED,
          CONFIGURING ->
          problem(ConditionType.READY, reason);
      case OPERATOR_LOCKED_OUT ->
          problem(ConditionType.READY, reason)
              .map(problem -> problem.ranked(Rank.OPERATOR_LOCKED_OUT));
      case NODE_PORT_UNAVAILABLE, LOAD_BALANCER_PENDING ->
          problem(ConditionType.EXTERNAL_ACCESS_READY, reason);
      case DISK_FULL, NEARLY_FULL, RESIZE_REFUSED -> problem(ConditionType.STORAGE_READY, reason);
      case CERTIFICATE_NOT_SERVED, TLS_SECRET_INVALID ->
          problem(ConditionType.CERTIFICATE_READY, reason);
      case RESTART_REQUIRED -> problem(ConditionType.PENDING_RESTART, reason);
      case UNSAFE_PARAMETERS, COLLATION_VERSION_MISMATCH ->
          problem(ConditionType.DATA_AT_RISK, reason);
      case SUPERUSERS_FOUND -> problem(ConditionType.OTHER_SUPERUSERS, reason);
      case PROCESS_CRASHED -> problem(ConditionType.RECENT_CRASH, reason);
    };
  }

  private static Optional<Problem> problem(ConditionType condition, Reason reason) {
    return Optional.of(new Problem(condition, reason, "The cause is " + reason.word() + "."));
  }

  private Observation observed(List<Problem> problems) {
    return new Observation(
        Snapshots.with(served, Pods.started(served)),
        new LoggedIn("17.6", ServerFindings.NONE),
        problems,
        List.of());
  }
}
