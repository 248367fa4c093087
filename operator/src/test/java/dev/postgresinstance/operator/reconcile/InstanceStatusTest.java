package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the parts of the status are put together; what each part says is tested with its class. */
class InstanceStatusTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();
  private static final LoginResult UNREACHABLE = new Unreachable("Connection refused");

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot served = Snapshots.initialized();

  @Test
  void keepsPreviousStatusOfInstanceThatCannotBeRead() {
    // Given
    Snapshot snapshot = Snapshots.withPublishedPassword(pod(Pods.started(served)));
    PostgresInstanceStatus before = Statuses.of(snapshot, LOGGED_IN, NOW);
    PostgresInstance instance = snapshot.instance();
    instance.setStatus(before);

    // When
    PostgresInstanceStatus status =
        InstanceStatus.unread(instance, new Problem(Reason.MISSING_RIGHT, "because"), LATER);

    // Then
    assertThat(status.conditions())
        .extracting(c -> c.getType() + " " + c.getStatus() + " " + c.getReason())
        .startsWith("Ready False MissingRight")
        .contains("Reconciling True MissingRight")
        .contains("Available True Running", "CredentialsInSync True Proven")
        .doesNotHaveDuplicates();
    assertThat(status).usingRecursiveComparison().ignoringFields("conditions").isEqualTo(before);
  }

  @Test
  void isReadyAndNotAvailableWhenSuspended() {
    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.withSpec(served, "suspend: true"), PENDING, NOW);

    // Then
    assertThat(Statuses.summary(status))
        .containsExactly("Ready True Suspended", "Available False Suspended");
  }

  @Test
  void isNotReadyBeforePodOfSuspendedInstanceHasEnded() {
    // Given
    Snapshot running = pod(Pods.started(served));
    Snapshot stopping = pod(Pods.terminating(Pods.started(served)));

    // When
    List<PostgresInstanceStatus> statuses =
        Stream.of(running, stopping)
            .map(snapshot -> observed(Snapshots.withSpec(snapshot, "suspend: true"), LOGGED_IN))
            .map(observation -> Statuses.of(observation, NOW))
            .toList();

    // Then
    assertThat(statuses)
        .allSatisfy(
            status ->
                assertThat(Statuses.summary(status))
                    .containsExactly(
                        "Ready False Suspended",
                        "Available False Suspended",
                        "Reconciling True Suspended"));
  }

  @Test
  void reportsPauseTogetherWithObservedProblem() {
    // Given
    Snapshot snapshot =
        Snapshots.withSpec(
            pod(Pods.ended(served, Pods.terminated(1, "Error", ""))), "{paused: true}");

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, NOW);

    // Then
    assertThat(Statuses.summary(status))
        .containsExactly("Ready False Paused", "Available False Crashing");
    assertThat(Statuses.ready(status).getMessage()).contains("spec.paused", "exit code 1");
  }

  @Test
  void fillsAllFieldsOfRunningInstance() {
    // Given
    Snapshot snapshot =
        Snapshots.withNodes(
            served.with(
                AppSecret.desired(
                    served, new Credentials("p", true, "o", "s"), Optional.empty(), Pods.NOW)),
            "172.18.0.2");

    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN, NOW);

    // Then
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.endpoints().address()).isEqualTo("172.18.0.2:30432");
    assertThat(status.binding()).isEqualTo(new BindingStatus("orders-app"));
    assertThat(status.version()).isEqualTo("17.6");
    assertThat(status.systemIdentifier()).isEqualTo("7300000000000000001");
    assertThat(status.condition(ConditionType.INITIALIZED).orElseThrow().getMessage())
        .isEqualTo(
            "The data of PostgreSQL 17 with the system identifier"
                + " 7300000000000000001 is recorded.");
    assertThat(Statuses.ready(status).getMessage())
        .isEqualTo("A login as app to database app through Service orders succeeded.");
    assertThat(Statuses.ready(status).getObservedGeneration()).isEqualTo(1);
    assertThat(Statuses.ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void omitsFieldsThatAreNotKnownYet() {
    // When
    PostgresInstanceStatus status = Statuses.of(fresh, PENDING, NOW);

    // Then
    assertThat(status.endpoints()).isNull();
    assertThat(status.binding()).isNull();
    assertThat(status.version()).isNull();
  }

  @Test
  void reportsProblemOfReconciliationBeforeProblemOfPod() {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.waiting(served, "ErrImagePull", "not found")),
            PENDING,
            List.of(new Problem(Reason.CONFLICT, "not ours")),
            List.of());

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Conflict");
    assertThat(Statuses.ready(status).getMessage())
        .startsWith("not ours\n")
        .contains("cannot pull the image");
  }

  @Test
  void leavesWorkingServerAvailableWhenSpecIsNotInForce() {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.started(served)),
            LOGGED_IN,
            List.of(new Problem(Reason.CONFLICT, "not ours")),
            List.of());

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isFalse();
    assertThat(status.condition(ConditionType.AVAILABLE))
        .hasValueSatisfying(available -> assertThat(available.getStatus()).isEqualTo("True"));
  }

  @ParameterizedTest
  @EnumSource(names = {"PENDING_RESTART", "DATA_AT_RISK"})
  void reportsNoteInItsOwnConditionOnly(ConditionType type) {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.started(served)),
            LOGGED_IN,
            List.of(new Problem(type, Reason.RESTART_REQUIRED, "because")),
            List.of());

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(status.condition(type))
        .hasValueSatisfying(
            condition -> {
              assertThat(condition.getStatus()).isEqualTo("True");
              assertThat(condition.getMessage()).isEqualTo("because");
            });
  }

  @Test
  void appendsNotesToMessageOfReady() {
    // Given
    Observation observation =
        new Observation(pod(Pods.started(served)), LOGGED_IN, List.of(), List.of("One.", "Two."));

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(Statuses.ready(status).getMessage()).endsWith("succeeded. One. Two.");
  }

  @Test
  void reportsServerThatDoesNotRunBeforeNodePort() {
    // Given
    Problem taken =
        new Problem(ConditionType.EXTERNAL_ACCESS_READY, Reason.NODE_PORT_UNAVAILABLE, "taken");
    Snapshot noImage = pod(Pods.waiting(served, "ErrImagePull", "not found"));
    Snapshot noData =
        pod(Pods.backingOff(served, Pods.terminated(1, "Error", "DataMissing: it is empty.")));

    // When
    List<PostgresInstanceStatus> statuses =
        Stream.of(noImage, noData)
            .map(snapshot -> new Observation(snapshot, PENDING, List.of(taken), List.of()))
            .map(observation -> Statuses.of(observation, NOW))
            .toList();

    // Then
    assertThat(Statuses.summary(statuses.get(0)))
        .containsExactly(
            "Ready False ImageUnavailable",
            "Available False ImageUnavailable",
            "Reconciling True ImageUnavailable");
    assertThat(Statuses.summary(statuses.get(1)))
        .containsExactly(
            "Ready False DataMissing", "Available False DataMissing", "Stalled True DataMissing");
    assertThat(statuses)
        .allSatisfy(status -> assertThat(Statuses.ready(status).getMessage()).endsWith("taken"));
  }

  @Test
  void showsNodePortBeforeServerThatIsStarting() {
    // Given
    Problem taken =
        new Problem(ConditionType.EXTERNAL_ACCESS_READY, Reason.NODE_PORT_UNAVAILABLE, "Taken.");

    // When
    PostgresInstanceStatus status =
        Statuses.of(
            new Observation(pod(Pods.starting(served)), PENDING, List.of(taken), List.of()), NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("NodePortUnavailable");
    assertThat(Statuses.ready(status).getMessage()).isEqualTo("Taken. The server is starting.");
  }

  @Test
  void reportsNoteOnceWhileNoLoginConfirmsTheEndOfTheProblem() {
    // Given
    Snapshot started = pod(Pods.started(served));
    Problem problem = new Problem(Reason.CONFIGURING, "It is about to be loaded.");
    Observation before = new Observation(started, LOGGED_IN, List.of(problem), List.of("A note."));

    // When
    PostgresInstanceStatus status =
        Statuses.of(
            new Observation(Statuses.written(before, NOW), PENDING, List.of(), List.of("A note.")),
            LATER);

    // Then
    assertThat(Statuses.ready(status).getMessage()).isEqualTo("It is about to be loaded. A note.");
  }

  @Test
  void keepsTransitionTimeWhenOnlyTheReasonChanges() {
    // Given
    Snapshot snapshot = Statuses.written(served, PENDING, NOW);

    // When: Ready has another reason and is still False
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(snapshot, Pods.starting(snapshot)), PENDING, LATER);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
    assertThat(Statuses.ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void setsTransitionTimeWhenStatusOfConditionChanges() {
    // Given
    Snapshot snapshot = Statuses.written(served, PENDING, NOW);

    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN, LATER);

    // Then
    assertThat(Statuses.ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:05:05Z");
  }

  @Test
  void repeatsStatusWhenNothingChanges() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, LOGGED_IN, LATER);

    // Then: an equal status is not written
    assertThat(status).isEqualTo(snapshot.instance().getStatus());
  }

  @Test
  void isNotReadyWithChangedSpecUntilLoginSucceeds() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);
    snapshot.instance().getMetadata().setGeneration(2L);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, LATER);

    // Then
    assertThat(Statuses.ready(status).getStatus()).isEqualTo("False");
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Configuring");
    assertThat(Statuses.ready(status).getObservedGeneration()).isEqualTo(2);
    assertThat(Statuses.isTrue(status, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void keepsPreviousProblemOfWorkingServerUntilNextLogin() {
    // Given
    Snapshot started = pod(Pods.started(served));
    Problem problem = new Problem(Reason.CONFIGURING, "It is about to be loaded.");
    Snapshot snapshot =
        Statuses.written(new Observation(started, LOGGED_IN, List.of(problem), List.of()), NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, LATER);

    // Then
    assertThat(Statuses.ready(status).getStatus()).isEqualTo("False");
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Configuring");
    assertThat(status.condition(ConditionType.AVAILABLE).orElseThrow().getStatus())
        .isEqualTo("True");
  }

  @Test
  void keepsLastVersionWhenServerIsUnreachable() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, UNREACHABLE, LATER);

    // Then
    assertThat(status.version()).isEqualTo("17.6");
  }

  @Test
  void ignoresConditionsOfOtherWriters() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);
    PostgresInstanceStatus written = snapshot.instance().getStatus();
    Condition foreign =
        new ConditionBuilder(Statuses.ready(written))
            .withType("Foreign")
            .withStatus("False")
            .build();
    snapshot
        .instance()
        .setStatus(
            new PostgresInstanceStatus(
                1L,
                Stream.concat(Stream.of(foreign), written.conditions().stream()).toList(),
                written.endpoints(),
                written.binding(),
                written.storage(),
                written.systemIdentifier(),
                written.version(),
                written.imageID(),
                written.passwordRotation(),
                written.crashes(),
                null,
                null));

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, LATER);

    // Then
    assertThat(Statuses.ready(status)).isEqualTo(Statuses.ready(written));
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }

  private static Observation observed(Snapshot snapshot, LoginResult login) {
    return new Observation(snapshot, login, List.of(), List.of());
  }
}
