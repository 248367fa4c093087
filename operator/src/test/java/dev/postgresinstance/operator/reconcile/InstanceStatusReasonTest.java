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
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each reason, with an observation that causes it. */
class InstanceStatusReasonTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();
  private static final LoginResult UNREACHABLE = new Unreachable("Connection refused");
  private static final LoginResult REJECTED =
      new LoginRejected(
          "28P01", "FATAL: password authentication failed for user \"app\"", ServerFindings.NONE);

  private static final ServerFindings LOCKED_OUT = ServerFindings.NONE.lockedOut("FATAL: no");

  private final Snapshot served = Snapshots.initialized();

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "RESTART_REQUIRED",
        "UNSAFE_PARAMETERS",
        "VOLUME_READY",
        "RESIZE_REFUSED",
        "NEARLY_FULL",
        "GRANTED",
        "PROVEN",
        "CERTIFICATE_SERVED",
        "DATA_RECORDED",
        "SUPERUSERS_FOUND",
        "PROCESS_CRASHED",
        "ARCHIVING",
        "ARCHIVE_STARTING",
        "ARCHIVE_STOPPED",
        "STORE_UNAVAILABLE",
        "WAL_SPACE_LOW",
        "RESTORE_REFUSED",
        "RESTORE_COMPLETED",
        "BACKUP_COMPLETED",
        "BACKUP_PENDING",
        "BACKUP_RUNNING",
        "BACKUP_FAILED",
        "VERIFICATION_FAILED"
      })
  void reportsEveryReasonAsReasonOfReady(Reason reason) {
    // Given
    Observation observation = observation(reason);

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    Condition ready = Statuses.ready(status);
    assertThat(ready.getType()).isEqualTo("Ready");
    assertThat(ready.getReason()).isEqualTo(reason.word());
    boolean good = Set.of(Reason.RUNNING, Reason.SUSPENDED, Reason.PAUSED).contains(reason);
    assertThat(ready.getStatus()).isEqualTo(good ? "True" : "False");
    assertThat(ready.getMessage()).isNotBlank();
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isEqualTo(good);
  }

  @ParameterizedTest
  @EnumSource
  void reportsStalledWhenReasonNeedsPerson(Reason reason) {
    // Given
    Observation observation = observation(reason);

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(status.condition(ConditionType.STALLED).map(Condition::getReason))
        .isEqualTo(reason.needsPerson() ? Optional.of(reason.word()) : Optional.empty());
  }

  /** Has no default case, so that a new reason does not compile without an observation. */
  private Observation observation(Reason reason) {
    return switch (reason) {
      case RUNNING,
          GRANTED,
          PROVEN,
          CERTIFICATE_SERVED,
          DATA_RECORDED,
          SUPERUSERS_FOUND,
          PROCESS_CRASHED,
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
          VERIFICATION_FAILED ->
          observed(pod(Pods.started(served)), LOGGED_IN);
      case SUSPENDED -> observed(Snapshots.withSpec(served, "suspend: true"), PENDING);
      case PAUSED ->
          observed(Snapshots.withSpec(pod(Pods.started(served)), "paused: true"), LOGGED_IN);
      case CREATING -> observed(served, PENDING);
      case STARTING -> observed(pod(Pods.starting(served)), PENDING);
      case UNSCHEDULABLE ->
          observed(pod(Pods.unscheduled(served, "0/1 nodes are available")), PENDING);
      case CLAIM_PENDING ->
          observed(pod(Pods.unscheduled(served, "unbound PersistentVolumeClaims")), PENDING);
      case IMAGE_UNAVAILABLE ->
          observed(pod(Pods.waiting(served, "ErrImagePull", "not found")), PENDING);
      case CRASHING -> observed(pod(Pods.ended(served, Pods.terminated(1, "Error", ""))), PENDING);
      case OUT_OF_MEMORY ->
          observed(pod(Pods.ended(served, Pods.terminated(137, "OOMKilled", ""))), PENDING);
      case RECOVERING ->
          observed(
              pod(Pods.started(served)),
              new LoginRejected(
                  "57P03", "the database system is in recovery mode", ServerFindings.NONE));
      case LOGIN_REFUSED -> observed(pod(Pods.started(served)), REJECTED);
      case OPERATOR_CANNOT_CONNECT -> observed(pod(Pods.started(served)), UNREACHABLE);
      case DATABASE_MISSING -> observed(pod(Pods.started(served)), rejected("3D000"));
      case TOO_MANY_CONNECTIONS -> observed(pod(Pods.started(served)), rejected("53300"));
      case OPERATOR_LOCKED_OUT ->
          observed(pod(Pods.started(served)), new LoggedIn("17.6", LOCKED_OUT));
      case IMAGE_DOES_NOT_FIT,
          INITIALIZATION_FAILED,
          DATA_MISSING,
          DATA_CORRUPT,
          VOLUME_OF_ANOTHER_INSTANCE,
          VOLUME_ACCESS_DENIED,
          VOLUME_LOCKED ->
          observed(
              pod(
                  Pods.backingOff(
                      served, Pods.terminated(1, "Error", reason.word() + ": because"))),
              PENDING);
      case CONFIGURING,
          IMAGE_REFUSED,
          PASSWORD_SECRET_INVALID,
          COLLATION_VERSION_MISMATCH,
          PARAMETER_REFUSED,
          COMMITS_BLOCKED,
          SPEC_DOES_NOT_MATCH_DATA,
          CLAIM_TERMINATING,
          CONFLICT,
          OBJECT_IMMUTABLE,
          SUPERUSER_REFUSED,
          CERTIFICATE_NOT_SERVED,
          TLS_SECRET_INVALID,
          NODE_PORT_UNAVAILABLE,
          LOAD_BALANCER_PENDING,
          RESTORING,
          REPLAYING,
          RESTORE_FAILED,
          API_ERROR,
          INTERNAL_ERROR,
          SPEC_NOT_UNDERSTOOD,
          MISSING_RIGHT,
          QUOTA_EXCEEDED,
          POD_REFUSED,
          POD_TERMINATING,
          NODE_LOST,
          VOLUME_UNAVAILABLE,
          RESTART_REQUIRED,
          UNSAFE_PARAMETERS,
          VOLUME_READY,
          RESIZING,
          RESIZE_REFUSED,
          NEARLY_FULL,
          DISK_FULL ->
          new Observation(
              pod(Pods.started(served)),
              LOGGED_IN,
              List.of(new Problem(reason, "because")),
              List.of());
    };
  }

  private static LoginRejected rejected(String sqlState) {
    return new LoginRejected(sqlState, "FATAL: no", ServerFindings.NONE);
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }

  private static Observation observed(Snapshot snapshot, LoginResult login) {
    return new Observation(snapshot, login, List.of(), List.of());
  }
}
